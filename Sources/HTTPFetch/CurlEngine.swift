// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CCurl
internal import Locking

/// One `curl_multi` and the loop that drives it.
///
/// `@unchecked Sendable`: `live` and `idle` are touched by the thread in `run` only, and of the multi
/// handle other threads call `curl_multi_wakeup` alone, which libcurl allows from any thread.
@safe final class CurlEngine: @unchecked Sendable {
    enum Command {
        case start(Transfer)
        case cancel(UInt64)
        case stop
    }

    /// `@unchecked Sendable`: it stands behind `Lock` only, where each command is handed over once.
    private struct Box: @unchecked Sendable { var commands: [Command] = [] }

    /// Connections that are kept open at most.
    private static let maxConnections = 256
    /// Handles that are kept for the next request.
    private static let maxIdle = 64

    private let inbox = Lock(Box())
    private let multi: UnsafeMutableRawPointer
    private var live: [UInt64: Transfer] = [:]
    private var idle: [UnsafeMutableRawPointer] = unsafe []

    /// libcurl's own state for the process; a global is made once, whichever thread is first.
    private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init() {
        precondition(Self.isReady, "libcurl cannot start")
        guard let multi = unsafe curl_multi_init() else { preconditionFailure("no memory") }
        unsafe self.multi = unsafe multi
        _ = unsafe nj_multi_setopt_long(multi, CURLMOPT_MAXCONNECTS, Self.maxConnections)
    }

    deinit {
        while let handle = unsafe idle.popLast() { unsafe curl_easy_cleanup(handle) }
        unsafe curl_multi_cleanup(multi)
    }

    /// Hands a command to the loop.
    func post(_ command: Command) {
        inbox.withLock { $0.commands.append(command) }
        _ = unsafe curl_multi_wakeup(multi)
    }

    /// Works until `.stop`.
    func run() {
        while true {
            let commands = inbox.withLock { box in
                defer { box.commands.removeAll(keepingCapacity: true) }
                return box.commands
            }
            for command in commands {
                switch command {
                case .start(let transfer): start(transfer)
                case .cancel(let id): cancel(id)
                case .stop:
                    for id in Array(live.keys) { cancel(id) }
                    return
                }
            }
            var running: Int32 = 0
            _ = unsafe curl_multi_perform(multi, &running)
            finishDone()
            if inbox.withLock({ !$0.commands.isEmpty }) { continue }
            _ = unsafe curl_multi_poll(multi, nil, 0, 1_000, nil)
        }
    }

    private func start(_ transfer: Transfer) {
        guard let handle = unsafe idle.popLast() ?? curl_easy_init() else {
            transfer.fail(.protocolError, "libcurl has no handle")
            return
        }
        guard unsafe transfer.configure(handle) else {
            unsafe recycle(handle)
            return
        }
        live[transfer.id] = transfer
        let code = unsafe curl_multi_add_handle(multi, handle)
        guard code == CURLM_OK else {
            live[transfer.id] = nil
            unsafe recycle(handle)
            transfer.fail(.protocolError, unsafe String(cString: curl_multi_strerror(code)))
            return
        }
    }

    private func cancel(_ id: UInt64) {
        guard let transfer = live.removeValue(forKey: id), let handle = unsafe transfer.handle
        else { return }
        _ = unsafe curl_multi_remove_handle(multi, handle)
        unsafe recycle(handle)
        transfer.fail(.cancelled, "cancelled")
    }

    private func finishDone() {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE,
                let handle = unsafe message.pointee.easy_handle
            else { continue }
            let code = unsafe nj_msg_result(message)
            var pointer: UnsafeMutablePointer<CChar>?
            _ = unsafe nj_getinfo_str(handle, CURLINFO_PRIVATE, &pointer)
            guard let pointer = unsafe pointer else { continue }
            let transfer = unsafe Transfer.from(UnsafeMutableRawPointer(pointer))
            unsafe transfer.finish(handle, code)
            _ = unsafe curl_multi_remove_handle(multi, handle)
            live[transfer.id] = nil
            unsafe recycle(handle)
        }
    }

    private func recycle(_ handle: UnsafeMutableRawPointer) {
        guard unsafe idle.count < Self.maxIdle else {
            unsafe curl_easy_cleanup(handle)
            return
        }
        unsafe curl_easy_reset(handle)
        unsafe idle.append(handle)
    }
}
