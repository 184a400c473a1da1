//! Entities: the things behind the mentions of one article.

use crate::mention::EntityType;

/// One thing under its several names inside one article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// The name to show.
    pub name: String,
    /// What kind of thing it is.
    pub kind: EntityType,
    /// The ISO 3166 code of the country that it is, if it is one.
    pub country: Option<&'static str>,
    /// The numbers of its mentions in the article's list, ascending; never empty.
    pub mentions: Vec<usize>,
}

/// The linker.
#[derive(Default)]
pub struct Linker;
impl Linker {
    /// New.
    pub fn new() -> Self {
        Self
    }
    /// Link.
    pub fn link(&self, body: &str, mentions: &[crate::mention::Mention]) -> Vec<Entity> {
        mentions
            .iter()
            .enumerate()
            .map(|(i, m)| Entity { name: m.span.slice(body).to_owned(), kind: m.kind, country: None, mentions: vec![i] })
            .collect()
    }
}
