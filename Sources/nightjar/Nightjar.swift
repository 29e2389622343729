// SPDX-License-Identifier: Apache-2.0
// Nightjar

@main struct Nightjar {
    static func main() {}
}
