//! DeBERTa (He et al. 2021, *Decoding-enhanced BERT with Disentangled Attention*), its second and third version included.
//!
//! Not by `rust-bert`: release 0.23 takes the number of heads for the length of the text (first version), and leaves out a square root
//! and a shift of the distances (second and third), so that its answers are others than those of the checkpoints' makers
//! (tests/checkpoints/make.py has theirs). Attention has three parts: what a word says to a word, what a word says to a distance
//! (c2p), and what a distance says to a word (p2c).

use serde::Deserialize;
use tch::{Device, Kind, Tensor, nn};

use super::size;

/// What of `config.json` is used. Other fields change nothing or are refused.
#[derive(Clone, Debug, Deserialize)]
// The fields are theirs.
#[allow(clippy::struct_excessive_bools)]
struct Config {
    hidden_size: i64,
    num_hidden_layers: i64,
    num_attention_heads: i64,
    intermediate_size: i64,
    vocab_size: i64,
    max_position_embeddings: i64,
    #[serde(default)]
    type_vocab_size: i64,
    #[serde(default = "yes")]
    position_biased_input: bool,
    #[serde(default)]
    relative_attention: bool,
    #[serde(default)]
    pos_att_type: Kinds,
    #[serde(default)]
    max_relative_positions: i64,
    #[serde(default)]
    position_buckets: i64,
    #[serde(default)]
    norm_rel_ebd: String,
    #[serde(default)]
    share_att_key: bool,
    #[serde(default = "epsilon")]
    layer_norm_eps: f64,
    hidden_act: String,
    #[serde(default)]
    talking_head: bool,
    #[serde(default)]
    conv_kernel_size: i64,
    embedding_size: Option<i64>,
    #[serde(default)]
    pooler_hidden_act: Option<String>,
}

const fn yes() -> bool {
    true
}

const fn epsilon() -> f64 {
    1e-7
}

/// The parts of attention, as older files (one text) and newer ones (a list) have them.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Kinds {
    Text(String),
    List(Vec<String>),
}

impl Default for Kinds {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

impl Kinds {
    fn has(&self, kind: &str) -> bool {
        match self {
            Self::Text(text) => text.split('|').any(|part| part.trim().eq_ignore_ascii_case(kind)),
            Self::List(list) => list.iter().any(|part| part.eq_ignore_ascii_case(kind)),
        }
    }
}

impl Config {
    /// How far apart two words may be and still be told from others.
    fn distances(&self) -> i64 {
        if self.max_relative_positions < 1 { self.max_position_embeddings } else { self.max_relative_positions }
    }

    /// What of the configuration this file does not know how to compute.
    fn foreign(&self) -> Option<String> {
        let gelu = |name: &str| name == "gelu";
        let told = [
            (self.talking_head, "talking heads"),
            (self.conv_kernel_size > 0, "a convolution"),
            (self.embedding_size.is_some_and(|width| width != self.hidden_size), "embeddings of another width"),
            (self.pos_att_type.has("p2p"), "attention of distances to distances"),
            (
                !gelu(&self.hidden_act) || !self.pooler_hidden_act.as_deref().is_none_or(gelu),
                "an activation other than gelu",
            ),
        ];
        told.iter()
            .find(|(is, _)| *is)
            .map(|(_, what)| format!("its configuration asks for {what}, which is not computed here"))
    }
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// The versions differ in their projections and in how they count distances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    First,
    Later,
}

/// Subwords, mask and token types -> states `[rows, positions, width]`.
struct Encoder {
    config: Config,
    version: Version,
    words: Tensor,
    places: Option<Tensor>,
    kinds: Option<Tensor>,
    norm: nn::LayerNorm,
    layers: Vec<Layer>,
    /// One row a distance.
    distances: Option<Tensor>,
    norm_distances: Option<nn::LayerNorm>,
}

struct Layer {
    /// Query, key and value.
    sides: Sides,
    /// What distances say to words and words to distances; `None` where the words' own projections serve.
    from_distance: Option<nn::Linear>,
    to_distance: Option<nn::Linear>,
    out: nn::Linear,
    up: nn::Linear,
    down: nn::Linear,
    norms: [nn::LayerNorm; 2],
}

enum Sides {
    /// One projection for all, head by head, and biases for query and value.
    Joined { all: nn::Linear, query_bias: Tensor, value_bias: Tensor },
    /// One each.
    Apart([nn::Linear; 3]),
}

fn norm(path: nn::Path<'_>, config: &Config) -> nn::LayerNorm {
    let settings = nn::LayerNormConfig { eps: config.layer_norm_eps, ..nn::LayerNormConfig::default() };
    nn::layer_norm(path, vec![config.hidden_size], settings)
}

fn linear(path: nn::Path<'_>, from: i64, to: i64, bias: bool) -> nn::Linear {
    nn::linear(path, from, to, nn::LinearConfig { bias, ..nn::LinearConfig::default() })
}

impl Layer {
    fn new(path: &nn::Path<'_>, config: &Config, version: Version) -> Self {
        let (width, inner) = (config.hidden_size, config.intermediate_size);
        let attention = path / "attention";
        let own = &attention / "self";
        let sides = match version {
            Version::First => Sides::Joined {
                all: linear(&own / "in_proj", width, 3 * width, false),
                query_bias: own.zeros("q_bias", &[width]),
                value_bias: own.zeros("v_bias", &[width]),
            },
            Version::Later => {
                Sides::Apart(["query_proj", "key_proj", "value_proj"].map(|name| linear(&own / name, width, width, true)))
            }
        };
        let (to, from) =
            if version == Version::First { ("pos_proj", "pos_q_proj") } else { ("pos_key_proj", "pos_query_proj") };
        let apart = config.relative_attention && !(version == Version::Later && config.share_att_key);
        let side =
            |kind, name, bias| (apart && config.pos_att_type.has(kind)).then(|| linear(&own / name, width, width, bias));
        Self {
            sides,
            to_distance: side("c2p", to, version == Version::Later),
            from_distance: side("p2c", from, true),
            out: linear(&attention / "output" / "dense", width, width, true),
            up: linear(path / "intermediate" / "dense", width, inner, true),
            down: linear(path / "output" / "dense", inner, width, true),
            norms: [norm(&attention / "output" / "LayerNorm", config), norm(path / "output" / "LayerNorm", config)],
        }
    }

