//! The shipped judge on libtorch: the text rises through `rust-bert`'s BERT layers, the queries of pairs beside it.
//!
//! `models/train/judge.py` describes it: the text sees no query; a query sees the text, itself and its partner, by the weights of the
//! same layers. So each layer here is a BERT layer for the text and, over the same parameters, the steps of a query.

use rust_bert::bert::{BertConfig, BertLayer};
use tch::{Kind, Tensor, nn};

use super::{Weights, size};
use crate::engine::{EngineError, STANCES};

/// The epsilon of BERT's norms, and that of the norm in which a query begins.
const EPSILON: f64 = 1e-12;
const EPSILON_QUERY: f64 = 1e-5;

/// The judge's weights with the first product of its head in one piece, which the graph has cut in three.
pub(super) fn joined(mut weights: Weights) -> Weights {
    if let (Some(sides), Some(row)) = (weights.remove("head.1.sides.weight"), weights.remove("head.1.row.weight")) {
        let parts = sides.chunk(2, 0);
        weights.insert("inner.weight".to_owned(), Tensor::cat(&[&parts[0], &parts[1], &row], 1));
    }
    for (ours, theirs) in
        [("head.1.row.bias", "inner.bias"), ("head.4.weight", "outer.weight"), ("head.4.bias", "outer.bias")]
    {
        if let Some(weight) = weights.remove(ours) {
            weights.insert(theirs.to_owned(), weight);
        }
    }
    weights
}

/// A norm over the last axis.
struct Norm {
    weight: Tensor,
    bias: Tensor,
    epsilon: f64,
}

impl Norm {
    fn apply(&self, x: &Tensor) -> Tensor {
        x.layer_norm(self.weight.size(), Some(&self.weight), Some(&self.bias), self.epsilon, false)
    }
}

/// One layer: the text's, and its parts for the queries.
struct Layer {
    text: BertLayer,
    query: nn::Linear,
    key: nn::Linear,
    value: nn::Linear,
    out: nn::Linear,
    up: nn::Linear,
    down: nn::Linear,
    norms: [Norm; 2],
    partner_key: Tensor,
    partner_value: Tensor,
    heads: i64,
}

impl Layer {
    fn new(path: &nn::Path<'_>, number: i64, config: &BertConfig) -> Result<Self, EngineError> {
        let theirs = path / "layer" / number;
        let text = BertLayer::new(&theirs, config);
        let lacks =
            |name: &str| EngineError::Unfit { name: "rust-bert".to_owned(), what: format!("its layers have no {name}") };
        let found = |name: &'static str, part: &str| {
            let mut words = name.split('.');
            let first = theirs.sub(words.next().unwrap_or_default());
            words.fold(first, |path, word| path.sub(word)).get(part).ok_or_else(|| lacks(name))
        };
        let linear = |name| Ok::<_, EngineError>(nn::Linear { ws: found(name, "weight")?, bs: Some(found(name, "bias")?) });
        let norm = |name| {
            Ok::<_, EngineError>(Norm { weight: found(name, "weight")?, bias: found(name, "bias")?, epsilon: EPSILON })
        };
        let own = path / "layers" / number;
        Ok(Self {
            text,
            query: linear("attention.self.query")?,
            key: linear("attention.self.key")?,
            value: linear("attention.self.value")?,
            out: linear("attention.output.dense")?,
            up: linear("intermediate.dense")?,
            down: linear("output.dense")?,
            norms: [norm("attention.output.LayerNorm")?, norm("output.LayerNorm")?],
            partner_key: own.zeros("partner_key", &[config.hidden_size]),
            partner_value: own.zeros("partner_value", &[config.hidden_size]),
            heads: config.num_attention_heads,
        })
    }

    /// `[rows, places, width]` -> `[rows, heads, places, width of a head]`.
    fn heads(&self, x: &Tensor) -> Tensor {
        let sizes = x.size();
        x.view([sizes[0], sizes[1], self.heads, sizes[2] / self.heads]).transpose(1, 2)
    }

    /// The states of the queries behind this layer. `text` and `bias` are those before it.
    fn ask(&self, text: &Tensor, queries: &Tensor, bias: &Tensor) -> Tensor {
        let project = |x: &Tensor, by: &nn::Linear| self.heads(&x.apply(by));
        let (key_text, value_text) = (project(text, &self.key), project(text, &self.value));
        let [query, key, value] = [&self.query, &self.key, &self.value].map(|by| project(queries, by));
        let beside = |x: &Tensor, partner: &Tensor| swapped(x) + self.heads(&partner.view([1, 1, -1]));
        let (key_partner, value_partner) = (beside(&key, &self.partner_key), beside(&value, &self.partner_value));
        let scale = 1.0 / (query.size()[3] as f64).sqrt();
        let score = |key: &Tensor| (&query * key).sum_dim_intlist(-1, true, Kind::Float) * scale;
        let to_text = query.matmul(&key_text.transpose(2, 3)) * scale + bias;
        let weights = Tensor::cat(&[to_text, score(&key), score(&key_partner)], -1).softmax(-1, Kind::Float);
        let length = text.size()[1];
        let share = |at: i64, count: i64| weights.narrow(-1, at, count);
        let mixed = share(0, length).matmul(&value_text) + share(length, 1) * value + share(length + 1, 1) * value_partner;
        let mixed = mixed.transpose(1, 2).flatten(2, 3);
        let x = self.norms[0].apply(&(queries + mixed.apply(&self.out)));
        self.norms[1].apply(&(&x + x.apply(&self.up).gelu("none").apply(&self.down)))
    }
}

