//! All tests that go through the program or the shipped models, in one binary.

// A test fails by a panic; that is its way to speak.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

// Helpers of the modules below.
mod support;

// The program from outside: cases as data in tests/cli/.
mod cli;
// Every kind of bad input in one run.
mod bad_input;
// The sample corpus against tests/golden/, and against the schema.
mod golden;
// The same bytes for any number of threads, the same labels for any neighbours.
mod invariance;
// The models against their Python originals.
mod reference;
// Other people's models on the default engine.
mod checkpoint;
// The engine on libtorch, and checkpoints on it.
#[cfg(feature = "torch")]
mod torch;
// The fuzzer's seeds and its findings.
mod fuzz_cases;
// Who may import what.
mod layering;
// Annotations -> tables, query and summary.
mod long_runs;
mod tables;
