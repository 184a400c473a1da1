//! Checkpoints of the Hugging Face layout on libtorch, by the models of `rust-bert`; DeBERTa stands in `deberta.rs`.

use rust_bert::RustBertError;
use rust_bert::albert::{AlbertConfig, AlbertForSequenceClassification, AlbertForTokenClassification};
use rust_bert::bert::{BertConfig, BertForSequenceClassification, BertForTokenClassification};
use rust_bert::distilbert::{DistilBertConfig, DistilBertForTokenClassification, DistilBertModelClassifier};
use rust_bert::electra::{ElectraConfig, ElectraForTokenClassification};
use rust_bert::roberta::{RobertaForSequenceClassification, RobertaForTokenClassification};
use serde::de::DeserializeOwned;
use tch::{Device, Kind, Tensor, nn};

use super::deberta::{Version, classifier};
use super::{Pool, Weights, device, flat, mask, padded};
use crate::engine::checkpoint::{Checkpoint, Family, Task};
use crate::engine::encode::Encoder;
use crate::engine::foreign::{Ask, Foreign, Net};
use crate::engine::{Engine, EngineError};

/// Subwords, mask and token types -> logits.
type Model = Box<dyn Fn(&Tensor, &Tensor, &Tensor) -> Result<Tensor, RustBertError> + Send>;

/// The engine of a checkpoint that has a `model.safetensors`. Fails where there is none, and where its weights are not those of
/// its configuration.
pub(in crate::engine) fn checkpoint(
    checkpoint: &Checkpoint,
    encoder: &Encoder,
    (claim, on): (&str, &str),
) -> Result<Box<dyn Engine>, EngineError> {
    let bytes = checkpoint.read("model.safetensors")?;
    let id = checkpoint.id(&bytes);
    drop(bytes);
    let (path, shown) = checkpoint.file("model.safetensors");
    let load = |cause| EngineError::Load { name: shown.clone(), cause };
    let mut weights: Weights = Tensor::read_safetensors(&path).map_err(|cause| load(Box::new(cause)))?.into_iter().collect();
    let (family, config, name) = (checkpoint.family, checkpoint.config.clone(), checkpoint.folder.display().to_string());
    let mentions = matches!(checkpoint.task, Task::Mentions(_));
    if mentions && family == Family::Albert {
        // An ALBERT that labels tokens asks no pooler, and its checkpoints have none; rust-bert's model has one all the same.
        let width = config["hidden_size"].as_i64().unwrap_or(0);
        for (name, shape) in [("albert.pooler.weight", vec![width, width]), ("albert.pooler.bias", vec![width])] {
            weights.entry(name.to_owned()).or_insert_with(|| Tensor::zeros(shape, (Kind::Float, Device::Cpu)));
        }
    }
    let kind = (family, checkpoint.labels);
    let build = Box::new(move |path: &nn::Path<'_>| {
        let made = if mentions { of_tokens(kind, path, &config) } else { of_rows(kind, path, &config) };
        made.map_err(|cause| EngineError::Load { name: name.clone(), cause })
    });
    let net = CheckpointNet { pool: Pool::new(&shown, device(on)?, weights, build)? };
    Ok(Box::new(Foreign::new((checkpoint, id), Box::new(net), encoder, claim)?))
}

struct CheckpointNet {
    pool: Pool<Model>,
}

impl Net for CheckpointNet {
    fn logits(&self, rows: &[&Ask]) -> Result<Vec<f32>, EngineError> {
        let lengths: Vec<usize> = rows.iter().map(|row| row.ids.len()).collect();
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let on = self.pool.device;
        let ids = padded(rows.iter().map(|row| row.ids.as_slice()), longest, on);
        let kinds = padded(rows.iter().map(|row| row.kinds.as_slice()), longest, on);
        let seen = mask(&lengths, longest, on);
        let (name, count) = (&self.pool.name, rows.len());
        self.pool.with(|model| {
            let fail = |cause| EngineError::Run { name: name.clone(), rows: count, cause };
            let logits = model(&ids, &seen, &kinds).map_err(|cause| fail(Box::new(cause)))?;
            if logits.dim() == 2 {
                return flat(&logits, name, count);
            }
            let own = lengths
                .iter()
                .enumerate()
                .map(|(row, length)| logits.select(0, super::size(row)).narrow(0, 0, super::size(*length)));
            flat(&Tensor::cat(&own.collect::<Vec<_>>(), 0), name, count)
        })
    }

