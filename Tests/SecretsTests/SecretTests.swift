// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Secrets
import Testing

@Suite struct SecretTests {
    @Test func `a secret never prints itself`() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), String(describing: [secret]), dumped]
        {
            #expect(!text.contains("hunter2"))
        }
        #expect(secret.reveal() == "hunter2")
    }

    @Test(arguments: [
        ("postgresql://u:p@h:1/d?sslkey=x&b", "postgresql://u:***@h:1/d?sslkey=***&b"),
        ("http://h/a?token=1", "http://h/a?token=***"),
        ("redis://h:6379/0", "redis://h:6379/0"),
        ("host=a password=b", "host=a password=b"),
        ("http://u@h/", "http://u@h/"),
    ])
    func `passwords and query values are hidden in a URL`(url: String, expected: String) {
        #expect(redacted(url: url) == expected)
    }
}
