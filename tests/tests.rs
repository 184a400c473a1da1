//! All tests of the crate, one binary.
