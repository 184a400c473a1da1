//! Positions: who stands where towards whom.
//!
//! Two steps. [`Judge::judge`] asks the engine about every pair of mentions that meet in a sentence; [`Judge::merge`] gathers
//! the answers over the article, one row an (actor, target). Between them stands the linker, which says which mentions
//! are one thing; the judge does not need to know, so an article of any length is judged passage by passage.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::engine::encode::Row;
use crate::engine::{Curve, Engine, EngineError, Pair, STANCES};
use crate::mention::{EntityType, Mention, Read};
use crate::segment::{Sentence, dateline};
use crate::span::Span;

/// How an actor stands towards a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stance {
    /// No position is taken.
    None,
    /// For it.
    Support,
    /// Against it.
    Oppose,
}

impl Stance {
    /// All stances, in the order of the model's labels.
    pub const ALL: [Self; 3] = [Self::None, Self::Support, Self::Oppose];

    /// The name in the record: `none`, `support` or `oppose`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Support => "support",
            Self::Oppose => "oppose",
        }
    }

    /// The stance of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stance| stance.name() == name)
    }
}

/// One sentence that tells of a position, by one mention of the actor and one of the target.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The number of the sentence in the article.
    pub sentence: usize,
    /// The number of the actor's mention in the article's list.
    pub actor_mention: usize,
    /// The number of the target's mention in the article's list.
    pub target_mention: usize,
    /// What this sentence says.
    pub stance: Stance,
    /// The calibrated probability of that stance, given this sentence.
    pub score: f32,
}

/// What an actor holds of a target over the whole article.
#[derive(Clone, Debug, PartialEq)]
pub struct Position {
    /// The number of the actor in the article's list of entities.
    pub actor: usize,
    /// The number of the target in the article's list of entities.
    pub target: usize,
    /// The stance over the whole article.
    pub stance: Stance,
    /// The calibrated probability of that stance, given the article.
    pub score: f32,
    /// What it rests on, in the order of the text; never empty.
    pub evidence: Vec<Evidence>,
}

/// What the text of one row says of two mentions, both ways.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The number of the sentence in the article.
    pub sentence: usize,
    /// The numbers of the two mentions in the article's list, the earlier first.
    pub mentions: [usize; 2],
    /// Calibrated probabilities, `[way][stance]`; way 0 is the earlier towards the later.
    pub ways: [[f32; STANCES]; 2],
}

/// At most so many pairs are asked in one row, the nearest first: a list of fifty names is no debate.
const PAIRS_A_ROW: usize = 256;

/// The judge: pairs of mentions -> judgements.
#[derive(Clone, Copy, Debug)]
pub struct Judge {
    /// What the logits are divided by before they become probabilities.
    pub temperature: f32,
    /// How much the probability of no stance counts in [`Judge::choose`].
    pub none_weight: f32,
    /// What takes the log odds of a stance that is given to those of its score: a model is surer of what it chose than it is
    /// right.
    pub curve: Curve,
}

impl Judge {
    /// The stance that a distribution speaks for, and its calibrated probability. Below 1, the weight of no stance lets a
    /// stance be chosen that is a little less probable than none: F1 is best there, and the score says how sure it is.
    pub fn choose(self, distribution: &[f32; STANCES]) -> (Stance, f32) {
        let [none, support, oppose] = *distribution;
        let (stance, probability) = if oppose > support { (Stance::Oppose, oppose) } else { (Stance::Support, support) };
        if probability > none * self.none_weight { (stance, self.scaled(probability)) } else { (Stance::None, none) }
    }

    fn scaled(self, probability: f32) -> f32 {
        let sure = probability.clamp(1e-6, 1.0 - 1e-6);
        1.0 / (1.0 + (-self.curve.at((sure / (1.0 - sure)).ln())).exp())
    }

