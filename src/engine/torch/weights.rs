//! The weights of the shipped graphs, under the names that BERT's parts have in `rust-bert`.
//!
//! There is one set of weights, that of the default engine. A product's weights are whole steps of a scale; here they are
//! multiplied out and computed with in float, so what differs between the engines is the rounding of activations alone.
//! `models/train/graph.py` writes the graphs and says what it folds: the scale of the scores into the queries, the biases of keys
//! and values away; and which channels of a product it keeps apart in float.

use rten_onnx::onnx::{DataType, ModelProto, TensorProto};
use tch::{Device, Kind, Tensor};

use super::Weights;
use crate::engine::EngineError;

/// The names of our parts of a layer, and theirs.
const PARTS: [(&str, &str); 8] = [
    ("query", "attention.self.query"),
    ("key", "attention.self.key"),
    ("value", "attention.self.value"),
    ("out", "attention.output.dense"),
    ("norm_attention", "attention.output.LayerNorm"),
    ("up", "intermediate.dense"),
    ("down", "output.dense"),
    ("norm_output", "output.LayerNorm"),
];
/// The names of our embeddings, and theirs. Letter case comes in as their token types.
const EMBEDDINGS: [(&str, &str); 4] = [
    ("word", "word_embeddings"),
    ("position", "position_embeddings"),
    ("case", "token_type_embeddings"),
    ("norm", "LayerNorm"),
];

/// The weights of a graph. `layers` is where its layers go, `heads` how many attention heads a layer has.
pub(super) fn weights(name: &str, bytes: &[u8], layers: &str, heads: i64) -> Result<Weights, EngineError> {
    let load = |cause| EngineError::Load { name: name.to_owned(), cause };
    let graph = ModelProto::parse_buf(bytes).map_err(|cause| load(Box::new(cause)))?.graph.unwrap_or_default();
    let held: Weights =
        graph.initializer.iter().filter_map(|tensor| Some((tensor.name.clone()?, numbers(tensor)?))).collect();
    let mut out = Weights::new();
    for (name, tensor) in &held {
        let (stem, part) = name.rsplit_once('.').unwrap_or(("", name));
        if part == "scale" {
            continue;
        }
        let scale = held.get(&format!("{stem}.scale")).filter(|_| part == "weight");
        let mut whole = scale.map_or_else(|| tensor.shallow_clone(), |scale| tensor.to_kind(Kind::Float) * scale);
        if part == "weight" && whole.dim() == 2 && !stem.starts_with("embeddings.") {
            // Graphs have products the other way round.
            whole = unparted(whole, stem, &held).transpose(0, 1).contiguous();
        }
        if stem.rsplit('.').next() == Some("query") {
            let width = whole.size().last().copied().unwrap_or(1);
            whole *= ((width / heads) as f64).sqrt();
            for other in ["key", "value"].into_iter().filter(|_| part == "bias") {
                let none = Tensor::zeros([width], (Kind::Float, Device::Cpu));
                out.insert(renamed(&stem.replace("query", other), layers) + ".bias", none);
            }
        }
        out.insert(if stem.is_empty() { name.clone() } else { format!("{}.{part}", renamed(stem, layers)) }, whole);
    }
    Ok(out)
}

/// The weights `[in, out]` of a product without what was done for outlying channels of its input: some are eased, their weights
/// multiplied, or kept apart in float, where the others have 0.
fn unparted(whole: Tensor, stem: &str, held: &Weights) -> Tensor {
    let (layer, part) = stem.rsplit_once('.').unwrap_or(("", stem));
    let given = if ["query", "key", "value"].contains(&part) { format!("{layer}.in") } else { stem.to_owned() };
    let apart = (held.get(&format!("{stem}.apart")), held.get(&format!("{given}.far")));
    match (held.get(&format!("{given}.eased")), apart) {
        (Some(eased), _) => whole * eased.unsqueeze(1),
        (None, (Some(apart), Some(far))) => whole.index_add(0, far, apart),
        _ => whole,
    }
}

/// Their name of one of our parts.
fn renamed(stem: &str, layers: &str) -> String {
    let known =
        |names: &[(&str, &'static str)], part: &str| names.iter().find(|(ours, _)| *ours == part).map(|(_, theirs)| *theirs);
    let mut words = stem.splitn(3, '.');
    match (words.next(), words.next(), words.next()) {
        (Some("embeddings"), Some(part), None) => known(&EMBEDDINGS, part).map(|theirs| format!("bert.embeddings.{theirs}")),
        (Some("layers"), Some(number), Some(part)) => {
            known(&PARTS, part).map(|theirs| format!("{layers}.{number}.{theirs}"))
        }
        _ => None,
    }
    .unwrap_or_else(|| stem.to_owned())
}

/// A tensor of a graph, if it is one of float numbers, whole numbers or bytes.
fn numbers(tensor: &TensorProto) -> Option<Tensor> {
    let bytes = tensor.raw_data.as_ref()?.borrow();
    let tensor = match tensor.data_type? {
        DataType::FLOAT => {
            let numbers: Vec<f32> = bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect();
            Tensor::from_slice(&numbers)
        }
        DataType::INT64 => {
            let numbers: Vec<i64> = bytes.as_chunks().0.iter().map(|eight| i64::from_le_bytes(*eight)).collect();
            Tensor::from_slice(&numbers)
        }
        DataType::INT8 => Tensor::from_slice(&bytes.iter().map(|byte| byte.cast_signed()).collect::<Vec<i8>>()),
        _ => return None,
    }
    .f_view(tensor.dims.as_slice());
    tensor.ok()
}
