//! The wire record.