    /// Judges every pair of differently named mentions that stand in one sentence and one row. `sentences` are those of the
    /// rows, the first of them with the number `first` in the article, and `found` their mentions, ascending.
    pub fn judge(
        &self,
        engine: &dyn Engine,
        read: &Read<'_>,
        (text, sentences, first): (&str, &[Sentence], usize),
        found: Numbered<'_>,
    ) -> Result<Vec<Judgement>, EngineError> {
        let mut pairs = Vec::new();
        let mut judgements = Vec::new();
        let mut told = BTreeSet::new();
        let mut from = 0;
        for (number, row) in read.rows.iter().enumerate() {
            for sentence in row.sentences.clone() {
                from += found.mentions[from..].partition_point(|mention| mention.sentence < sentence);
                let here = found.mentions[from..].partition_point(|mention| mention.sentence == sentence);
                let seen = row.within(sentences[sentence - first].span);
                for (one, other) in meetings(row, &seen, &found.mentions[from..from + here], text) {
                    let mentions = [one.0, other.0].map(|mention| found.first + from + mention);
                    // Two windows of one long sentence may show the same pair.
                    if told.insert(mentions) {
                        pairs.push(Pair { row: number, seen: [seen.start + 1, seen.end], first: one.1, second: other.1 });
                        judgements.push(Judgement { sentence, mentions, ways: [[0.0; STANCES]; 2] });
                    }
                }
            }
        }
        for (judgement, logits) in judgements.iter_mut().zip(engine.compare(read.batch, read.reading, &pairs)?) {
            judgement.ways = logits.map(|way| probabilities(way, self.temperature));
        }
        Ok(judgements)
    }

    /// Judges two given spans of one row, whatever they name. For scoring against gold pairs.
    pub fn judge_spans(
        &self,
        engine: &dyn Engine,
        read: &Read<'_>,
        spans: [Span; 2],
    ) -> Result<Option<[[f32; STANCES]; 2]>, EngineError> {
        let both = |row: &Row| Some((places(row, spans[0])?, places(row, spans[1])?));
        let Some((row, (first, second))) = read.rows.iter().enumerate().find_map(|(number, row)| Some((number, both(row)?)))
        else {
            return Ok(None);
        };
        let seen = [1, read.rows[row].subwords.len()];
        let logits = engine.compare(read.batch, read.reading, &[Pair { row, seen, first, second }])?;
        Ok(logits.first().map(|ways| ways.map(|way| probabilities(way, self.temperature))))
    }

