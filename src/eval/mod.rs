//! Scoring against gold annotations.
