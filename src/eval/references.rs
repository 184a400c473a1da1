//! References against gold: the pronouns and nominals of an article, and whom each stands for.

use serde::Deserialize;

use super::counts::Counts;
use crate::annotation::{Annotation, WireReference};

/// A gold reference; one that stands for several things names them all.
#[derive(Debug, Deserialize)]
pub(super) struct GoldReference {
    start: usize,
    end: usize,
    text: Option<String>,
    entity: Option<usize>,
    #[serde(default)]
    entities: Vec<usize>,
}

impl GoldReference {
    fn stands_for(&self) -> impl Iterator<Item = usize> {
        self.entities.iter().copied().chain(self.entity)
    }

    /// Whether a found span is this one: the same, or, of phrases of several words, one that begins or ends with it. So "the people"
    /// is "the people of the fjords", and "his" is not "his party".
    fn is(&self, found: &WireReference<'_>) -> bool {
        let words = |text: &str| text.split_whitespace().count() > 1;
        let (begins, ends) = (self.start == found.start, self.end == found.end);
        let several = words(&found.text) && self.text.as_deref().is_none_or(words);
        (begins && ends) || (several && (begins || ends))
    }
}

/// Counts the (span, entity) of an article, where its gold has any. `same(found, gold)` says whether two entities are one.
pub(super) fn count(
    gold: &[GoldReference],
    annotation: Option<&Annotation<'_>>,
    same: impl Fn(usize, usize) -> bool,
    counts: &mut Counts,
) {
    let mut rest: Vec<(&GoldReference, usize)> =
        gold.iter().flat_map(|gold| gold.stands_for().map(move |entity| (gold, entity))).collect();
    counts.gold += rest.len();
    for found in annotation.iter().flat_map(|annotation| &annotation.references) {
        counts.found += 1;
        // Each gold row is met once.
        if let Some(met) = rest.iter().position(|(gold, entity)| gold.is(found) && same(found.entity, *entity)) {
            rest.swap_remove(met);
            counts.hits += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gold(row: &str) -> GoldReference {
        serde_json::from_str(row).unwrap()
    }

    #[test]
    fn spans_agree_by_one_edge() {
        let found = |start, end, text: &'static str| WireReference { start, end, text: text.into(), entity: 0, score: 1.0 };
        let people = gold(r#"{"start":3,"end":27,"text":"the people of the fjords","entity":0}"#);
        assert!(
            people.is(&found(3, 13, "the people"))
                && !people.is(&found(3, 6, "the"))
                && !people.is(&found(4, 13, "he people"))
        );
        let both = gold(r#"{"start":3,"end":7,"text":"they","entities":[1,2]}"#);
        assert_eq!(both.stands_for().collect::<Vec<_>>(), [1, 2]);
        assert!(both.is(&found(3, 7, "they")));
    }
}
