// SPDX-License-Identifier: Apache-2.0
// Nightjar
import TestSupport
import Testing

/// The whole program on real servers, while the plug is pulled at random.
///
/// `make torture SEED=N COUNT=N` plays more.
@Suite(
    .serialized,
    .enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"),
    .enabled(if: RedisServer.isInstalled, "Redis is not installed")
)
struct TortureTests {
    @Test func `no alert is lost and nobody is told twice or falsely, whatever fails`() async throws
    {
        let seed = setting("TORTURE_SEED") ?? 1
        let run = try await TortureRun(seed: UInt64(seed))
        try await run.play(setting("TORTURE_COUNT") ?? 12)
        #expect(run.broken == [], "\(run.diary.joined(separator: "\n"))")
        #expect(!run.witness.all.isEmpty)
    }
}
