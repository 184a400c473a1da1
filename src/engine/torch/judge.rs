//! The shipped judge on libtorch: the text rises through `rust-bert`'s BERT layers, the queries of pairs beside it.
//!
//! `models/train/judge.py` describes it: the text sees no query; a query sees the text, itself and its partner, by the weights of the
//! same layers. So each layer here is a BERT layer for the text and, over the same parameters, the steps of a query. A wide judge
//! (`models/train/widen.py`) has layers of `MPNet`, which `rust-bert` does not know: BERT's with a bias for distance and another epsilon,
//! so that the text takes the steps written out here.

use rust_bert::bert::{BertConfig, BertLayer};
use tch::{Kind, Tensor, nn};

use super::{Weights, size};
use crate::engine::{EngineError, STANCES};

/// The epsilon of BERT's norms, and that of `MPNet`'s and of the norm in which a query begins.
pub(super) const EPSILON: f64 = 1e-12;
const EPSILON_WIDE: f64 = 1e-5;
/// Distances between two places are less.
const FAR: i64 = 512;

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

/// The sizes of a judge.
pub(super) struct Sizes {
    /// Those of its layers.
    pub(super) config: BertConfig,
    /// How many layers it has.
    pub(super) layers: i64,
    /// The width within its head.
    pub(super) inner: i64,
    /// Of a wide one: the width of what it is given.
    pub(super) given: Option<i64>,
}

