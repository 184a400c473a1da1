//! Mentions: the named things of an article, found token by token.

use std::collections::BTreeMap;

use crate::engine::encode::Row;
use crate::engine::{Batch, LABELS, Reading};
use crate::segment::Sentence;
use crate::span::Span;

/// The six types of a named thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntityType {
    /// A person.
    Per,
    /// An organisation: a party, a company, a ministry, an army, a team, a paper.
    Org,
    /// A place: a country, a city, a region, a sea.
    Loc,
    /// A nationality, or a religious, ethnic or political group.
    Norp,
    /// A building or work: an airport, a base, a bridge, a road.
    Fac,
    /// Another named thing: an event, a law, an agreement, a prize, a work.
    Misc,
}

/// How many types there are.
const TYPES: usize = EntityType::ALL.len();

impl EntityType {
    /// All types, in the order of the model's labels.
    pub const ALL: [Self; 6] = [Self::Per, Self::Org, Self::Loc, Self::Norp, Self::Fac, Self::Misc];

    /// The name in the record: `PER`, `ORG`, `LOC`, `NORP`, `FAC` or `MISC`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Per => "PER",
            Self::Org => "ORG",
            Self::Loc => "LOC",
            Self::Norp => "NORP",
            Self::Fac => "FAC",
            Self::Misc => "MISC",
        }
    }

    /// The type of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One place in the body that names something. It lies inside one sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    /// Where it stands in the body.
    pub span: Span,
    /// What kind of thing it names.
    pub kind: EntityType,
    /// The probability that the span and the type are right, 0 to 1.
    pub score: f32,
    /// The number of its sentence in the article, from 0.
    pub sentence: usize,
}

/// The finder: label logits -> mentions, by the best valid sequence of labels.
#[derive(Clone, Copy, Debug)]
pub struct Finder {
    /// What the logits are divided by before they become probabilities.
    pub temperature: f32,
}

/// The log probability of each label for one token.
type Scores = [f32; LABELS];

impl Finder {
    /// The mentions of some sentences, in the order of the text.
    ///
    /// `rows` and `reading` are those of `sentences`, whose first one has the number `first` in the article. A token is
    /// read at its first subword; a token without one (a stray control character) is outside every mention.
    pub fn find(self, sentences: &[Sentence], first: usize, read: &Read<'_>) -> Vec<Mention> {
        let mut mentions = Vec::new();
        let mut row = 0;
        for (offset, sentence) in sentences.iter().enumerate() {
            let number = first + offset;
            let mut scores: Vec<Option<Scores>> = vec![None; sentence.tokens.len()];
            while read.rows.get(row).is_some_and(|row| row.sentences.contains(&number)) {
                self.answer(row, read, sentence, &mut scores);
                if read.rows[row].sentences.end > number + 1 {
                    break;
                }
                row += 1;
            }
            mentions.extend(decode(&scores).into_iter().map(|found| Mention {
                span: Span::new(sentence.tokens[found.tokens.start].start, sentence.tokens[found.tokens.end - 1].end),
                kind: found.kind,
                score: found.score,
                sentence: number,
            }));
        }
        mentions
    }

    /// Fills in the tokens of a sentence that one row answers for.
    fn answer(self, row: usize, read: &Read<'_>, sentence: &Sentence, scores: &mut [Option<Scores>]) {
        let held = &read.rows[row];
        let (tokens, within) = (&sentence.tokens, held.within(sentence.span));
        // The opening mark stands before the first subword.
        let base = read.batch.row(row).start + 1;
        for at in within.start.max(held.answers.start)..within.end.min(held.answers.end) {
            let subword = held.subwords[at];
            let token = tokens.partition_point(|token| token.end <= subword.start);
            if tokens.get(token).is_some_and(|token| token.start < subword.end) && scores[token].is_none() {
                let logits = &read.reading.labels[(base + at) * LABELS..(base + at + 1) * LABELS];
                scores[token] = Some(log_probabilities(logits, self.temperature));
            }
        }
    }
}

/// Below this score, a person of one name whom the text calls nowhere by a full name may be a part of another thing's name.
const UNSURE: f32 = 0.9;

