//! A checkpoint: other people's model in the layout of Hugging Face, a folder with `config.json`, `tokenizer.json` (or `vocab.txt`)
//! and its weights. This file reads what the folder says of itself; an engine reads the weights.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::labels::{StanceLabels, Table, TokenLabels};
use super::store::sha256;
use super::{EngineError, ModelId, POSITIONS};

/// The architectures that are read, by `model_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// BERT.
    Bert,
    /// DistilBERT.
    DistilBert,
    /// RoBERTa, and CamemBERT, which is one.
    Roberta,
    /// XLM-R: RoBERTa over another vocabulary.
    XlmRoberta,
    /// DeBERTa.
    Deberta,
    /// DeBERTa of the second and third version.
    DebertaV2,
    /// ELECTRA.
    Electra,
    /// ALBERT.
    Albert,
}

const FAMILIES: [(&str, Family); 9] = [
    ("bert", Family::Bert),
    ("distilbert", Family::DistilBert),
    ("roberta", Family::Roberta),
    ("camembert", Family::Roberta),
    ("xlm-roberta", Family::XlmRoberta),
    ("deberta", Family::Deberta),
    ("deberta-v2", Family::DebertaV2),
    ("electra", Family::Electra),
    ("albert", Family::Albert),
];

/// What a checkpoint does, and its label names as ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// It labels tokens: mentions.
    Mentions(Box<TokenLabels>),
    /// It labels whole rows: the stance of a marked pair, or of a sentence and a claim.
    Stances(StanceLabels),
}

/// What `config.json` and its neighbours say.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// The folder.
    pub folder: PathBuf,
    /// Which architecture it is.
    pub family: Family,
    /// What it does.
    pub task: Task,
    /// How many labels it has.
    pub labels: usize,
    /// How many subwords it knows.
    pub vocabulary: usize,
    /// The whole of `config.json`, for the engine.
    pub config: Value,
    /// Whether its vocabulary is of small letters, where only a `vocab.txt` is given.
    pub lower: bool,
}

impl Checkpoint {
    /// Reads the configuration of a folder; label names go by `table`, then by the built-in one.
    ///
    /// Fails where a file is missing or is not JSON, and where the architecture, its task, its sizes or its labels are none that
    /// this program can use.
    pub fn open(folder: &Path, table: &Table) -> Result<Self, EngineError> {
        let config = json(&folder.join("config.json"))?;
        let unfit = |what: String| EngineError::Unfit { name: folder.display().to_string(), what };
        let kind = config["model_type"].as_str().unwrap_or_default();
        let family = FAMILIES.iter().find(|(name, _)| *name == kind).map(|(_, family)| *family);
        let known = || FAMILIES.map(|(name, _)| name).join(", ");
        let family = family.ok_or_else(|| unfit(format!("its model_type is {kind:?}; these are read: {}", known())))?;
        let labels =
            names(&config).ok_or_else(|| unfit("config.json has no id2label that numbers its labels from 0".into()))?;
        let shown = folder.display().to_string();
        let architecture = config["architectures"][0].as_str().unwrap_or_default();
        let task = if architecture.ends_with("ForTokenClassification") {
            Task::Mentions(Box::new(TokenLabels::new(&labels, table, &shown)?))
        } else if architecture.ends_with("ForSequenceClassification") {
            Task::Stances(StanceLabels::new(&labels, table, &shown)?)
        } else {
            return Err(unfit(format!(
                "its architecture is {architecture:?}; it has to end in ForTokenClassification (mentions) or ForSequenceClassification (stances)"
            )));
        };
        let vocabulary = sizes(&config).map_err(unfit)?;
        let tokenizer = folder.join("tokenizer_config.json");
        let lower = !tokenizer.exists() || json(&tokenizer)?["do_lower_case"].as_bool() != Some(false);
        Ok(Self { folder: folder.into(), family, task, labels: labels.len(), vocabulary, config, lower })
    }

    /// One of its files, and its name for messages.
    pub fn file(&self, name: &str) -> (PathBuf, String) {
        let path = self.folder.join(name);
        let shown = path.display().to_string();
        (path, shown)
    }

