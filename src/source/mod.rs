//! Readers of article files.
