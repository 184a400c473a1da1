//! The weights of features, `models/acts.tsv`, and the choice by them.

use std::collections::BTreeMap;

use crate::position::{Act, ActKind};

const TABLE: &str = include_str!("../../models/acts.tsv");

/// The weight of each feature, by a hash of its name.
pub(super) struct Weights(BTreeMap<u64, f32>);

impl Weights {
    /// Reads the table.
    pub(super) fn new() -> Self {
        let rows = TABLE.lines().filter_map(|row| row.rsplit_once('\t'));
        Self(rows.filter_map(|(name, weight)| Some((hash(&[name]), weight.parse().ok()?))).collect())
    }

    /// The weight of the feature whose name has these pieces.
    pub(super) fn of(&self, pieces: &[&str]) -> f32 {
        self.0.get(&hash(pieces)).copied().unwrap_or_default()
    }
}

/// FNV-1a over the pieces as one string.
fn hash(pieces: &[&str]) -> u64 {
    let bytes = pieces.iter().flat_map(|piece| piece.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The likeliest kind, its best cue and its probability, where silence has the score 0: `P(kind) = Σ exp(score) / (1 + Σ exp)`.
/// Of equal ones the first.
pub(super) fn choose(scored: &[(Act, f32)]) -> Option<(Act, f32)> {
    let most = scored.iter().map(|(_, score)| *score).fold(0.0, f32::max);
    let mut total = (-most).exp();
    let mut kinds: BTreeMap<ActKind, (f32, Act, f32)> = BTreeMap::new();
    for (act, score) in scored {
        let share = (score - most).exp();
        total += share;
        let kept = kinds.entry(act.kind).or_insert((0.0, *act, *score));
        kept.0 += share;
        if *score > kept.2 {
            (kept.1, kept.2) = (*act, *score);
        }
    }
    let better = |best: Option<(f32, Act)>, (share, act, _): (f32, Act, f32)| match best {
        Some((most, _)) if most >= share => best,
        _ => Some((share, act)),
    };
    kinds.into_values().fold(None, better).map(|(share, act)| (act, share / total))
}
