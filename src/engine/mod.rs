//! The engine: the only place where text passes through a model. Plain data in, plain data out.
//!
//! [`Engine`] has two questions. [`Engine::read`] runs the text of some rows through the tagger and gives label logits, its last states and
//! the trunk's states; [`Engine::compare`] puts those states and pairs of spans through the judge. No type of an engine's
//! library crosses this file. [`onnx`] is the default engine, [`table`] the one of the tests; the feature `torch` adds one on
//! libtorch. [`open`] chooses.

pub mod checkpoint;
pub mod encode;
mod foreign;
pub mod labels;
mod layout;
pub mod onnx;
pub mod open;
pub mod store;
pub mod table;
#[cfg(feature = "torch")]
pub mod torch;

use crate::mention::EntityType;
use crate::position::Stance;

/// How many labels a subword can have: outside, and begin and inside for every type.
pub const LABELS: usize = 1 + 2 * EntityType::ALL.len();
/// How many stances a direction can have.
pub const STANCES: usize = Stance::ALL.len();
/// How many positions a row may have, the opening and closing ones included.
pub const POSITIONS: usize = 192;

/// The name and digest of one model, for the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelId {
    /// The model's name.
    pub name: String,
    /// The SHA-256 of its weights, in hexadecimal.
    pub sha256: String,
}

/// The two models behind an engine and how their scores are calibrated.
#[derive(Clone, Debug, PartialEq)]
pub struct Models {
    /// The model that labels subwords.
    pub tagger: ModelId,
    /// The model that judges pairs.
    pub judge: ModelId,
    /// What the tagger's logits are divided by before they become probabilities.
    pub tagger_temperature: f32,
    /// What the judge's logits are divided by before they become probabilities.
    pub judge_temperature: f32,
    /// How much the probability of no stance counts where a stance is chosen; 1 chooses the most probable.
    pub none_weight: f32,
    /// What takes the log odds of a stance that is given to those of its score.
    pub stance_curve: Curve,
}

/// A rising curve of straight pieces between four knots, each a place and the value there; level before the first and behind the
/// last. A model is surest of what it chose in another measure than it is right, and not by one factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve([[f32; 2]; 4]);

impl Curve {
    /// The curve that changes nothing within 20 of zero, where every probability lies.
    pub const EVEN: Self = Self([[-20.0, -20.0], [-5.0, -5.0], [5.0, 5.0], [20.0, 20.0]]);

    /// The curve through some knots; `None` unless places and values rise, places strictly.
    pub fn new(knots: [[f32; 2]; 4]) -> Option<Self> {
        let finite = knots.as_flattened().iter().all(|number| number.is_finite());
        let rises = knots.windows(2).all(|pair| pair[0][0] < pair[1][0] && pair[0][1] <= pair[1][1]);
        (finite && rises).then_some(Self(knots))
    }

    /// Its value at a place.
    pub fn at(&self, place: f32) -> f32 {
        let piece = self.0.windows(2).find(|pair| place < pair[1][0]).unwrap_or(&self.0[2..]);
        let ([from, low], [to, high]) = (piece[0], piece[1]);
        low + (high - low) * ((place - from) / (to - from)).clamp(0.0, 1.0)
    }
}

/// Rows of subwords, one after the other. Padding is the engine's own affair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Where each row starts in `ids`, and as the last number the length of `ids`: one more than there are rows.
    pub starts: Vec<usize>,
    /// The subword numbers, each row with its opening and closing marks; a row is at most [`POSITIONS`] long.
    pub ids: Vec<u32>,
    /// The case class of each subword (see [`encode::case_class`]).
    pub cases: Vec<u8>,
}

impl Batch {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The positions of row `row` in `ids`.
    pub fn row(&self, row: usize) -> std::ops::Range<usize> {
        self.starts[row]..self.starts[row + 1]
    }
}

