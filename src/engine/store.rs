//! The store: the models' files, from the binary itself or from a folder, checked against their digests.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{Curve, EngineError, LABELS, ModelId, Models, POSITIONS};
use crate::mention::EntityType;
use crate::position::Stance;

const MANIFEST: &str = "models.json";
const FORMAT: &str = "demarche.models/1";

/// The files that ship inside the binary, so that it works from anywhere.
const BUILT_IN: [(&str, &[u8]); 6] = [
    (MANIFEST, include_bytes!("../../models/models.json")),
    ("tagger.onnx", include_bytes!("../../models/tagger.onnx")),
    ("judge.onnx", include_bytes!("../../models/judge.onnx")),
    ("references.safetensors", include_bytes!("../../models/references.safetensors")),
    ("claims.onnx", include_bytes!("../../models/claims.onnx")),
    ("tokenizer.json", include_bytes!("../../models/tokenizer.json")),
];

/// Where the models are read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// The binary itself.
    #[default]
    BuiltIn,
    /// A folder with a `models.json`.
    Folder(PathBuf),
}

impl Origin {
    /// One file, and its name for messages.
    fn file(&self, name: &str) -> Result<(String, Cow<'static, [u8]>), EngineError> {
        let missing = || std::io::Error::from(std::io::ErrorKind::NotFound);
        match self {
            Self::BuiltIn => {
                let path = format!("(built in) {name}");
                let found = BUILT_IN.iter().find(|(known, _)| *known == name);
                let bytes = found.map(|(_, bytes)| Cow::Borrowed(*bytes));
                bytes.map(|bytes| (path.clone(), bytes)).ok_or_else(|| EngineError::Read { path, cause: missing() })
            }
            Self::Folder(folder) => {
                let path = folder.join(Path::new(name).file_name().unwrap_or_default());
                let shown = path.display().to_string();
                match std::fs::read(&path) {
                    Ok(bytes) => Ok((shown, Cow::Owned(bytes))),
                    Err(cause) => Err(EngineError::Read { path: shown, cause }),
                }
            }
        }
    }
}

/// The manifest as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    format: String,
    tagger: Graph,
    judge: Graph,
    claims: Option<Graph>,
    references: Named,
    tokenizer: Entry,
    width: usize,
    /// How many of the tagger's layers the judges stand on.
    #[serde(default = "two")]
    shared: usize,
    positions: usize,
}

const fn two() -> usize {
    2
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Graph {
    name: String,
    file: String,
    sha256: String,
    labels: Vec<String>,
    temperature: f32,
    #[serde(default = "one")]
    none_weight: f32,
    curve: Option<[[f32; 2]; 4]>,
    /// Of a judge: whether it takes the embeddings beside the states of the shared layers.
    #[serde(default)]
    wide: bool,
}

const fn one() -> f32 {
    1.0
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
    file: String,
    sha256: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    file: String,
    sha256: String,
}

/// What the judge is asked: how two mentions stand to each other, or how one stands to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judging {
    /// Pairs of mentions.
    Pairs,
    /// A mention and a claim.
    Claims,
}

/// All that an engine is made of, read and checked.
pub struct Store {
    /// Names, digests and temperatures.
    pub models: Models,
    /// The tagger's graph.
    pub tagger: Cow<'static, [u8]>,
    /// The judge's graph.
    pub judge: Cow<'static, [u8]>,
    /// The subword vocabulary and its rules.
    pub tokenizer: Cow<'static, [u8]>,
    /// The width of what the judge takes of each subword.
    pub width: usize,
    /// Whether that is the embeddings beside the trunk's states, rather than these alone.
    pub wide: bool,
    /// The width of the states of the tagger's layers.
    pub narrow: usize,
    /// How many of the tagger's layers the judge stands on.
    pub shared: usize,
}

impl Store {
    /// Reads the manifest and every file that it names, and compares their digests.
    ///
    /// Fails where a file is missing or differs from its digest, where there is no judge of that kind, and where the labels are not this program's.
    pub fn open(origin: &Origin, judging: Judging) -> Result<Self, EngineError> {
        let mut manifest = manifest(origin)?;
        fits(&manifest)?;
        if judging == Judging::Claims {
            let what = "these models have none that judges claims: take those of this release, or targets without claims";
            let unfit = || EngineError::Unfit { name: MANIFEST.to_owned(), what: what.to_owned() };
            manifest.judge = manifest.claims.take().ok_or_else(unfit)?;
        }
        let id = |graph: &Graph| ModelId { name: graph.name.clone(), sha256: graph.sha256.clone() };
        Ok(Self {
            tagger: checked(origin, &manifest.tagger.file, &manifest.tagger.sha256)?,
            judge: checked(origin, &manifest.judge.file, &manifest.judge.sha256)?,
            tokenizer: checked(origin, &manifest.tokenizer.file, &manifest.tokenizer.sha256)?,
            width: manifest.width * if manifest.judge.wide { 2 } else { 1 },
            wide: manifest.judge.wide,
            narrow: manifest.width,
            shared: manifest.shared,
            models: Models {
                tagger: id(&manifest.tagger),
                judge: id(&manifest.judge),
                tagger_temperature: manifest.tagger.temperature,
                judge_temperature: manifest.judge.temperature,
                none_weight: manifest.judge.none_weight,
                stance_curve: manifest.judge.curve.and_then(Curve::new).unwrap_or(Curve::EVEN),
            },
        })
    }
}

/// The weights of the net that resolves references, with its name and digest. Fails where they are missing or differ from their digest.
pub fn references(origin: &Origin) -> Result<(ModelId, Cow<'static, [u8]>), EngineError> {
    let Named { name, file, sha256 } = manifest(origin)?.references;
    let bytes = checked(origin, &file, &sha256)?;
    Ok((ModelId { name, sha256 }, bytes))
}

