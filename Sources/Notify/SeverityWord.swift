// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// PagerDuty's word for a label; `error` where the label says nothing that it knows.
func severityWord(_ label: String) -> String {
    switch label.lowercased() {
    case "critical", "page", "emergency", "fatal": "critical"
    case "warning", "warn": "warning"
    case "info", "notice", "none": "info"
    default: "error"
    }
}
