//! The choice of engine and models, and what comes of it.

use std::borrow::Cow;
use std::path::PathBuf;

use super::checkpoint::{Checkpoint, Task};
use super::encode::Encoder;
use super::labels::Table;
use super::onnx;
use super::store::{Judging, Origin, references};
use super::{Engine, EngineError, ModelId};

/// The engines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// The default one, `rten`: int8 on the CPU.
    #[default]
    Rten,
    /// libtorch by way of `rust-bert`: float, on the CPU or a GPU.
    Torch,
}

/// What a row model is asked of a pair unless the settings say otherwise.
pub const CLAIM: &str = "{actor} supports {target}.";

/// Which engine computes what, and where.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The engine.
    pub kind: Kind,
    /// Where the shipped models come from.
    pub origin: Origin,
    /// The device of the engine torch: `cpu`, `cuda` or `cuda:1`.
    pub device: String,
    /// Folders of checkpoints, each of which stands in for the shipped model of its task.
    pub checkpoints: Vec<PathBuf>,
    /// What the labels of checkpoints mean.
    pub labels: Table,
    /// What a row model without marks is asked of a pair: text with `{actor}` and `{target}`.
    pub claim: String,
}

impl Default for Choice {
    fn default() -> Self {
        Self::shipped(Origin::BuiltIn)
    }
}

impl Choice {
    /// The default engine with the shipped models, or others of their format.
    pub fn shipped(origin: Origin) -> Self {
        let (checkpoints, labels) = (Vec::new(), Table::new());
        Self { kind: Kind::Rten, origin, device: "cpu".to_owned(), checkpoints, labels, claim: CLAIM.to_owned() }
    }
}

/// An engine and the encoder of its rows.
pub struct Side {
    /// The engine.
    pub engine: Box<dyn Engine>,
    /// The encoder.
    pub encoder: Encoder,
}

/// What finds mentions and what judges pairs.
pub struct Sides {
    /// It finds mentions.
    pub tagger: Side,
    /// It judges pairs; `None` where the tagger's engine does, on what it has read.
    pub judge: Option<Side>,
    /// The net that resolves references, by name and weights.
    pub references: (ModelId, Cow<'static, [u8]>),
}

/// Opens what was chosen. Fails where a model is missing, damaged or does not fit, where two checkpoints have one task, and where
/// the engine or its device is not at hand.
pub fn open(choice: &Choice) -> Result<Sides, EngineError> {
    let (mut tagger, mut judge) = (None, None);
    for folder in &choice.checkpoints {
        let checkpoint = Checkpoint::open(folder, &choice.labels)?;
        let place = if matches!(checkpoint.task, Task::Mentions(_)) { &mut tagger } else { &mut judge };
        if place.is_some() {
            let what = "another checkpoint was given for the same task".to_owned();
            return Err(EngineError::Unfit { name: folder.display().to_string(), what });
        }
        *place = Some(foreign(choice, &checkpoint)?);
    }
    let references = references(&choice.origin)?;
    Ok(match (tagger, judge) {
        (Some(tagger), Some(judge)) => Sides { tagger, judge: Some(judge), references },
        (Some(tagger), None) => Sides { tagger, judge: Some(shipped(choice, Judging::Pairs)?), references },
        (None, judge) => Sides { tagger: shipped(choice, Judging::Pairs)?, judge, references },
    })
}

/// Opens the shipped judge of claims, with the shared layers that it stands on, on the engine that was chosen.
pub fn open_claims(choice: &Choice) -> Result<Side, EngineError> {
    shipped(choice, Judging::Claims)
}

fn shipped(choice: &Choice, judging: Judging) -> Result<Side, EngineError> {
    match choice.kind {
        Kind::Rten => {
            let (engine, encoder) = onnx::OnnxEngine::open(&choice.origin, judging)?;
            Ok(Side { engine: Box::new(engine), encoder })
        }
        #[cfg(feature = "torch")]
        Kind::Torch => {
            let (engine, encoder) = super::torch::shipped::TorchEngine::open(&choice.origin, judging, &choice.device)?;
            Ok(Side { engine: Box::new(engine), encoder })
        }
        #[cfg(not(feature = "torch"))]
        Kind::Torch => Err(EngineError::NotBuilt),
    }
}

fn foreign(choice: &Choice, checkpoint: &Checkpoint) -> Result<Side, EngineError> {
    let encoder = Encoder::of_checkpoint(&checkpoint.folder, checkpoint.lower)?;
    if encoder.size() > checkpoint.vocabulary {
        let what =
            format!("its tokenizer has {} subwords, its configuration {} subwords", encoder.size(), checkpoint.vocabulary);
        return Err(EngineError::Unfit { name: checkpoint.folder.display().to_string(), what });
    }
    let engine = match choice.kind {
        Kind::Rten => onnx::checkpoint(checkpoint, &encoder, &choice.claim)?,
        #[cfg(feature = "torch")]
        Kind::Torch => super::torch::families::checkpoint(checkpoint, &encoder, (&choice.claim, &choice.device))?,
        #[cfg(not(feature = "torch"))]
        Kind::Torch => return Err(EngineError::NotBuilt),
    };
    Ok(Side { engine, encoder })
}