/// One line of the list of models.
#[derive(Debug)]
pub struct Listed {
    /// What the file is for: `ner`, `stance`, `claims`, `references` or `subwords`.
    pub role: &'static str,
    /// The model's name.
    pub name: String,
    /// The digest that the manifest names.
    pub sha256: String,
    /// The size in bytes, or why the file is not the right one.
    pub state: Result<usize, EngineError>,
}

/// Every file of the manifest with the outcome of its digest check.
pub fn list(origin: &Origin) -> Result<Vec<Listed>, EngineError> {
    let manifest = manifest(origin)?;
    let line = |role, name: &str, file: &str, sha256: &str| Listed {
        role,
        name: name.to_owned(),
        sha256: sha256.to_owned(),
        state: checked(origin, file, sha256).map(|bytes| bytes.len()),
    };
    let mut lines = vec![
        line("ner", &manifest.tagger.name, &manifest.tagger.file, &manifest.tagger.sha256),
        line("stance", &manifest.judge.name, &manifest.judge.file, &manifest.judge.sha256),
    ];
    lines.extend(manifest.claims.iter().map(|claims| line("claims", &claims.name, &claims.file, &claims.sha256)));
    let references = &manifest.references;
    lines.push(line("references", &references.name, &references.file, &references.sha256));
    lines.push(line("subwords", "tokenizer", &manifest.tokenizer.file, &manifest.tokenizer.sha256));
    Ok(lines)
}

fn manifest(origin: &Origin) -> Result<Manifest, EngineError> {
    let (path, bytes) = origin.file(MANIFEST)?;
    serde_json::from_slice(&bytes).map_err(|cause| EngineError::Manifest { path, cause })
}

fn checked(origin: &Origin, file: &str, expected: &str) -> Result<Cow<'static, [u8]>, EngineError> {
    let (path, bytes) = origin.file(file)?;
    let found = sha256(&bytes);
    if found == expected { Ok(bytes) } else { Err(EngineError::Digest { path, expected: expected.to_owned(), found }) }
}

/// The SHA-256 of some bytes, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whether the manifest speaks of models that this program can read.
fn fits(manifest: &Manifest) -> Result<(), EngineError> {
    let labels = std::iter::once("O".to_owned())
        .chain(EntityType::ALL.iter().flat_map(|kind| ["B", "I"].map(|part| format!("{part}-{}", kind.name()))));
    let stances = Stance::ALL.iter().map(|stance| stance.name().to_owned());
    let unfit = |name: &str, what: &str| Err(EngineError::Unfit { name: name.to_owned(), what: what.to_owned() });
    if manifest.format != FORMAT {
        return unfit(MANIFEST, &format!("its format is {}, this program reads {FORMAT}", manifest.format));
    }
    if !labels.eq(manifest.tagger.labels.iter().cloned()) || manifest.tagger.labels.len() != LABELS {
        return unfit(&manifest.tagger.name, "its labels are not O and B-, I- of the six types");
    }
    let judges = std::iter::once(&manifest.judge).chain(&manifest.claims);
    if let Some(judge) = judges.clone().find(|judge| !stances.clone().eq(judge.labels.iter().cloned())) {
        return unfit(&judge.name, "its labels are not none, support, oppose");
    }
    if manifest.positions != POSITIONS {
        return unfit(&manifest.tagger.name, &format!("it reads {} positions, not {POSITIONS}", manifest.positions));
    }
    for graph in std::iter::once(&manifest.tagger).chain(judges) {
        let positive = [graph.temperature, graph.none_weight].iter().all(|number| number.is_finite() && *number > 0.0);
        if !positive {
            return unfit(&graph.name, "its temperature or none_weight is not a positive number");
        }
        if graph.curve.is_some_and(|knots| Curve::new(knots).is_none()) {
            return unfit(&graph.name, "its curve does not rise");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_models_of_the_binary_pass_their_digests() {
        let store = Store::open(&Origin::BuiltIn, Judging::Pairs).unwrap();
        assert_eq!(store.models.tagger.sha256, sha256(&store.tagger));
        assert!(list(&Origin::BuiltIn).unwrap().iter().all(|listed| listed.state.is_ok()));
    }

    #[test]
    fn a_changed_byte_is_found() {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in BUILT_IN {
            let mut bytes = bytes.to_vec();
            if name == "judge.onnx" {
                bytes[1000] ^= 1;
            }
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        let error = Store::open(&Origin::Folder(folder.path().into()), Judging::Pairs).err().unwrap();
        assert!(matches!(&error, EngineError::Digest { path, .. } if path.ends_with("judge.onnx")), "{error}");
    }

    #[test]
    fn every_graph_s_numbers_are_checked() {
        let (_, text) = Origin::BuiltIn.file(MANIFEST).unwrap();
        let whole: serde_json::Value = serde_json::from_slice(&text).unwrap();
        let told = |value: &serde_json::Value| fits(&serde_json::from_value(value.clone()).unwrap());
        assert!(told(&whole).is_ok());
        for graph in ["tagger", "judge", "claims"] {
            let mut changed = whole.clone();
            changed[graph]["temperature"] = 0.0.into();
            let error = told(&changed).err().unwrap_or_else(|| panic!("a temperature of 0 of {graph}"));
            assert!(matches!(&error, EngineError::Unfit { name, .. } if whole[graph]["name"] == name.as_str()), "{error}");
        }
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = Store::open(&Origin::Folder("no/such/folder".into()), Judging::Pairs).err().unwrap();
        assert!(error.to_string().contains("no/such/folder"), "{error}");
    }
}