/// Each query's value at its partner's place: `[rows, heads, 2 * pairs, width]` with neighbours exchanged.
fn swapped(x: &Tensor) -> Tensor {
    let sizes = x.size();
    x.contiguous().view([sizes[0], sizes[1], sizes[2] / 2, 2, sizes[3]]).flip([3]).reshape(&sizes)
}

/// States, mask and pairs -> stance logits.
pub(super) struct JudgeNet {
    layers: Vec<Layer>,
    mark: Tensor,
    norm: Norm,
    inner: nn::Linear,
    outer: nn::Linear,
}

impl JudgeNet {
    pub(super) fn new(path: &nn::Path<'_>, config: &BertConfig, layers: i64) -> Result<Self, EngineError> {
        let width = config.hidden_size;
        let linear = |name: &str, from, to| nn::linear(path / name, from, to, nn::LinearConfig::default());
        let norm = path / "norm";
        Ok(Self {
            layers: (0..layers).map(|number| Layer::new(path, number, config)).collect::<Result<_, _>>()?,
            mark: path.zeros("mark", &[width]),
            norm: Norm { weight: norm.ones("weight", &[width]), bias: norm.zeros("bias", &[width]), epsilon: EPSILON_QUERY },
            inner: linear("inner", 3 * width, width),
            outer: linear("outer", width, size(STANCES)),
        })
    }

    /// States `[rows, places, width]`, their mask `[rows, places]` and the first and last places of two queries a pair
    /// `[rows, 2 * pairs]` -> `[rows, pairs, ways, stances]`.
    pub(super) fn forward(&self, states: &Tensor, seen: &Tensor, ends: &[Tensor; 2]) -> Tensor {
        let width = states.size()[2];
        let [rows, asked] = [ends[0].size()[0], ends[0].size()[1]];
        let at = |places: &Tensor| states.gather(1, &places.unsqueeze(-1).expand([rows, asked, width], false), false);
        let mut queries = self.norm.apply(&(at(&ends[0]) + at(&ends[1]))) + &self.mark;
        let mut text = states.shallow_clone();
        let bias = (seen.to_kind(Kind::Float) - 1.0).unsqueeze(1).unsqueeze(1) * 10_000.0;
        for layer in &self.layers {
            queries = layer.ask(&text, &queries, &bias);
            text = layer.text.forward_t(&text, Some(&bias), None, None, false).hidden_state;
        }
        let pairs = queries.view([rows, asked / 2, 2, width]);
        let (first, second) = (pairs.select(2, 0), pairs.select(2, 1));
        let whole = text.narrow(1, 0, 1).expand([rows, asked / 2, width], false);
        let way = |actor: &Tensor, target: &Tensor| Tensor::cat(&[actor, target, &whole], -1);
        let ways = Tensor::stack(&[way(&first, &second), way(&second, &first)], 2);
        ways.apply(&self.inner).gelu("none").apply(&self.outer)
    }
}
