//! Demarche reads news articles and writes down who stands where towards whom.

pub mod act;
pub mod annotation;
pub mod article;
pub mod ask;
pub mod engine;
pub mod entity;
pub mod eval;
pub mod export;
pub mod identity;
pub mod import;
pub mod link;
pub mod memory;
pub mod mention;
pub mod pipeline;
pub mod position;
pub mod progress;
pub mod quote;
pub mod reference;
pub mod report;
pub mod revisit;
pub mod roll_up;
pub mod run;
pub mod segment;
pub mod settings;
pub mod sink;
pub mod source;
pub mod span;
pub mod tally;
pub mod watch;

/// An error and its causes in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
