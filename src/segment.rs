//! Segmentation: body -> sentences -> tokens. It cannot fail.

use crate::span::Span;

/// One sentence: its place in the body and its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Where it stands in the body, without surrounding white space.
    pub span: Span,
    /// Its tokens, in order, not overlapping, inside `span`.
    pub tokens: Vec<Span>,
}
