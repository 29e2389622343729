// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc

/// Milliseconds since the Unix epoch, now.
public func wallClockMilliseconds() -> Int64 {
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
}
