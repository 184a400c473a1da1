use super::*;
use crate::engine::STANCES;
use crate::mention::{EntityType, Mention};
use crate::span::Span;

fn mention(sentence: usize, kind: EntityType) -> Mention {
    Mention { span: Span::new(0, 1), kind, score: 1.0, sentence }
}

fn judgement(sentence: usize, mentions: [usize; 2], ways: [[f32; STANCES]; 2]) -> Judgement {
    Judgement { sentence, mentions, references: [None; 2], sure: 1.0, ways }
}

const JUDGE: Judge = Judge { temperature: 1.0, none_weight: 1.0, curve: Curve::EVEN };
const NONE: [f32; STANCES] = [0.9, 0.05, 0.05];

#[test]
fn two_sentences_make_one_surer_position() {
    let mentions: Vec<_> = [0, 0, 3, 3].map(|sentence| mention(sentence, EntityType::Loc)).into();
    let judgements = [judgement(0, [0, 1], [[0.2, 0.1, 0.7], NONE]), judgement(3, [2, 3], [NONE, [0.3, 0.1, 0.6]])];
    // In the second sentence the target stands first.
    let positions = JUDGE.merge(&judgements, &mentions, &[0, 1, 1, 0], Keep::Stanced);
    assert_eq!(positions.len(), 1);
    let found = &positions[0];
    assert_eq!((found.actor, found.target, found.stance, found.evidence.len()), (0, 1, Stance::Oppose, 2));
    assert!((found.score - 0.88).abs() < 1e-5, "{}", found.score);
}

#[test]
fn sentences_that_disagree_lower_the_score() {
    let mentions: Vec<_> = [0, 0, 1, 1].map(|sentence| mention(sentence, EntityType::Per)).into();
    let judgements = [judgement(0, [0, 1], [[0.1, 0.1, 0.8], NONE]), judgement(1, [2, 3], [[0.3, 0.6, 0.1], NONE])];
    let found = JUDGE.merge(&judgements, &mentions, &[0, 1, 0, 1], Keep::Stanced).remove(0);
    assert_eq!(found.stance, Stance::Oppose);
    assert!((found.score - 0.8 * 0.4 / (1.0 - 0.48)).abs() < 1e-5, "{}", found.score);
}

#[test]
fn one_thing_holds_no_position_on_itself_and_a_law_holds_none() {
    let mentions: Vec<_> = [EntityType::Per, EntityType::Misc, EntityType::Per].map(|kind| mention(0, kind)).into();
    let strong = [0.0, 0.0, 1.0];
    let judgements = [judgement(0, [0, 2], [strong; 2]), judgement(0, [0, 1], [strong; 2])];
    let positions = JUDGE.merge(&judgements, &mentions, &[0, 1, 0], Keep::Stanced);
    assert_eq!(positions.iter().map(|p| (p.actor, p.target)).collect::<Vec<_>>(), [(0, 1)]);
}

#[test]
fn pairs_without_a_position_are_kept_on_request() {
    let mentions: Vec<_> = [mention(0, EntityType::Org), mention(0, EntityType::Org)].into();
    let judgements = [judgement(0, [0, 1], [NONE; 2])];
    assert!(JUDGE.merge(&judgements, &mentions, &[0, 1], Keep::Stanced).is_empty());
    let all = JUDGE.merge(&judgements, &mentions, &[0, 1], Keep::All);
    assert_eq!(all.iter().map(|p| p.stance).collect::<Vec<_>>(), [Stance::None; 2]);
}

#[test]
fn a_reference_makes_a_position_less_sure() {
    let mentions: Vec<_> = [mention(0, EntityType::Org), mention(3, EntityType::Org)].into();
    let told = Judgement { references: [Some(4), None], sure: 0.8, ..judgement(3, [0, 1], [[0.1, 0.0, 0.9], NONE]) };
    let found = JUDGE.merge(&[told], &mentions, &[0, 1], Keep::Stanced).remove(0);
    assert_eq!((found.evidence[0].sentence, found.evidence[0].references), (3, [Some(4), None]));
    assert!((found.score - 0.72).abs() < 1e-5, "{}", found.score);
}

#[test]
fn evidence_in_the_actors_words_is_told() {
    let spans = [(0, 3), (10, 15), (40, 45)].map(|(start, end)| Span::new(start, end));
    let mentions: Vec<_> = spans.map(|span| Mention { span, ..mention(0, EntityType::Org) }).into();
    let judgements = [[0, 1], [0, 2], [1, 2]].map(|pair| judgement(0, pair, [[0.1, 0.0, 0.9], NONE]));
    let mut found = JUDGE.merge(&judgements, &mentions, &[0, 1, 2], Keep::Stanced);
    let quotes = [crate::quote::Quote { span: Span::new(8, 20), speaker: 0 }];
    quoted(&mut found, &quotes, (&mentions, &[]), &[0, 1, 2]);
    let told: Vec<_> = found.iter().map(|position| (position.actor, position.target, position.evidence[0].quote)).collect();
    assert_eq!(told, [(0, 1, Some(quotes[0].span)), (0, 2, None), (1, 2, None)]);
}

#[test]
fn a_stance_needs_to_beat_the_weighed_none() {
    let choose = |none_weight, distribution| {
        let (stance, score) = Judge { none_weight, ..JUDGE }.choose(&distribution);
        (stance, (score * 1e5).round() / 1e5)
    };
    assert_eq!(choose(1.0, [0.5, 0.1, 0.4]), (Stance::None, 0.5));
    assert_eq!(choose(0.7, [0.5, 0.1, 0.4]), (Stance::Oppose, 0.4));
    assert_eq!(choose(0.7, [0.6, 0.2, 0.2]), (Stance::None, 0.6));
    assert_eq!(choose(1.0, [0.4, 0.2, 0.4]).0, Stance::None);
}

#[test]
fn the_curve_moves_scores_and_changes_no_choice() {
    let curve = Curve::new([[-1.0, -0.6], [0.0, -0.4], [2.0, 0.6], [5.0, 6.0]]).unwrap();
    let curved = Judge { curve, ..JUDGE };
    let (stance, score) = curved.choose(&[0.1, 0.8, 0.1]);
    assert_eq!(stance, Stance::Support);
    // Odds of 4 to 1, log odds of 1.386: 0.693 of the way from -0.4 to 0.6 is log odds of 0.293.
    assert!((score - 0.5728).abs() < 1e-3, "{score}");
    assert_eq!(curved.choose(&[0.8, 0.1, 0.1]), (Stance::None, 0.8));
    let ends = [0.0, 1.0].map(|sure| curved.choose(&[0.0, sure, 1e-9]).1);
    assert!((ends[0] - 0.3543).abs() < 1e-3 && (ends[1] - 0.9975).abs() < 1e-3, "{ends:?}");
    let even = [0.01, 0.3, 0.5, 0.99].map(|sure| JUDGE.choose(&[0.0, sure, 0.0]).1 - sure);
    assert!(even.iter().all(|off| off.abs() < 1e-5), "{even:?}");
    assert_eq!(Curve::new([[-1.0, 0.0], [0.0, 1.0], [1.0, 0.5], [2.0, 3.0]]), None);
}

#[test]
fn probabilities_are_a_distribution_whatever_the_logits() {
    for logits in [[f32::NAN, f32::INFINITY, 1.0], [1e30, -1e30, 0.0], [f32::MAX, f32::MIN, 0.0], [0.0; 3]] {
        let found = probabilities(logits, 0.9);
        assert!((found.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{found:?}");
    }
}