    /// Query, key and value, each `[rows, heads, positions, width of a head]`.
    fn sides(&self, x: &Tensor, heads: i64) -> [Tensor; 3] {
        match &self.sides {
            Sides::Joined { all, query_bias, value_bias } => {
                let parts = split(&x.apply(all), heads).chunk(3, -1);
                let bias = |bias: &Tensor| split(&bias.view([1, 1, -1]), heads);
                [&parts[0] + bias(query_bias), parts[1].shallow_clone(), &parts[2] + bias(value_bias)]
            }
            Sides::Apart(sides) => [0, 1, 2].map(|side| split(&x.apply(&sides[side]), heads)),
        }
    }

    /// The projection of distances for one part of attention.
    fn distances<'a>(&'a self, own: Option<&'a nn::Linear>, shared: usize) -> Option<&'a nn::Linear> {
        own.or(match &self.sides {
            Sides::Apart(sides) => Some(&sides[shared]),
            Sides::Joined { .. } => None,
        })
    }

    fn forward(&self, x: &Tensor, mask: &Tensor, relative: Option<&Relative>, config: &Config) -> Tensor {
        let heads = config.num_attention_heads;
        let [query, key, value] = self.sides(x, heads);
        let parts = 1 + i64::from(config.pos_att_type.has("c2p")) + i64::from(config.pos_att_type.has("p2c"));
        let scale = ((config.hidden_size / heads * parts) as f64).sqrt();
        let mut scores = query.matmul(&key.transpose(-1, -2));
        if let Some(Relative { states, to, from }) = relative {
            let said = |side: &Tensor, by: &nn::Linear, index: &Tensor| {
                let distances = split(&states.unsqueeze(0).apply(by), heads);
                let all = side.matmul(&distances.transpose(-1, -2));
                let sizes = all.size();
                all.gather(
                    -1,
                    &index.unsqueeze(0).unsqueeze(0).expand([sizes[0], sizes[1], sizes[2], sizes[2]], false),
                    false,
                )
            };
            if let Some(by) = self.distances(self.to_distance.as_ref(), 1).filter(|_| config.pos_att_type.has("c2p")) {
                scores += said(&query, by, to);
            }
            if let Some(by) = self.distances(self.from_distance.as_ref(), 0).filter(|_| config.pos_att_type.has("p2c")) {
                scores += said(&key, by, from).transpose(-1, -2);
            }
        }
        let weights = (scores / scale).masked_fill(mask, f64::from(f32::MIN)).softmax(-1, Kind::Float);
        let mixed = weights.matmul(&value).transpose(1, 2).flatten(2, 3);
        let x = (x + mixed.apply(&self.out)).apply(&self.norms[0]);
        (&x + x.apply(&self.up).gelu("none").apply(&self.down)).apply(&self.norms[1])
    }
}

/// `[rows, positions, heads * width]` -> `[rows, heads, positions, width]`.
fn split(x: &Tensor, heads: i64) -> Tensor {
    let sizes = x.size();
    x.view([sizes[0], sizes[1], heads, sizes[2] / heads]).transpose(1, 2)
}

/// The distances of a text: their states, and for each pair of positions the number of the distance from the one to the other.
struct Relative {
    states: Tensor,
    to: Tensor,
    from: Tensor,
}

impl Encoder {
    fn new(path: &nn::Path<'_>, config: Config, version: Version) -> Self {
        let (width, inner) = (config.hidden_size, path / "encoder");
        let table = |path: nn::Path<'_>, rows: i64| path.zeros("weight", &[rows, width]);
        let embeddings = path / "embeddings";
        let span = if config.position_buckets > 0 && version == Version::Later {
            config.position_buckets
        } else {
            config.distances()
        };
        Self {
            words: table(&embeddings / "word_embeddings", config.vocab_size),
            places: config
                .position_biased_input
                .then(|| table(&embeddings / "position_embeddings", config.max_position_embeddings)),
            kinds: (config.type_vocab_size > 0)
                .then(|| table(&embeddings / "token_type_embeddings", config.type_vocab_size)),
            norm: norm(&embeddings / "LayerNorm", &config),
            layers: (0..config.num_hidden_layers)
                .map(|number| Layer::new(&(&inner / "layer" / number), &config, version))
                .collect(),
            distances: config.relative_attention.then(|| table(&inner / "rel_embeddings", 2 * span)),
            norm_distances: (version == Version::Later && config.norm_rel_ebd.contains("layer_norm"))
                .then(|| norm(&inner / "LayerNorm", &config)),
            config,
            version,
        }
    }

