// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking

/// Questions from any task, taken one after the other by the one who serves them.
///
/// Nobody waits for ever: when the mailbox closes, all who still wait get no answer.
final class Mailbox<Question: Sendable, Answer: Sendable>: Sendable {
    /// A question, numbered so that its answer finds back.
    struct Letter: Sendable {
        let number: Int
        let question: Question
    }

    private struct State {
        var replies: [Int: AsyncStream<Answer>.Continuation] = [:]
        var nextNumber = 0
        var isClosed = false
    }

    private let state = Lock(State())
    private let letters: AsyncStream<Letter>
    private let inbox: AsyncStream<Letter>.Continuation

    init() { (letters, inbox) = AsyncStream.makeStream() }

    /// Puts a question and waits; nil where the mailbox closed first, or the task was cancelled.
    func ask(_ question: Question) async -> Answer? {
        let (answers, reply) = AsyncStream<Answer>.makeStream()
        let number: Int? = state.withLock { state in
            guard !state.isClosed else { return nil }
            state.nextNumber += 1
            state.replies[state.nextNumber] = reply
            return state.nextNumber
        }
        guard let number else { return nil }
        inbox.yield(Letter(number: number, question: question))
        for await answer in answers { return answer }
        return nil
    }

    /// The next question; nil when the mailbox is closed or the task cancelled.
    func next() async -> Letter? {
        for await letter in letters { return letter }
        return nil
    }

    /// Answers a question.
    func answer(_ letter: Letter, with answer: Answer) {
        guard let reply = state.withLock({ $0.replies.removeValue(forKey: letter.number) })
        else { return }
        reply.yield(answer)
        reply.finish()
    }

    /// Takes no more questions, and lets all who wait go without an answer.
    func close() {
        let waiting = state.withLock { state in
            defer { state.replies = [:] }
            state.isClosed = true
            return Array(state.replies.values)
        }
        for reply in waiting { reply.finish() }
        inbox.finish()
    }
}
