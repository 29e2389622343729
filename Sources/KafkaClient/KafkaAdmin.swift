// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CRdKafka
internal import Glibc

/// Questions about groups, whose answers come as events on a queue.
@safe struct KafkaAdmin: ~Copyable {
    private let handle: KafkaHandle
    private let queue: OpaquePointer

    init(handle: KafkaHandle) {
        self.handle = handle
        guard let queue = unsafe rd_kafka_queue_new(handle.pointer) else {
            preconditionFailure("librdkafka has no memory")
        }
        unsafe self.queue = unsafe queue
    }

    deinit { unsafe rd_kafka_queue_destroy(queue) }

    /// Runs `body` with options that end the request after `timeout` milliseconds.
    private func withOptions(
        _ operation: rd_kafka_admin_op_t,
        _ timeout: Int32,
        _ body: (OpaquePointer?) -> Void
    ) {
        let options = unsafe rd_kafka_AdminOptions_new(handle.pointer, operation)
        defer { unsafe rd_kafka_AdminOptions_destroy(options) }
        _ = unsafe rd_kafka_AdminOptions_set_request_timeout(options, timeout, nil, 0)
        unsafe body(options)
    }

    /// The cluster's groups with their states, and what kept a broker from answering.
    mutating func listGroups(
        timeout: Int32
    ) -> (groups: [KafkaSnapshot.Group], error: KafkaError?) {
        unsafe withOptions(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, timeout) {
            unsafe rd_kafka_ListConsumerGroups(handle.pointer, $0, queue)
        }
        guard let event = unsafe rd_kafka_queue_poll(queue, timeout + 200) else {
            return ([], KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT, "list groups"))
        }
        defer { unsafe rd_kafka_event_destroy(event) }
        let code = unsafe rd_kafka_event_error(event)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR,
            let result = unsafe rd_kafka_event_ListConsumerGroups_result(event)
        else { return ([], KafkaError(code, "list groups")) }
        var count = 0
        var groups: [KafkaSnapshot.Group] = []
        let list = unsafe rd_kafka_ListConsumerGroups_result_valid(result, &count)
        for index in 0..<count {
            guard let entry = unsafe list?[index] else { continue }
            let state = unsafe rd_kafka_ConsumerGroupListing_state(entry)
            unsafe groups.append(
                KafkaSnapshot.Group(
                    id: String(cString: rd_kafka_ConsumerGroupListing_group_id(entry)),
                    state: String(cString: rd_kafka_consumer_group_state_name(state))
                )
            )
        }
        let errors = unsafe rd_kafka_ListConsumerGroups_result_errors(result, &count)
        guard count > 0, let first = unsafe errors?[0] else { return (groups, nil) }
        return (groups, KafkaError(unsafe rd_kafka_error_code(first), "list groups"))
    }

    /// The committed offsets by group, all questions in flight at once.
    ///
    /// `partitions` nil asks for all that the group has.
    mutating func committed(
        _ groups: [String],
        _ partitions: [(topic: String, partition: Int32, offset: Int64)]?,
        timeout: Int32
    ) -> ([String: [KafkaSnapshot.Commit]], KafkaError?) {
        for group in groups {
            // This version takes one group a request.
            let list = PartitionList(partitions ?? [])
            var request = unsafe rd_kafka_ListConsumerGroupOffsets_new(
                group,
                partitions == nil ? nil : UnsafePointer(list.pointer)
            )
            unsafe withOptions(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, timeout) {
                unsafe rd_kafka_ListConsumerGroupOffsets(handle.pointer, &request, 1, $0, queue)
            }
            unsafe rd_kafka_ListConsumerGroupOffsets_destroy(request)
        }
        var found: [String: [KafkaSnapshot.Commit]] = [:]
        var error: KafkaError?
        for _ in groups {
            guard let event = unsafe rd_kafka_queue_poll(queue, timeout + 200) else { break }
            defer { unsafe rd_kafka_event_destroy(event) }
            let code = unsafe rd_kafka_event_error(event)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR,
                let result = unsafe rd_kafka_event_ListConsumerGroupOffsets_result(event)
            else {
                error = KafkaError(code, "committed offsets")
                continue
            }
            var count = 0
            let list = unsafe rd_kafka_ListConsumerGroupOffsets_result_groups(result, &count)
            guard count > 0, let entry = unsafe list?[0] else { continue }
            let name = unsafe String(cString: rd_kafka_group_result_name(entry))
            if let failure = unsafe rd_kafka_group_result_error(entry) {
                let code = unsafe rd_kafka_error_code(failure)
                error = KafkaError(code, "committed offsets of group \(name)")
            } else if let parts = unsafe rd_kafka_group_result_partitions(entry) {
                found[name] = unsafe commits(in: parts)
            }
        }
        return (found, error)
    }

    /// How many members the groups have, of those that the cluster can describe.
    ///
    /// A group of the newer protocol is described as dead though it lives: its members are unknown.
    mutating func members(of groups: [String], timeout: Int32) -> [String: Int] {
        guard !groups.isEmpty else { return [:] }
        var names = unsafe groups.map { unsafe UnsafePointer<CChar>(strdup($0)) }
        defer {
            while let name = unsafe names.popLast() {
                unsafe free(UnsafeMutablePointer(mutating: name))
            }
        }
        unsafe withOptions(RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, timeout) {
            unsafe rd_kafka_DescribeConsumerGroups(handle.pointer, &names, groups.count, $0, queue)
        }
        guard let event = unsafe rd_kafka_queue_poll(queue, timeout + 200) else { return [:] }
        defer { unsafe rd_kafka_event_destroy(event) }
        guard let result = unsafe rd_kafka_event_DescribeConsumerGroups_result(event) else {
            return [:]
        }
        var count = 0
        let list = unsafe rd_kafka_DescribeConsumerGroups_result_groups(result, &count)
        var found: [String: Int] = [:]
        for index in 0..<count {
            guard let entry = unsafe list?[index],
                unsafe rd_kafka_ConsumerGroupDescription_error(entry) == nil,
                unsafe rd_kafka_ConsumerGroupDescription_state(entry)
                    != RD_KAFKA_CONSUMER_GROUP_STATE_DEAD
            else { continue }
            let name = unsafe String(cString: rd_kafka_ConsumerGroupDescription_group_id(entry))
            found[name] = unsafe rd_kafka_ConsumerGroupDescription_member_count(entry)
        }
        return found
    }
}
