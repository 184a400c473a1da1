//! Demarche reads news articles and writes down who stands where towards whom.

pub mod annotation;
pub mod article;
pub mod entity;
pub mod eval;
pub mod mention;
pub mod position;
pub mod segment;
pub mod sink;
pub mod source;
pub mod span;