/// What the tagger says of a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// Label logits, `[subwords, LABELS]`, in the order O, B-PER, I-PER, B-ORG, …
    pub labels: Vec<f32>,
    /// What the judge takes of the trunk, its states and for a wide one its embeddings, `[subwords, width]`, for [`Engine::compare`].
    pub states: Vec<f32>,
    /// The states of the tagger's last layer, `[subwords, narrow]`, as wide as its layers are; empty where the engine does not give them away.
    pub tops: Vec<f32>,
}

/// Two spans of one row, as places in that row (0 is the opening mark).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The number of the row in its batch.
    pub row: usize,
    /// The first and the last subword of what is judged: the sentence of the two, or as much of it as the row holds. Nothing
    /// else of the row is seen but the opening mark.
    pub seen: [usize; 2],
    /// The first and the last subword of the one span.
    pub first: [usize; 2],
    /// The first and the last subword of the other span.
    pub second: [usize; 2],
}

/// Stance logits of one pair: `[way][stance]`; way 0 is first towards second, way 1 second towards first.
pub type StanceLogits = [[f32; STANCES]; 2];

/// A thing that computes. Answers depend on the batch alone: the same batch gives the same bytes on any thread.
pub trait Engine: Send + Sync {
    /// The models behind it.
    fn models(&self) -> &Models;

    /// Labels and states for every subword of the batch.
    fn read(&self, batch: &Batch) -> Result<Reading, EngineError>;

    /// Stance logits for every pair, in the order of `pairs`. `reading` is this engine's answer to `batch`.
    fn compare(&self, batch: &Batch, reading: &Reading, pairs: &[Pair]) -> Result<Vec<StanceLogits>, EngineError>;
}

/// Why an engine could not be made or could not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// A file of the model could not be read.
    #[error("cannot read the model file {path}: check that the folder holds models.json and the files that it names")]
    Read {
        /// The file.
        path: String,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// The manifest is not what it should be.
    #[error("the model manifest {path} is not valid: restore it from the release")]
    Manifest {
        /// The file.
        path: String,
        /// Why.
        #[source]
        cause: serde_json::Error,
    },
    /// The configuration of a checkpoint is not what it should be.
    #[error("{path} is not valid JSON: take it again from where the checkpoint comes from")]
    Config {
        /// The file.
        path: String,
        /// Why.
        #[source]
        cause: serde_json::Error,
    },
    /// A checkpoint has a label that is none of ours.
    #[error(
        "the labels of {model} do not fit: {unknown}. It has {found}. Say in demarche.toml, under [labels], what its labels \
         are here: {ours}"
    )]
    Labels {
        /// The model.
        model: String,
        /// What is wrong.
        unknown: String,
        /// All labels of the model.
        found: String,
        /// What it may be.
        ours: &'static str,
    },
    /// The engine is not in this program.
    #[error(
        "this demarche was built without the engine torch: run `make torch` in its repository, which sets libtorch up and builds it in"
    )]
    NotBuilt,
    /// There is no such device.
    #[error("cannot compute on the device {device}: {what}")]
    Device {
        /// What was asked for.
        device: String,
        /// Why not.
        what: String,
    },
    /// A file is not the one that the manifest names.
    #[error(
        "the model file {path} has SHA-256 {found}, but models.json says {expected}: the file is damaged or of another release"
    )]
    Digest {
        /// The file.
        path: String,
        /// What models.json says.
        expected: String,
        /// What the file has.
        found: String,
    },
    /// The model does not fit this program.
    #[error("the model {name} does not fit this program: {what}")]
    Unfit {
        /// The model.
        name: String,
        /// What differs.
        what: String,
    },
    /// The graph could not be loaded.
    #[error("cannot load the model {name}")]
    Load {
        /// The model.
        name: String,
        /// Why.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The graph could not be run.
    #[error("the model {name} failed on a batch of {rows} rows")]
    Run {
        /// The model.
        name: String,
        /// How many rows were asked.
        rows: usize,
        /// Why.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A text could not be cut into subwords.
    #[error("cannot cut a sentence of {bytes} bytes into subwords")]
    Subwords {
        /// How long it is.
        bytes: usize,
        /// Why.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
}
