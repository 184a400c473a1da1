//! Roll-up: the positions of an article -> positions between countries.
//!
//! A country holds what it says itself and what is said by those who speak for it ([`Entity::speaks_for`]): heads of state and
//! of government, ministers, ministries, armies, parliaments, their spokesmen, diplomats. Towards such a person or body is
//! towards the country.

use std::collections::BTreeMap;

use crate::entity::Entity;
use crate::position::{Position, Stance, balance};

/// What positions are gathered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollUp {
    /// The countries of actor and target.
    Country,
}

/// What a country holds of another over the whole article.
#[derive(Clone, Debug, PartialEq)]
pub struct Rolled {
    /// The ISO 3166 alpha-3 code of the actor.
    pub actor: String,
    /// The ISO 3166 alpha-3 code of the target; never that of the actor.
    pub target: String,
    /// Support or oppose.
    pub stance: Stance,
    /// The calibrated probability of that stance, given the article.
    pub score: f32,
    /// The numbers of the positions that it is drawn from, ascending; never empty.
    pub positions: Vec<usize>,
}

/// The positions between countries, one an (actor, target), ordered by actor and target.
///
/// Sentences are combined as [`Judge::merge`](crate::position::Judge::merge) combines them: each counts once for a pair of countries, by the surest of
/// the positions that rest on it, and where sentences speak for both stances, the more probable one is written, its score
/// lowered by the other. Where a position has changed, the sentences of its older stance do not count.
pub fn roll_up(positions: &[Position], entities: &[Entity]) -> Vec<Rolled> {
    let country = |entity: usize| entities.get(entity)?.speaks_for.as_deref();
    let mut told: BTreeMap<(&str, &str), Told> = BTreeMap::new();
    for (number, position) in positions.iter().enumerate().filter(|(_, position)| position.stance != Stance::None) {
        let Some(pair) = country(position.actor).zip(country(position.target)).filter(|(actor, target)| actor != target)
        else {
            continue;
        };
        let (sentences, numbers) = told.entry(pair).or_default();
        numbers.push(number);
        let newest = |stance| !position.changed || stance == position.stance;
        for evidence in position.evidence.iter().filter(|told| told.stance != Stance::None && newest(told.stance)) {
            let new = (evidence.stance, evidence.score);
            let old = sentences.entry(evidence.sentence).or_insert(new);
            if new.1 > old.1 {
                *old = new;
            }
        }
    }
    told.into_iter().filter_map(|(pair, (sentences, positions))| rolled(pair, sentences.into_values(), positions)).collect()
}

/// What each sentence says of a pair of countries, and the numbers of the positions that rest on them.
type Told = (BTreeMap<usize, (Stance, f32)>, Vec<usize>);

fn rolled(
    (actor, target): (&str, &str),
    told: impl Iterator<Item = (Stance, f32)>,
    positions: Vec<usize>,
) -> Option<Rolled> {
    let (stance, score) = balance(told)?;
    Some(Rolled { actor: actor.to_owned(), target: target.to_owned(), stance, score, positions })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::entity::EntityType;
    use crate::position::Evidence;

    fn entity(speaks_for: Option<&str>) -> Entity {
        Entity {
            name: "e".to_owned(),
            kind: EntityType::Per,
            subtype: None,
            country: None,
            key: "e".to_owned(),
            role: None,
            of: None,
            speaks_for: speaks_for.map(str::to_owned),
            mentions: vec![0],
        }
    }

    fn evidence(sentence: usize, stance: Stance, score: f32) -> Evidence {
        let references = [None; 2];
        Evidence { sentence, actor_mention: 0, target_mention: 1, references, stance, score, quote: None, act: None }
    }

    fn position(actor: usize, target: usize, told: &[(usize, Stance, f32)]) -> Position {
        let evidence: Vec<_> = told.iter().map(|(at, stance, score)| evidence(*at, *stance, *score)).collect();
        Position { actor, target, stance: told[0].1, score: told[0].2, changed: false, evidence }
    }

    #[test]
    fn a_country_holds_what_its_people_hold() {
        let entities = [Some("AFG"), Some("AFG"), Some("USA"), None].map(entity);
        let positions = [
            position(0, 2, &[(0, Stance::Oppose, 0.7)]),
            position(1, 2, &[(0, Stance::Oppose, 0.6), (3, Stance::Oppose, 0.5)]),
            position(0, 1, &[(4, Stance::Support, 0.9)]),
            position(3, 2, &[(5, Stance::Support, 0.9)]),
            position(2, 0, &[(6, Stance::None, 0.9)]),
        ];
        let rolled = roll_up(&positions, &entities);
        assert_eq!(rolled.len(), 1);
        let Rolled { actor, target, stance, score, positions } = &rolled[0];
        assert_eq!(
            (actor.as_str(), target.as_str(), *stance, positions.as_slice()),
            ("AFG", "USA", Stance::Oppose, &[0, 1][..])
        );
        // Sentence 0 counts once, by the surer of its two positions.
        assert!((score - (1.0 - 0.3 * 0.5)).abs() < 1e-5, "{score}");
    }

    #[test]
    fn those_who_disagree_lower_the_score_and_what_is_over_does_not() {
        let entities = [Some("AFG"), Some("AFG"), Some("USA")].map(entity);
        let mut positions = [position(0, 2, &[(0, Stance::Oppose, 0.8)]), position(1, 2, &[(1, Stance::Support, 0.6)])];
        let found = roll_up(&positions, &entities).remove(0);
        assert_eq!(found.stance, Stance::Oppose);
        assert!((found.score - 0.8 * 0.4 / (1.0 - 0.48)).abs() < 1e-5, "{}", found.score);
        positions[1] = position(1, 2, &[(1, Stance::Support, 0.6), (0, Stance::Oppose, 0.8)]);
        positions[1].changed = true;
        let found = roll_up(&positions[1..], &entities).remove(0);
        assert_eq!((found.stance, found.score), (Stance::Support, 0.6));
    }

    proptest! {
        #[test]
        fn one_row_a_pair_and_none_of_a_country_towards_itself(
            voices in prop::collection::vec(prop::option::of(prop::sample::select(vec!["AFG", "USA", "KEN"])), 1..6),
            rows in prop::collection::vec((0_usize..6, 0_usize..6, 0_usize..3, 0.0_f32..=1.0, 0_usize..4), 0..30),
        ) {
            let entities: Vec<_> = voices.iter().map(|voice| entity(*voice)).collect();
            let rows = rows.into_iter().map(|(actor, target, stance, score, at)| position(actor, target, &[(at, Stance::ALL[stance], score)]));
            let positions: Vec<_> = rows.collect();
            let rolled = roll_up(&positions, &entities);
            for pair in rolled.windows(2) {
                prop_assert!((&pair[0].actor, &pair[0].target) < (&pair[1].actor, &pair[1].target));
            }
            for row in &rolled {
                prop_assert!(row.actor != row.target && row.stance != Stance::None && !row.positions.is_empty());
                prop_assert!((0.0..=1.0).contains(&row.score));
                for number in &row.positions {
                    let voice = |entity: usize| entities[entity].speaks_for.as_deref();
                    prop_assert_eq!(voice(positions[*number].actor), Some(row.actor.as_str()));
                    prop_assert_eq!(voice(positions[*number].target), Some(row.target.as_str()));
                }
            }
        }
    }
}