/// One layer: the text's, and its parts for the queries.
struct Layer {
    /// `None` where the text takes the same steps as the queries.
    text: Option<BertLayer>,
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
    fn new(path: &nn::Path<'_>, number: i64, Sizes { config, given, .. }: &Sizes) -> Result<Self, EngineError> {
        let theirs = path / "layer" / number;
        let text = BertLayer::new(&theirs, config);
        let epsilon = if given.is_some() { EPSILON_WIDE } else { EPSILON };
        let lacks =
            |name: &str| EngineError::Unfit { name: "rust-bert".to_owned(), what: format!("its layers have no {name}") };
        let found = |name: &'static str, part: &str| {
            let mut words = name.split('.');
            let first = theirs.sub(words.next().unwrap_or_default());
            words.fold(first, |path, word| path.sub(word)).get(part).ok_or_else(|| lacks(name))
        };
        let linear = |name| Ok::<_, EngineError>(nn::Linear { ws: found(name, "weight")?, bs: Some(found(name, "bias")?) });
        let norm = |name| Ok::<_, EngineError>(Norm { weight: found(name, "weight")?, bias: found(name, "bias")?, epsilon });
        let own = path / "layers" / number;
        Ok(Self {
            text: given.is_none().then_some(text),
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

    fn project(&self, x: &Tensor, by: &nn::Linear) -> Tensor {
        self.heads(&x.apply(by))
    }

    /// The states of the queries behind this layer. `text` and `bias` are those before it.
    fn ask(&self, text: &Tensor, queries: &Tensor, bias: &Tensor) -> Tensor {
        let (key_text, value_text) = (self.project(text, &self.key), self.project(text, &self.value));
        let [query, key, value] = [&self.query, &self.key, &self.value].map(|by| self.project(queries, by));
        let beside = |x: &Tensor, partner: &Tensor| swapped(x) + self.heads(&partner.view([1, 1, -1]));
        let (key_partner, value_partner) = (beside(&key, &self.partner_key), beside(&value, &self.partner_value));
        let scale = scale(&query);
        let score = |key: &Tensor| (&query * key).sum_dim_intlist(-1, true, Kind::Float) * scale;
        let to_text = query.matmul(&key_text.transpose(2, 3)) * scale + bias;
        let weights = Tensor::cat(&[to_text, score(&key), score(&key_partner)], -1).softmax(-1, Kind::Float);
        let length = text.size()[1];
        let share = |at: i64, count: i64| weights.narrow(-1, at, count);
        let mixed = share(0, length).matmul(&value_text) + share(length, 1) * value + share(length + 1, 1) * value_partner;
        self.rest(queries, &mixed)
    }

    /// The states of the text behind this layer.
    fn read(&self, text: &Tensor, bias: &Tensor) -> Tensor {
        if let Some(layer) = &self.text {
            return layer.forward_t(text, Some(bias), None, None, false).hidden_state;
        }
        let [query, key, value] = [&self.query, &self.key, &self.value].map(|by| self.project(text, by));
        let weights = (query.matmul(&key.transpose(2, 3)) * scale(&query) + bias).softmax(-1, Kind::Float);
        self.rest(text, &weights.matmul(&value))
    }

    /// What follows attention: its output's product, and the two products between. `mixed` is `[rows, heads, places, width of a head]`.
    fn rest(&self, x: &Tensor, mixed: &Tensor) -> Tensor {
        let mixed = mixed.transpose(1, 2).flatten(2, 3);
        let x = self.norms[0].apply(&(x + mixed.apply(&self.out)));
        self.norms[1].apply(&(&x + x.apply(&self.up).gelu("none").apply(&self.down)))
    }
}

/// What scores are multiplied by, of queries `[rows, heads, places, width of a head]`.
fn scale(query: &Tensor) -> f64 {
    1.0 / (query.size()[3] as f64).sqrt()
}

/// Each query's value at its partner's place: `[rows, heads, 2 * pairs, width]` with neighbours exchanged.
fn swapped(x: &Tensor) -> Tensor {
    let sizes = x.size();
    x.contiguous().view([sizes[0], sizes[1], sizes[2] / 2, 2, sizes[3]]).flip([3]).reshape(&sizes)
}

/// How a wide judge begins: what it is given comes to its width, and distances have a bias.
struct Entry {
    up: nn::Linear,
    norm: Norm,
    /// `[distances, heads]`, from -FAR on.
    relative: Tensor,
}

impl Entry {
    /// The bias of places `[rows, asking]` towards those of a text, `[rows, heads, asking, longest]`.
    fn away(&self, asking: &Tensor, longest: i64) -> Tensor {
        let seen = Tensor::arange(longest, (Kind::Int64, asking.device()));
        let distance = asking.unsqueeze(-1) - seen + FAR;
        Tensor::embedding(&self.relative, &distance, -1, false, false).permute([0, 3, 1, 2])
    }
}

/// States, mask and pairs -> stance logits.
pub(super) struct JudgeNet {
    entry: Option<Entry>,
    layers: Vec<Layer>,
    mark: Tensor,
    norm: Norm,
    inner: nn::Linear,
    outer: nn::Linear,
}

impl JudgeNet {
    pub(super) fn new(path: &nn::Path<'_>, sizes: &Sizes) -> Result<Self, EngineError> {
        let width = sizes.config.hidden_size;
        let linear = |path: nn::Path<'_>, from, to| nn::linear(path, from, to, nn::LinearConfig::default());
        let norm = |path: nn::Path<'_>| Norm {
            weight: path.ones("weight", &[width]),
            bias: path.zeros("bias", &[width]),
            epsilon: EPSILON_WIDE,
        };
        let entry = sizes.given.map(|given| Entry {
            up: linear(path / "entry" / "up", given, width),
            norm: norm(path / "entry" / "norm"),
            relative: path.zeros("relative", &[2 * FAR + 1, sizes.config.num_attention_heads]),
        });
        Ok(Self {
            entry,
            layers: (0..sizes.layers).map(|number| Layer::new(path, number, sizes)).collect::<Result<_, _>>()?,
            mark: path.zeros("mark", &[width]),
            norm: norm(path / "norm"),
            inner: linear(path / "inner", 3 * width, sizes.inner),
            outer: linear(path / "outer", sizes.inner, size(STANCES)),
        })
    }

    /// States `[rows, places, width]`, their mask `[rows, places]` and the first and last places of two queries a pair
    /// `[rows, 2 * pairs]` -> `[rows, pairs, ways, stances]`.
    pub(super) fn forward(&self, states: &Tensor, seen: &Tensor, ends: &[Tensor; 2]) -> Tensor {
        let hidden = (seen.to_kind(Kind::Float) - 1.0).unsqueeze(1).unsqueeze(1) * 10_000.0;
        let [rows, asked, longest] = [ends[0].size()[0], ends[0].size()[1], states.size()[1]];
        let (mut text, biases) = match &self.entry {
            None => (states.shallow_clone(), [hidden.shallow_clone(), hidden]),
            Some(entry) => {
                let places = Tensor::arange(longest, (Kind::Int64, states.device())).unsqueeze(0);
                let biases = [&places, &ends[0]].map(|asking| entry.away(asking, longest) + &hidden);
                (entry.norm.apply(&states.apply(&entry.up)), biases)
            }
        };
        let width = text.size()[2];
        let at = |places: &Tensor| text.gather(1, &places.unsqueeze(-1).expand([rows, asked, width], false), false);
        let mut queries = self.norm.apply(&(at(&ends[0]) + at(&ends[1]))) + &self.mark;
        for layer in &self.layers {
            queries = layer.ask(&text, &queries, &biases[1]);
            text = layer.read(&text, &biases[0]);
        }
        let pairs = queries.view([rows, asked / 2, 2, width]);
        let (first, second) = (pairs.select(2, 0), pairs.select(2, 1));
        let whole = text.narrow(1, 0, 1).expand([rows, asked / 2, width], false);
        let way = |actor: &Tensor, target: &Tensor| Tensor::cat(&[actor, target, &whole], -1);
        let ways = Tensor::stack(&[way(&first, &second), way(&second, &first)], 2);
        ways.apply(&self.inner).gelu("none").apply(&self.outer)
    }
}
