// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CRdKafka
internal import Locking

/// Owns one `rd_kafka_t`.
///
/// `@unchecked Sendable`: librdkafka's handle may be used from any thread.
@safe final class KafkaHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    private let causes: KafkaCauses

    /// Makes a client of a kind.
    ///
    /// - Throws: `KafkaError` where a property is not right.
    static func open(
        _ kind: rd_kafka_type_t,
        _ properties: [(name: String, value: String)]
    ) throws(KafkaError) -> KafkaHandle {
        let configuration = unsafe rd_kafka_conf_new()
        var words = [CChar](repeating: 0, count: 512)
        for (name, value) in properties {
            let code = unsafe rd_kafka_conf_set(configuration, name, value, &words, words.count)
            guard code == RD_KAFKA_CONF_OK else {
                unsafe rd_kafka_conf_destroy(configuration)
                // librdkafka's words would repeat the value, which may be a password.
                throw KafkaError(.configuration, "Kafka property \(name): not right or not known")
            }
        }
        let causes = KafkaCauses()
        unsafe rd_kafka_conf_set_opaque(configuration, Unmanaged.passUnretained(causes).toOpaque())
        unsafe rd_kafka_conf_set_log_cb(configuration) { _, _, _, _ in }
        unsafe rd_kafka_conf_set_error_cb(configuration) { _, code, reason, opaque in
            guard let opaque = unsafe opaque else { return }
            let causes = unsafe Unmanaged<KafkaCauses>.fromOpaque(opaque).takeUnretainedValue()
            let words = unsafe reason.map { unsafe String(cString: $0) } ?? ""
            causes.take(rd_kafka_resp_err_t(code), words)
        }
        guard let pointer = unsafe rd_kafka_new(kind, configuration, &words, words.count) else {
            unsafe rd_kafka_conf_destroy(configuration)
            let text = String(
                decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
                as: UTF8.self
            )
            throw KafkaError(.configuration, "Kafka client: \(text)")
        }
        return unsafe KafkaHandle(pointer, causes)
    }

    private init(_ pointer: OpaquePointer, _ causes: KafkaCauses) {
        unsafe self.pointer = unsafe pointer
        self.causes = causes
    }

    deinit { unsafe rd_kafka_destroy(pointer) }

    /// The last cause that librdkafka told, which says more than a time-out.
    func cause() -> KafkaError? {
        _ = unsafe rd_kafka_poll(pointer, 0)
        return causes.last
    }

    /// Sets the causes that were told so far apart from those to come.
    func beginAttempt(afterSuccess isSuccess: Bool) {
        _ = unsafe rd_kafka_poll(pointer, 0)
        causes.beginAttempt(afterSuccess: isSuccess)
    }
}

/// What the error callback told.
final class KafkaCauses: Sendable {
    private struct State {
        var current: KafkaError?
        var former: KafkaError?
    }

    private let state = Lock(State())

    /// The gravest cause of this attempt, or of the one before: librdkafka is silent on repetitions.
    var last: KafkaError? { state.withLock { $0.current ?? $0.former } }

    /// Begins another attempt; after one that succeeded nothing of it counts any more.
    func beginAttempt(afterSuccess isSuccess: Bool) {
        state.withLock { state in
            state.former = isSuccess ? nil : state.current ?? state.former
            state.current = nil
        }
    }

    func take(_ code: rd_kafka_resp_err_t, _ words: String) {
        guard code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN else { return }
        var text = words
        let isLogin = code == RD_KAFKA_RESP_ERR__AUTHENTICATION
        if isLogin, text.contains("SCRAM") || text.contains("invalid credentials") {
            let version = unsafe String(cString: rd_kafka_version_str())
            text +=
                " (librdkafka \(version): SCRAM with Kafka 4.0 and newer needs librdkafka 2.6.1)"
        }
        let reason = KafkaError.Reason(code, words)
        let error = KafkaError(reason, text, code: code.rawValue)
        state.withLock { state in
            // A connection that breaks says less than a login or a handshake that failed.
            let known = state.current
            guard known == nil || known?.reason == .refused || reason != .refused else { return }
            state.current = error
        }
    }
}

/// A `rd_kafka_topic_partition_list_t` that frees itself.
@safe struct PartitionList: ~Copyable {
    let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    init(_ parts: [(topic: String, partition: Int32, offset: Int64)]) {
        guard let list = unsafe rd_kafka_topic_partition_list_new(Int32(parts.count)) else {
            preconditionFailure("librdkafka has no memory")
        }
        for part in parts {
            let entry = unsafe rd_kafka_topic_partition_list_add(list, part.topic, part.partition)
            unsafe entry?.pointee.offset = part.offset
        }
        unsafe pointer = unsafe list
    }

    deinit { unsafe rd_kafka_topic_partition_list_destroy(pointer) }

    /// The entries without an error.
    var entries: [KafkaSnapshot.Commit] { unsafe commits(in: UnsafePointer(pointer)) }
}

/// The entries of a list that have no error.
func commits(in list: UnsafePointer<rd_kafka_topic_partition_list_t>) -> [KafkaSnapshot.Commit] {
    unsafe (0..<Int(list.pointee.cnt)).compactMap { index in
        let entry = unsafe list.pointee.elems[index]
        guard unsafe entry.err == RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        return unsafe KafkaSnapshot.Commit(
            topic: String(cString: entry.topic),
            partition: entry.partition,
            offset: entry.offset
        )
    }
}
