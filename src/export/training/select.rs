//! Which articles are taken, and into which part each goes. Every answer depends on the text of an article alone, or on the set of all texts: never on
//! their order, so that it stays when files are read in another order, and for parts even when others come.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::str::FromStr;

use crate::annotation::Annotation;
use crate::engine::store::sha256;

/// Parts of all articles, by names with shares.
#[derive(Clone, Debug, PartialEq)]
pub struct Split(Vec<(String, f64)>);

/// The first 64 bits of the digest of a text about an article.
fn draw(what: &str, annotation: &Annotation<'_>) -> u64 {
    hash(&format!("{what} {}", annotation.sha256))
}

fn hash(text: &str) -> u64 {
    u64::from_str_radix(sha256(text.as_bytes()).get(..16).unwrap_or_default(), 16).unwrap_or_default()
}

impl FromStr for Split {
    type Err = String;

    /// Reads `train:0.8,dev:0.1,test:0.1`; what the shares add up to is the whole.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts: Vec<(String, f64)> = Vec::new();
        for part in text.split(',') {
            let (name, share) =
                part.trim().split_once(':').ok_or_else(|| format!("{part:?} is not NAME:SHARE, as in train:0.8"))?;
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            if name.is_empty() || !name.chars().all(plain) {
                return Err(format!("{name:?} cannot name a part: use letters, digits, _ and -"));
            }
            if parts.iter().any(|(other, _)| other == name) {
                return Err(format!("the part {name} is there twice"));
            }
            let share: f64 = share
                .parse()
                .ok()
                .filter(|share: &f64| share.is_finite() && *share > 0.0)
                .ok_or_else(|| format!("{share:?} is no share: write a number above 0"))?;
            parts.push((name.to_owned(), share));
        }
        let whole: f64 = parts.iter().map(|(_, share)| share).sum();
        for (_, share) in &mut parts {
            *share /= whole;
        }
        Ok(Self(parts))
    }
}

impl Split {
    /// The names of the parts.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The number of the part of an article: the same for the same text, whatever else is read.
    pub fn part(&self, annotation: &Annotation<'_>) -> usize {
        let at = draw("split", annotation) as f64 / 2_f64.powi(64);
        let mut end = 0.0;
        let within = self.0.iter().position(|(_, share)| {
            end += share;
            at < end
        });
        within.unwrap_or(self.0.len() - 1)
    }
}

/// What is looked for in a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The articles with the most doubt for each sentence that is read.
    Uncertain,
    /// Any.
    Random,
    /// Articles of many outlets, with many actors, targets and stances.
    Diverse,
}

impl FromStr for How {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "uncertain" => Ok(Self::Uncertain),
            "random" => Ok(Self::Random),
            "diverse" => Ok(Self::Diverse),
            _ => Err(format!("{text:?} is no way to sample: write uncertain, random or diverse")),
        }
    }
}

/// Diverse articles are sought among so many random ones for each that is wanted.
const AMONG: usize = 16;
/// Features of an article that count.
const FEATURES: usize = 64;

/// Draws a sample from articles that pass by. It holds the numbers of as many as are wanted; for diverse ones, those and the features of sixteen times as
/// many.
pub struct Sampler {
    how: How,
    wanted: usize,
    /// The best of what passed by: the least of these comes first.
    kept: BinaryHeap<Reverse<Kept>>,
}

/// An article that is kept for now. The order is by `rank`; among equals a draw decides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kept {
    rank: u64,
    draw: u64,
    number: u64,
    /// Hashes of features, each with its weight in 1/65536.
    features: Vec<(u64, u32)>,
}

impl Sampler {
    /// A sample of so many articles.
    pub fn new(how: How, wanted: usize) -> Self {
        Self { how, wanted, kept: BinaryHeap::new() }
    }

    /// Lets the article number `number` pass by.
    pub fn see(&mut self, number: u64, annotation: &Annotation<'_>) {
        let draw = draw("sample", annotation);
        let rank = match self.how {
            How::Uncertain => (doubt(annotation) * 1e9) as u64,
            How::Random | How::Diverse => 0,
        };
        let most = if self.how == How::Diverse { self.wanted.saturating_mul(AMONG) } else { self.wanted };
        if self.kept.len() >= most && self.kept.peek().is_none_or(|Reverse(least)| (least.rank, least.draw) >= (rank, draw))
        {
            return;
        }
        let features = if self.how == How::Diverse { features(annotation) } else { Vec::new() };
        self.kept.push(Reverse(Kept { rank, draw, number, features }));
        if self.kept.len() > most {
            self.kept.pop();
        }
    }

