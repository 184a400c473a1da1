//! Which evidence stands in the actor's own direct speech.

use super::Position;
use crate::mention::Mention;
use crate::quote::Quote;
use crate::reference::Reference;

/// Marks the evidence that is direct speech of the actor: its target stands in a quotation whose speaker is the actor's entity.
///
/// `quotes` are in order, and `entity_of[m]` is the entity of mention `m`.
pub fn quoted(
    positions: &mut [Position],
    quotes: &[Quote],
    (mentions, references): (&[Mention], &[Reference]),
    entity_of: &[usize],
) {
    for position in positions {
        for told in &mut position.evidence {
            let target = told.references[1].map_or(mentions[told.target_mention].span, |number| references[number].span);
            let at = quotes.partition_point(|quote| quote.span.end <= target.start);
            let here = quotes.get(at).filter(|quote| quote.span.contains(target));
            told.quote = here.filter(|quote| entity_of[quote.speaker] == position.actor).map(|quote| quote.span);
        }
    }
}
