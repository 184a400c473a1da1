//! Gathering judgements over the article: one row an (actor, target).

use std::collections::BTreeMap;

use super::{Evidence, Judge, Judgement, Keep, Position, Stance, can_act};
use crate::mention::Mention;

impl Judge {
    /// Gathers the judgements of an article into positions, one an (actor, target), ordered by actor and target.
    ///
    /// `entity_of[m]` is the entity of mention `m`. Each sentence counts once for a pair of entities, by the strongest of its
    /// mention pairs; one told by references is as probable as that they are right and that they tell it. A sentence that says
    /// nothing of the two does not weaken one that does; where sentences speak for both stances, the more probable one is written,
    /// its score lowered by the other:
    /// with `S = 1 - Π(1 - s)` over the supporting sentences and `O` over the opposing ones, support has the score
    /// `S (1 - O) / (1 - S O)`, the probability of support given that not both hold.
    pub fn merge(self, judgements: &[Judgement], mentions: &[Mention], entity_of: &[usize], keep: Keep) -> Vec<Position> {
        let mut told: BTreeMap<(usize, usize), BTreeMap<usize, Evidence>> = BTreeMap::new();
        for judgement in judgements {
            let [first, second] = judgement.mentions;
            let [one, other] = judgement.references;
            let ways = [(first, second, [one, other]), (second, first, [other, one])];
            for ((actor, target, references), way) in ways.into_iter().zip(&judgement.ways) {
                let pair = (entity_of[actor], entity_of[target]);
                if pair.0 == pair.1 || !can_act(mentions[actor].kind) {
                    continue;
                }
                let (stance, score) = self.choose(way);
                let score = if stance == Stance::None { score } else { score * judgement.sure };
                let new = Evidence {
                    sentence: judgement.sentence,
                    actor_mention: actor,
                    target_mention: target,
                    references,
                    stance,
                    score,
                    quote: None,
                    act: None,
                };
                told.entry(pair)
                    .or_default()
                    .entry(judgement.sentence)
                    .and_modify(|old| {
                        if outweighs(&new, old) {
                            *old = new.clone();
                        }
                    })
                    .or_insert(new);
            }
        }
        told.into_iter()
            .filter_map(|((actor, target), evidence)| position(actor, target, evidence.into_values().collect(), keep))
            .collect()
    }
}

/// Whether one reading of a sentence counts rather than another: a stance rather than none, then the surer one.
fn outweighs(new: &Evidence, old: &Evidence) -> bool {
    let speaks = |evidence: &Evidence| evidence.stance != Stance::None;
    match (speaks(new), speaks(old)) {
        (true, false) => true,
        (false, true) => false,
        _ => new.score > old.score,
    }
}

fn position(actor: usize, target: usize, evidence: Vec<Evidence>, keep: Keep) -> Option<Position> {
    let Some((stance, score)) = balance(evidence.iter().map(|told| (told.stance, told.score))) else {
        let (stance, score) = (Stance::None, evidence.iter().map(|told| told.score).product());
        return (keep == Keep::All).then_some(Position { actor, target, stance, score, changed: false, evidence });
    };
    let evidence = evidence.into_iter().filter(|told| told.stance != Stance::None).collect();
    Some(Position { actor, target, stance, score, changed: false, evidence })
}

/// The stance that sentences speak for together, and its probability: see [`Judge::merge`]. `None` where none speaks for any.
pub fn balance(told: impl Iterator<Item = (Stance, f32)>) -> Option<(Stance, f32)> {
    let silent = |silent: f32, score: f32| (silent * (1.0 - score)).clamp(0.0, 1.0);
    let (no_support, no_oppose) = told.fold((1.0, 1.0), |(support, oppose), (stance, score)| match stance {
        Stance::Support => (silent(support, score), oppose),
        Stance::Oppose => (support, silent(oppose, score)),
        Stance::None => (support, oppose),
    });
    let (support, oppose) = (1.0 - no_support, 1.0 - no_oppose);
    let apart = (1.0 - support * oppose).max(f32::EPSILON);
    if support == 0.0 && oppose == 0.0 {
        None
    } else if support > oppose {
        Some((Stance::Support, support * (1.0 - oppose) / apart))
    } else {
        Some((Stance::Oppose, oppose * (1.0 - support) / apart))
    }
}
