//! The table engine: answers looked up by subword, for tests that need no weights.

use std::collections::BTreeMap;

use super::{Batch, Curve, Engine, EngineError, LABELS, ModelId, Models, Pair, Reading, StanceLogits};

/// An engine that gives every subword the label written for it, and every pair the same stance logits.
///
/// Its states are the subword numbers themselves (width 1), so a test can see that they arrive.
pub struct TableEngine {
    models: Models,
    labels: BTreeMap<u32, usize>,
    stance: StanceLogits,
}

impl TableEngine {
    /// An engine with a label number for some subwords (0, outside, for the others) and one answer for all pairs.
    pub fn new(labels: impl IntoIterator<Item = (u32, usize)>, stance: StanceLogits) -> Self {
        let id = |name: &str| ModelId { name: name.to_owned(), sha256: "0".repeat(64) };
        let models = Models {
            tagger: id("table-ner"),
            judge: id("table-stance"),
            tagger_temperature: 1.0,
            judge_temperature: 1.0,
            none_weight: 1.0,
            stance_curve: Curve::EVEN,
        };
        Self { models, labels: labels.into_iter().collect(), stance }
    }
}

impl Engine for TableEngine {
    fn models(&self) -> &Models {
        &self.models
    }

    fn read(&self, batch: &Batch) -> Result<Reading, EngineError> {
        let mut labels = vec![0.0; batch.ids.len() * LABELS];
        for (at, id) in batch.ids.iter().enumerate() {
            let label = self.labels.get(id).copied().unwrap_or(0).min(LABELS - 1);
            labels[at * LABELS + label] = 10.0;
        }
        let states = batch.ids.iter().map(|id| *id as f32).collect();
        Ok(Reading { labels, states, ..Reading::default() })
    }

    fn compare(&self, _: &Batch, _: &Reading, pairs: &[Pair]) -> Result<Vec<StanceLogits>, EngineError> {
        Ok(vec![self.stance; pairs.len()])
    }
}
