// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Dispatch

/// Threads for tasks that may compute for long, beside those of the cooperative pool.
///
/// That pool has a thread a core. A query over a year, or a page of 64 MB, would hold one of them
/// until it is done, and with it polls, rules and messages; on threads of its own it competes for
/// the processor only, which the system shares out fairly. Give it to a task by
/// `withTaskExecutorPreference`.
public final class WorkPool: TaskExecutor {
    private let queue: DispatchQueue

    /// Makes a pool of about a thread a core; `label` names its threads for debuggers.
    ///
    /// Pools of one kind share their threads.
    public init(label: String, _ kind: Kind) {
        let quality: DispatchQoS =
            switch kind {
            case .queries: .utility
            case .polls: .userInitiated
            }
        queue = DispatchQueue(label: label, qos: quality, attributes: .concurrent)
    }

    /// What a pool is for.
    ///
    /// Dispatch keeps threads for each quality of service; only that they are
    /// not the cooperative pool's counts here, as Linux schedules all of them alike.
    public enum Kind: Sendable {
        /// Answers to people.
        case queries
        /// Pages of targets.
        case polls
    }

    /// Runs a job beside others.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = unsafe asUnownedTaskExecutor()
        queue.async { unsafe job.runSynchronously(on: executor) }
    }
}
