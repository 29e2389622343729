// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Why the server refused a request, or ended it or its connection, without asking the handler.
///
/// What the library refuses before there is a request, such as a header that is too long, is not told.
public enum HTTPIncident: String, Sendable, CaseIterable {
    /// A body had two lengths, or a length and chunks: what follows may be another's request.
    case ambiguousLength = "ambiguous_length"
    /// A body was over the limit.
    case bodyTooLarge = "body_too_large"
    /// The client went away before its answer was made.
    case clientGone = "client_gone"
    /// The header did not come in time.
    case slowHeader = "slow_header"
    /// The body did not come in time.
    case slowBody = "slow_body"
    /// The answer was not read in time.
    case slowReader = "slow_reader"
}