    fn forward(&self, ids: &Tensor, seen: &Tensor, kinds: &Tensor) -> Tensor {
        let length = ids.size()[1];
        let row = |table: &Tensor, index: &Tensor| Tensor::embedding(table, index, -1, false, false);
        let mut x = row(&self.words, ids);
        if let Some(places) = &self.places {
            x += places.narrow(0, 0, length);
        }
        if let Some(table) = &self.kinds {
            x += row(table, kinds);
        }
        let mut x = x.apply(&self.norm) * seen.unsqueeze(-1).to_kind(Kind::Float);
        let hidden = (seen.unsqueeze(1).unsqueeze(1) * seen.unsqueeze(1).unsqueeze(-1)).logical_not();
        let relative = self.distances.as_ref().map(|distances| self.relative(distances, length, ids.device()));
        for layer in &self.layers {
            x = layer.forward(&x, &hidden, relative.as_ref(), &self.config);
        }
        x
    }

    /// The first version knows each distance up to a limit; the later ones put far distances together, in buckets that widen.
    fn relative(&self, distances: &Tensor, length: i64, device: Device) -> Relative {
        let (most, buckets) = (self.config.distances(), self.config.position_buckets);
        let (span, states) = match self.version {
            Version::First => {
                let span = length.min(most);
                (span, distances.narrow(0, most - span, 2 * span))
            }
            Version::Later => (distances.size()[0] / 2, distances.shallow_clone()),
        };
        let states = self.norm_distances.as_ref().map_or_else(|| states.shallow_clone(), |norm| states.apply(norm));
        let bucketed = self.version == Version::Later && buckets > 0;
        let away = |from: i64, to: i64| if bucketed { bucket(from - to, buckets, most) } else { from - to };
        let index = |sign: i64| {
            let numbers = (0..length).flat_map(|from| (0..length).map(move |to| (from, to)));
            let numbers: Vec<i64> =
                numbers.map(|(from, to)| (sign * away(from, to) + span).clamp(0, 2 * span - 1)).collect();
            Tensor::from_slice(&numbers).view([length, length]).to_device(device)
        };
        Relative { states, to: index(1), from: index(-1) }
    }
}

/// The bucket of a distance: itself up to half the buckets, then growing with its logarithm.
fn bucket(away: i64, buckets: i64, most: i64) -> i64 {
    let middle = buckets / 2;
    let far = away.abs();
    if far <= middle {
        return away;
    }
    // In single precision, as the checkpoints' makers compute it.
    let share = (far as f32 / middle as f32).ln() / ((most - 1) as f32 / middle as f32).ln();
    ((share * (middle - 1) as f32).ceil() as i64 + middle) * away.signum()
}

/// Subwords, mask and token types -> logits.
type Forward = Box<dyn Fn(&Tensor, &Tensor, &Tensor) -> Tensor + Send>;

/// A DeBERTa with a classifier of `labels` labels, of positions or of whole rows.
pub(super) fn classifier(
    path: &nn::Path<'_>,
    config: &serde_json::Value,
    (version, labels, rows): (Version, usize, bool),
) -> Result<Forward, Fault> {
    let config: Config = serde_json::from_value(config.clone())?;
    if let Some(what) = config.foreign() {
        return Err(what.into());
    }
    let width = config.hidden_size;
    let pooler = rows.then(|| linear(path / "pooler" / "dense", width, width, true));
    let head = linear(path / "classifier", width, size(labels), true);
    let encoder = Encoder::new(&(path / "deberta"), config, version);
    Ok(Box::new(move |ids, seen, kinds| {
        let states = encoder.forward(ids, seen, kinds);
        match &pooler {
            Some(pooler) => states.select(1, 0).apply(pooler).gelu("none").apply(&head),
            None => states.apply(&head),
        }
    }))
}