    /// The numbers of the articles that are drawn.
    pub fn drawn(self) -> BTreeSet<u64> {
        let kept: Vec<Kept> = self.kept.into_iter().map(|Reverse(kept)| kept).collect();
        if self.how == How::Diverse {
            spread(&kept, self.wanted)
        } else {
            kept.into_iter().map(|kept| kept.number).collect()
        }
    }
}

/// How doubtful an article's scores are, for each of its sentences: a score of 0.5 counts as one, of 1 or 0 as nothing.
fn doubt(annotation: &Annotation<'_>) -> f64 {
    let of = |score: f32| 1.0 - (2.0 * f64::from(score.clamp(0.0, 1.0)) - 1.0).abs();
    let mentions: f64 = annotation.mentions.iter().map(|mention| of(mention.score)).sum();
    let positions: f64 = annotation.positions.iter().map(|position| of(position.score)).sum();
    (mentions + positions) / annotation.sentences.len().max(1) as f64
}

/// What an article has of outlets, actors, targets and stances. Each of the three kinds weighs the same, shared out among what there is of it.
fn features(annotation: &Annotation<'_>) -> Vec<(u64, u32)> {
    let outlet = annotation.outlet.as_deref().unwrap_or_default();
    let mut out = vec![(hash(&format!("outlet {outlet}")), 1 << 16)];
    let keys: BTreeSet<&str> = annotation
        .positions
        .iter()
        .flat_map(|position| [position.actor_id, position.target_id])
        .filter_map(|number| annotation.entities.get(number))
        .map(|entity| if entity.key.is_empty() { entity.name.as_ref() } else { entity.key.as_ref() })
        .take(FEATURES)
        .collect();
    let mut stances: BTreeSet<String> = annotation
        .positions
        .iter()
        .flat_map(|position| {
            position.evidence.iter().map(|told| format!("{} {}", told.stance, told.kind.as_deref().unwrap_or_default()))
        })
        .take(FEATURES)
        .collect();
    if stances.is_empty() {
        stances.insert("none".to_owned());
    }
    let weight = |many: usize| (1_u32 << 16) / many.max(1) as u32;
    out.extend(keys.iter().map(|key| (hash(&format!("key {key}")), weight(keys.len()))));
    out.extend(stances.iter().map(|stance| (hash(&format!("stance {stance}")), weight(stances.len()))));
    out
}

/// Takes, one after another, the article that adds most of what is not there yet. What an article adds only falls as others are taken, so it is reckoned
/// anew only when its turn seems to have come.
fn spread(kept: &[Kept], wanted: usize) -> BTreeSet<u64> {
    let mut counts: BTreeMap<u64, u32> = BTreeMap::new();
    let gain = |one: &Kept, counts: &BTreeMap<u64, u32>| -> u64 {
        let of = |(feature, weight): &(u64, u32)| {
            u64::from(*weight) * 256 / u64::from(1 + counts.get(feature).copied().unwrap_or(0))
        };
        one.features.iter().map(of).sum()
    };
    let mut queue: BinaryHeap<(u64, u64, usize)> =
        kept.iter().enumerate().map(|(at, one)| (gain(one, &counts), one.draw, at)).collect();
    let mut drawn = BTreeSet::new();
    while drawn.len() < wanted
        && let Some((_, draw, at)) = queue.pop()
    {
        let now = gain(&kept[at], &counts);
        if queue.peek().is_some_and(|next| (now, draw, at) < *next) {
            queue.push((now, draw, at));
            continue;
        }
        drawn.insert(kept[at].number);
        kept[at].features.iter().for_each(|(feature, _)| *counts.entry(*feature).or_default() += 1);
    }
    drawn
}

/// Texts that have been seen; some 20 bytes each.
#[derive(Default)]
pub struct Seen(BTreeSet<u128>);

impl Seen {
    /// Whether this text passes by for the first time.
    pub fn first(&mut self, annotation: &Annotation<'_>) -> bool {
        let digest = sha256(annotation.sha256.as_bytes());
        self.0.insert(u128::from_str_radix(digest.get(..32).unwrap_or_default(), 16).unwrap_or_default())
    }
}