    /// Gathers the judgements of an article into positions, one an (actor, target), ordered by actor and target.
    ///
    /// `entity_of[m]` is the entity of mention `m`. Each sentence counts once for a pair of entities, by the strongest of its
    /// mention pairs. A sentence that says nothing of the two does not weaken one that does; where sentences speak for both
    /// stances, the more probable one is written, its score lowered by the other:
    /// with `S = 1 - Π(1 - s)` over the supporting sentences and `O` over the opposing ones, support has the score
    /// `S (1 - O) / (1 - S O)`, the probability of support given that not both hold.
    pub fn merge(self, judgements: &[Judgement], mentions: &[Mention], entity_of: &[usize], keep: Keep) -> Vec<Position> {
        let mut told: BTreeMap<(usize, usize), BTreeMap<usize, Evidence>> = BTreeMap::new();
        for judgement in judgements {
            let [first, second] = judgement.mentions;
            for ((actor, target), way) in [(first, second), (second, first)].into_iter().zip(&judgement.ways) {
                let pair = (entity_of[actor], entity_of[target]);
                if pair.0 == pair.1 || !can_act(mentions[actor].kind) {
                    continue;
                }
                let (stance, score) = self.choose(way);
                let new =
                    Evidence { sentence: judgement.sentence, actor_mention: actor, target_mention: target, stance, score };
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

/// Some mentions of an article's list and the number of the first of them.
#[derive(Clone, Copy, Debug)]
pub struct Numbered<'a> {
    /// The mentions, in the order of the text.
    pub mentions: &'a [Mention],
    /// The number of `mentions[0]` in the article's list.
    pub first: usize,
}

/// A mention by its number in a list, and the places of its first and last subword in a row.
type Placed = (usize, [usize; 2]);

/// The pairs of mentions of one sentence that can hold a position: fully in the row, differently named, at least one of them
/// somebody who can act, and neither the place or agency of a dateline. The nearest pairs first where there are too many.
fn meetings(row: &Row, seen: &Range<usize>, mentions: &[Mention], text: &str) -> Vec<(Placed, Placed)> {
    let told = dateline_end(&row.subwords[seen.clone()], text);
    let filed = |mention: &Mention| mention.span.end <= told && mention.kind != EntityType::Per;
    let placed: Vec<Placed> = mentions
        .iter()
        .enumerate()
        .filter(|(_, mention)| !filed(mention))
        .filter_map(|(number, mention)| Some((number, places(row, mention.span)?)))
        .collect();
    let mut out = Vec::new();
    for distance in 1..placed.len() {
        for (one, other) in placed.iter().zip(&placed[distance..]) {
            if out.len() == PAIRS_A_ROW {
                return out;
            }
            let [first, second] = [one, other].map(|(number, _)| &mentions[*number]);
            let named_alike = first.span.slice(text).eq_ignore_ascii_case(second.span.slice(text));
            if !named_alike && (can_act(first.kind) || can_act(second.kind)) {
                out.push((*one, *other));
            }
        }
    }
    out
}

/// Where the dateline of a sentence ends, given its subwords; its start where it has none. A later window of a long sentence may
/// begin like one, but hardly ever does.
fn dateline_end(subwords: &[Span], text: &str) -> usize {
    let ends = subwords.first().zip(subwords.last());
    ends.map_or(0, |(first, last)| first.start + dateline(&text[first.start..last.end]))
}

/// Whether a thing of this type can hold a position; an event, a law or a work cannot.
pub const fn can_act(kind: EntityType) -> bool {
    !matches!(kind, EntityType::Misc)
}

/// The positions in the row of the first and last subword of a span; `None` where the row does not hold all of it.
fn places(row: &Row, span: Span) -> Option<[usize; 2]> {
    let Range { start: from, end: to } = row.within(span);
    let (first, last) = (row.subwords.get(from)?, row.subwords.get(to.checked_sub(1)?)?);
    let whole = from < to && first.start <= span.start && last.end >= span.end;
    // The opening mark takes position 0. A span whose edge is a character that has no subword still counts.
    (whole || (from > 0 && to < row.subwords.len() && from < to)).then_some([from + 1, to])
}

/// The softmax of `logits / temperature`; even where the model gives no number.
fn probabilities(logits: [f32; STANCES], temperature: f32) -> [f32; STANCES] {
    let scaled = logits.map(|logit| Some(logit / temperature).filter(|scaled| scaled.is_finite()).unwrap_or(0.0));
    let most = scaled.into_iter().fold(f32::MIN, f32::max);
    let raised = scaled.map(|logit| (logit - most).exp());
    let total: f32 = raised.iter().sum();
    raised.map(|value| value / total)
}

/// Which positions reach the record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// Support and oppose only.
    #[default]
    Stanced,
    /// Every judged pair of entities, those without a position too.
    All,
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
    let silent = |stance| {
        evidence.iter().filter(|told| told.stance == stance).map(|told| 1.0 - told.score).product::<f32>().clamp(0.0, 1.0)
    };
    let (support, oppose) = (1.0 - silent(Stance::Support), 1.0 - silent(Stance::Oppose));
    let apart = (1.0 - support * oppose).max(f32::EPSILON);
    let (stance, score) = if support == 0.0 && oppose == 0.0 {
        let all_none = evidence.iter().map(|told| told.score).product();
        (Stance::None, all_none)
    } else if support > oppose {
        (Stance::Support, support * (1.0 - oppose) / apart)
    } else {
        (Stance::Oppose, oppose * (1.0 - support) / apart)
    };
    if stance == Stance::None {
        return (keep == Keep::All).then_some(Position { actor, target, stance, score, evidence });
    }
    let evidence = evidence.into_iter().filter(|told| told.stance != Stance::None).collect();
    Some(Position { actor, target, stance, score, evidence })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mention(sentence: usize, kind: EntityType) -> Mention {
        Mention { span: Span::new(0, 1), kind, score: 1.0, sentence }
    }

    fn judgement(sentence: usize, mentions: [usize; 2], ways: [[f32; STANCES]; 2]) -> Judgement {
        Judgement { sentence, mentions, ways }
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
}