    fn budget(&self) -> usize {
        self.pool.budget()
    }
}

type Made = Result<Model, Box<dyn std::error::Error + Send + Sync>>;

/// The configuration as `rust-bert` reads it. It asks for a field that newer checkpoints of DistilBERT leave out.
fn parsed<C: DeserializeOwned>(config: &serde_json::Value) -> Result<C, Box<dyn std::error::Error + Send + Sync>> {
    let mut config = config.clone();
    if let Some(fields) = config.as_object_mut() {
        fields.entry("tie_weights_").or_insert(true.into());
    }
    Ok(serde_json::from_value(config)?)
}

fn deberta(path: &nn::Path<'_>, config: &serde_json::Value, kind: (Version, usize, bool)) -> Made {
    let model = classifier(path, config, kind)?;
    Ok(Box::new(move |ids, seen, kinds| Ok(model(ids, seen, kinds))))
}

/// A model that labels every position.
fn of_tokens((family, labels): (Family, usize), path: &nn::Path<'_>, config: &serde_json::Value) -> Made {
    Ok(match family {
        Family::Bert => {
            let model = BertForTokenClassification::new(path, &parsed::<BertConfig>(config)?)?;
            Box::new(move |ids, seen, kinds| {
                Ok(model.forward_t(Some(ids), Some(seen), Some(kinds), None, None, false).logits)
            })
        }
        Family::DistilBert => {
            let model = DistilBertForTokenClassification::new(path, &parsed::<DistilBertConfig>(config)?)?;
            Box::new(move |ids, seen, _| Ok(model.forward_t(Some(ids), Some(seen), None, false)?.logits))
        }
        Family::Roberta | Family::XlmRoberta => {
            let model = RobertaForTokenClassification::new(path, &parsed::<BertConfig>(config)?)?;
            Box::new(move |ids, seen, _| Ok(model.forward_t(Some(ids), Some(seen), None, None, None, false).logits))
        }
        Family::Deberta => deberta(path, config, (Version::First, labels, false))?,
        Family::DebertaV2 => deberta(path, config, (Version::Later, labels, false))?,
        Family::Electra => {
            let model = ElectraForTokenClassification::new(path, &parsed::<ElectraConfig>(config)?)?;
            Box::new(move |ids, seen, kinds| {
                Ok(model.forward_t(Some(ids), Some(seen), Some(kinds), None, None, false).logits)
            })
        }
        Family::Albert => {
            let model = AlbertForTokenClassification::new(path, &parsed::<AlbertConfig>(config)?)?;
            Box::new(move |ids, seen, kinds| {
                Ok(model.forward_t(Some(ids), Some(seen), Some(kinds), None, None, false).logits)
            })
        }
    })
}

/// A model that labels whole rows.
fn of_rows((family, labels): (Family, usize), path: &nn::Path<'_>, config: &serde_json::Value) -> Made {
    Ok(match family {
        Family::Bert => {
            let model = BertForSequenceClassification::new(path, &parsed::<BertConfig>(config)?)?;
            Box::new(move |ids, seen, kinds| {
                Ok(model.forward_t(Some(ids), Some(seen), Some(kinds), None, None, false).logits)
            })
        }
        Family::DistilBert => {
            let model = DistilBertModelClassifier::new(path, &parsed::<DistilBertConfig>(config)?)?;
            Box::new(move |ids, seen, _| Ok(model.forward_t(Some(ids), Some(seen), None, false)?.logits))
        }
        Family::Roberta | Family::XlmRoberta => {
            let model = RobertaForSequenceClassification::new(path, &parsed::<BertConfig>(config)?)?;
            Box::new(move |ids, seen, _| Ok(model.forward_t(Some(ids), Some(seen), None, None, None, false).logits))
        }
        Family::Deberta => deberta(path, config, (Version::First, labels, true))?,
        Family::DebertaV2 => deberta(path, config, (Version::Later, labels, true))?,
        Family::Electra => {
            return Err("rust-bert has no ELECTRA that classifies rows; one that classifies tokens can be used".into());
        }
        Family::Albert => {
            let model = AlbertForSequenceClassification::new(path, &parsed::<AlbertConfig>(config)?)?;
            Box::new(move |ids, seen, kinds| {
                Ok(model.forward_t(Some(ids), Some(seen), Some(kinds), None, None, false).logits)
            })
        }
    })
}