/// Gives each name one type: the one that its mentions together speak for, each with its score.
///
/// A name hardly ever has two senses in one article ("one sense per discourse", Gale, Church and Yarowsky 1992), while a
/// sentence alone often leaves its type open. A person of one name that was read unsurely takes the type of the longer
/// names that it begins or ends, where no person bears it: "Heathrow" after "Heathrow Airport". The score of a mention that
/// changes its type is lowered to the share of the votes that the new type has. `text` is what the mentions stand in.
pub fn agree(text: &str, mentions: &mut [Mention]) {
    let mut votes: BTreeMap<&str, [f32; TYPES]> = BTreeMap::new();
    for mention in mentions.iter() {
        votes.entry(mention.span.slice(text)).or_default()[mention.kind as usize] += mention.score;
    }
    let longer = longer_names(text, mentions);
    for mention in mentions {
        let name = mention.span.slice(text);
        let unsure_person = mention.kind == EntityType::Per && mention.score < UNSURE;
        let parts = longer.get(name).filter(|parts| unsure_person && parts[EntityType::Per as usize] == 0.0);
        let Some(votes) = votes.get(name) else { continue };
        let mut votes = *votes;
        if let Some(parts) = parts {
            votes[EntityType::Per as usize] = 0.0;
            votes.iter_mut().zip(parts).for_each(|(vote, part)| *vote += part);
        }
        let best = EntityType::ALL
            .into_iter()
            .fold(mention.kind, |best, kind| if votes[kind as usize] > votes[best as usize] { kind } else { best });
        if best != mention.kind {
            mention.kind = best;
            mention.score *= votes[best as usize] / votes.iter().sum::<f32>();
        }
    }
}

/// For every single word that begins or ends a name of several, what types those names are, each with its score.
fn longer_names<'a>(text: &'a str, mentions: &[Mention]) -> BTreeMap<&'a str, [f32; TYPES]> {
    let mut parts: BTreeMap<&str, [f32; TYPES]> = BTreeMap::new();
    for mention in mentions {
        let mut words = mention.span.slice(text).split_whitespace();
        let (first, last) = (words.next(), words.next_back());
        for word in first.filter(|_| last.is_some()).into_iter().chain(last) {
            parts.entry(word).or_default()[mention.kind as usize] += mention.score;
        }
    }
    parts
}

/// What was read of a batch: its rows, the batch itself and the engine's answer.
#[derive(Clone, Copy)]
pub struct Read<'a> {
    /// Which subwords of the body each row holds.
    pub rows: &'a [Row],
    /// The rows as the engine saw them.
    pub batch: &'a Batch,
    /// What the engine said.
    pub reading: &'a Reading,
}

/// Log of the softmax of `logits / temperature`.
fn log_probabilities(logits: &[f32], temperature: f32) -> Scores {
    let mut scores = [0.0; LABELS];
    for (score, logit) in scores.iter_mut().zip(logits) {
        // A model that answers with no number at all is read as "do not know".
        *score = Some(logit / temperature).filter(|scaled| scaled.is_finite()).unwrap_or(0.0);
    }
    let most = scores.iter().copied().fold(f32::MIN, f32::max);
    let total = scores.iter().map(|score| (score - most).exp()).sum::<f32>().ln() + most;
    scores.map(|score| score - total)
}

/// A run of tokens of one type.
struct Found {
    tokens: std::ops::Range<usize>,
    kind: EntityType,
    score: f32,
}

const OUTSIDE: usize = 0;
/// What a token without an answer has: certainly outside.
const SILENT: Scores = {
    let mut scores = [-1e4; LABELS];
    scores[OUTSIDE] = 0.0;
    scores
};

/// The labels that `label` may follow: an inside label only a begin or inside label of its own type.
fn before(label: usize) -> std::ops::Range<usize> {
    if label != OUTSIDE && label.is_multiple_of(2) { label - 1..label + 1 } else { 0..LABELS }
}

/// The mentions of the most probable valid label sequence (Viterbi over BIO; no learnt transitions).
fn decode(scores: &[Option<Scores>]) -> Vec<Found> {
    let labels = best_labels(scores);
    let of = |token: usize| scores[token].as_ref().unwrap_or(&SILENT);
    let mut found = Vec::new();
    let mut start = 0;
    while start < labels.len() {
        if labels[start] == OUTSIDE {
            start += 1;
            continue;
        }
        let kind = (labels[start] - 1) / 2;
        let inside = 2 * kind + 2;
        let end = (start + 1..labels.len()).find(|at| labels[*at] != inside).unwrap_or(labels.len());
        let held: f32 = (start..end).map(|token| of(token)[labels[token]]).sum();
        // The span is right only if the mention does not go on.
        let stops = if end < labels.len() { (1.0 - of(end)[inside].exp()).max(1e-6).ln() } else { 0.0 };
        found.push(Found { tokens: start..end, kind: EntityType::ALL[kind], score: (held + stops).exp().clamp(0.0, 1.0) });
        start = end;
    }
    found
}