    /// The bytes of one of its files.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, EngineError> {
        let (path, shown) = self.file(name);
        std::fs::read(&path).map_err(|cause| EngineError::Read { path: shown, cause })
    }

    /// The name of the folder and the digest of the weights, for the record.
    pub fn id(&self, weights: &[u8]) -> ModelId {
        let name = self.folder.file_name().unwrap_or(self.folder.as_os_str()).to_string_lossy().into_owned();
        ModelId { name, sha256: sha256(weights) }
    }
}

fn json(path: &Path) -> Result<Value, EngineError> {
    let shown = || path.display().to_string();
    let bytes = std::fs::read(path).map_err(|cause| EngineError::Read { path: shown(), cause })?;
    serde_json::from_slice(&bytes).map_err(|cause| EngineError::Config { path: shown(), cause })
}

/// The label names in the order of their numbers.
fn names(config: &Value) -> Option<Vec<String>> {
    let map = config["id2label"].as_object()?;
    (0..map.len()).map(|number| Some(map.get(&number.to_string())?.as_str()?.to_owned())).collect()
}

/// What has to hold of the sizes, and the size of the vocabulary. A row of two texts and their marks fits into as many positions
/// as a row of one.
fn sizes(config: &Value) -> Result<usize, String> {
    let number = |names: [&str; 2]| names.iter().find_map(|name| config[*name].as_u64());
    let need =
        |names: [&str; 2]| number(names).filter(|n| *n > 0).ok_or(format!("config.json has no positive {}", names[0]));
    let (width, heads) = (need(["hidden_size", "dim"])?, need(["num_attention_heads", "n_heads"])?);
    if width % heads != 0 {
        return Err(format!("its width {width} does not divide by its {heads} attention heads"));
    }
    // RoBERTa counts places from behind the number of its padding.
    let unused = if config["model_type"].as_str().is_some_and(|kind| kind.contains("roberta")) { 2 } else { 0 };
    let positions = need(["max_position_embeddings", "max_position_embeddings"])?.saturating_sub(unused);
    if positions < POSITIONS as u64 {
        return Err(format!("it reads {positions} positions; rows here have up to {POSITIONS}"));
    }
    Ok(usize::try_from(need(["vocab_size", "vocab_size"])?).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TINY: &str = r#"{"model_type": "bert", "architectures": ["BertForTokenClassification"], "hidden_size": 8,
        "num_attention_heads": 2, "vocab_size": 9, "max_position_embeddings": 512, "id2label": {"0": "O", "1": "B-PER", "2": "I-PER"}}"#;

    fn open(config: &str) -> Result<Checkpoint, EngineError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.json"), config).unwrap();
        Checkpoint::open(folder.path(), &Table::new())
    }

    #[test]
    fn a_configuration_is_read() {
        let checkpoint = open(TINY).unwrap();
        assert_eq!((checkpoint.family, checkpoint.labels, checkpoint.lower), (Family::Bert, 3, true));
        assert!(matches!(checkpoint.task, Task::Mentions(_)));
    }

    #[test]
    fn what_cannot_be_used_is_told() {
        for (from, to, told) in [
            ("\"bert\"", "\"gpt2\"", "model_type is \"gpt2\""),
            ("BertForTokenClassification", "BertForMaskedLM", "BertForMaskedLM"),
            ("\"1\"", "\"7\"", "id2label"),
            ("B-PER", "B-GENE", "B-GENE"),
            ("\"num_attention_heads\": 2", "\"num_attention_heads\": 3", "3 attention heads"),
            ("512", "64", "64 positions"),
            ("\"hidden_size\"", "\"size\"", "hidden_size"),
            ("{\"model_type\"", "{model_type", "config.json"),
        ] {
            let error = open(&TINY.replace(from, to)).unwrap_err();
            assert!(crate::chain(&error).contains(told), "{to}: {}", crate::chain(&error));
        }
        let error = Checkpoint::open(Path::new("no/such"), &Table::new()).unwrap_err().to_string();
        assert!(error.contains("no/such/config.json"), "{error}");
    }
}
