// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import ConfigYAML
internal import Rules

extension RuleOptions {
    /// Decodes the section `rules`.
    init(_ mapping: MappingReader) {
        self = .standard
        resendDelay = mapping.duration("resend_delay", default: resendDelay)
        resolvedRetention = mapping.duration("resolved_retention", default: resolvedRetention)
        queryOffset = mapping.duration("query_offset", default: queryOffset)
        holdsOnSourceFailure = mapping.choice(
            "on_source_failure",
            ["hold": true, "resolve": false],
            default: holdsOnSourceFailure
        )
        mapping.finish()
    }
}
