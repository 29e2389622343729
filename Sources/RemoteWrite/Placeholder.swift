// SPDX-License-Identifier: Apache-2.0
// Nightjar

// Remote write is not there yet; the module keeps its place in the table.