fn best_labels(scores: &[Option<Scores>]) -> Vec<usize> {
    let mut total = [f32::NEG_INFINITY; LABELS];
    // Before the first token stands an outside one.
    total[OUTSIDE] = 0.0;
    let mut origins: Vec<[usize; LABELS]> = Vec::with_capacity(scores.len());
    for token in scores {
        let token = token.as_ref().unwrap_or(&SILENT);
        let mut origin = [OUTSIDE; LABELS];
        let mut next = [f32::NEG_INFINITY; LABELS];
        for label in 0..LABELS {
            for origin_label in before(label) {
                let reached = total[origin_label] + token[label];
                if reached > next[label] {
                    (next[label], origin[label]) = (reached, origin_label);
                }
            }
        }
        total = next;
        origins.push(origin);
    }
    let mut label = (0..LABELS).max_by(|a, b| total[*a].total_cmp(&total[*b])).unwrap_or(OUTSIDE);
    let mut labels = vec![OUTSIDE; scores.len()];
    for (token, origin) in origins.iter().enumerate().rev() {
        labels[token] = label;
        label = origin[label];
    }
    labels
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn peaked(label: usize) -> Scores {
        let mut logits = [0.0; LABELS];
        logits[label] = 8.0;
        log_probabilities(&logits, 1.0)
    }

    #[test]
    fn runs_of_labels_become_mentions() {
        // B-PER I-PER O B-LOC B-LOC
        let scores: Vec<_> = [1, 2, 0, 5, 5].into_iter().map(|label| Some(peaked(label))).collect();
        let found: Vec<_> = decode(&scores).into_iter().map(|f| (f.tokens, f.kind)).collect();
        assert_eq!(found, [(0..2, EntityType::Per), (3..4, EntityType::Loc), (4..5, EntityType::Loc)]);
    }

    #[test]
    fn an_inside_label_alone_is_mended_by_the_next_best() {
        let mut logits = [0.0; LABELS];
        (logits[4], logits[3]) = (8.0, 7.0);
        let scores = [Some(peaked(0)), Some(log_probabilities(&logits, 1.0))];
        let found = decode(&scores);
        assert_eq!((found[0].tokens.clone(), found[0].kind), (1..2, EntityType::Org));
    }

    fn named<'a>(text: &'a str, names: &[(&str, EntityType, f32)]) -> (&'a str, Vec<Mention>) {
        let mut at = 0;
        let mentions = names.iter().map(|(name, kind, score)| {
            let start = at + text[at..].find(name).unwrap_or_default();
            at = start + name.len();
            Mention { span: Span::new(start, at), kind: *kind, score: *score, sentence: 0 }
        });
        let mentions = mentions.collect();
        (text, mentions)
    }

    fn kinds(text: &str, names: &[(&str, EntityType, f32)]) -> Vec<EntityType> {
        let (text, mut mentions) = named(text, names);
        agree(text, &mut mentions);
        mentions.iter().map(|mention| mention.kind).collect()
    }

    #[test]
    fn one_name_has_one_type() {
        use EntityType::{Loc, Org, Per};
        let names = [("Lobito", Loc, 0.9), ("Lobito", Per, 0.6), ("Lobito", Loc, 0.8), ("Sonangol", Org, 0.5)];
        assert_eq!(kinds("Lobito. Lobito lies. In Lobito, Sonangol.", &names), [Loc, Loc, Loc, Org]);
        let (text, mut mentions) = named("Lobito Lobito", &[("Lobito", Loc, 0.9), ("Lobito", Per, 0.6)]);
        agree(text, &mut mentions);
        assert!((mentions[1].score - 0.6 * 0.9 / 1.5).abs() < 1e-6, "{}", mentions[1].score);
        assert_eq!(mentions[0].score, 0.9);
    }

    #[test]
    fn an_unsure_person_may_be_a_part_of_another_name() {
        use EntityType::{Fac, Loc, Per};
        let text = "Kotoka Airport is shut. Kotoka reopens.";
        assert_eq!(kinds(text, &[("Kotoka Airport", Fac, 0.9), ("Kotoka", Per, 0.6)]), [Fac, Fac]);
        assert_eq!(kinds(text, &[("Kotoka Airport", Fac, 0.9), ("Kotoka", Per, 0.95)]), [Fac, Per]);
        assert_eq!(kinds(text, &[("Kotoka Airport", Fac, 0.9), ("Kotoka", Loc, 0.6)]), [Fac, Loc]);
        let text = "Emmanuel Kotoka gave Kotoka Airport its name. Kotoka died.";
        let names = [("Emmanuel Kotoka", Per, 0.9), ("Kotoka Airport", Fac, 0.9), ("Kotoka", Per, 0.6)];
        assert_eq!(kinds(text, &names), [Per, Fac, Per]);
    }

    proptest! {
        #[test]
        fn decoding_never_yields_an_invalid_sequence(rows in prop::collection::vec(prop::array::uniform13(-20f32..20.0), 0..40)) {
            let scores: Vec<_> = rows.iter().map(|row| Some(log_probabilities(row, 1.0))).collect();
            let labels = best_labels(&scores);
            let mut last = OUTSIDE;
            for label in labels {
                prop_assert!(before(label).contains(&last));
                last = label;
            }
            let mut end = 0;
            for found in decode(&scores) {
                prop_assert!(end <= found.tokens.start && found.tokens.start < found.tokens.end);
                prop_assert!((0.0..=1.0).contains(&found.score));
                end = found.tokens.end;
            }
        }
    }
}
