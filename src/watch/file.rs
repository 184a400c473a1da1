//! The file of targets, in TOML.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::pattern::Pattern;
use super::{Target, Watch};
use crate::engine::store::sha256;
use crate::mention::EntityType;

/// What the file says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    target: Vec<Row>,
}

/// One `[[target]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    #[serde(default)]
    aliases: Vec<String>,
    regex: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    claim: Option<String>,
}

/// Why a file of targets cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// It cannot be read.
    #[error("cannot read the file of targets {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// It is not what it should be.
    #[error("the file of targets {} is not valid: each target is a [[target]] with a name (see `demarche help watch`)", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// Why, with line and column.
        #[source]
        cause: Box<toml::de::Error>,
    },
    /// A target is not what it should be.
    #[error("{}, target {name:?}: {what}", path.display())]
    Target {
        /// The file.
        path: PathBuf,
        /// The target's name.
        name: String,
        /// What is wrong.
        what: String,
    },
}

impl Watch {
    /// Reads a file of targets.
    pub fn read(path: &Path) -> Result<Self, WatchError> {
        let text = std::fs::read_to_string(path).map_err(|cause| WatchError::Read { path: path.into(), cause })?;
        Self::parse(&text, path)
    }

    /// The targets of a file's text; `path` is told where something is wrong.
    pub fn parse(text: &str, path: &Path) -> Result<Self, WatchError> {
        let file: File =
            toml::from_str(text).map_err(|cause| WatchError::Parse { path: path.into(), cause: Box::new(cause) })?;
        let mut targets: Vec<Target> = Vec::new();
        for row in file.target {
            let name = row.name.clone();
            let wrong = |what: String| WatchError::Target { path: path.into(), name: name.clone(), what };
            if targets.iter().any(|target| target.name == row.name) {
                return Err(wrong("there are two of this name".to_owned()));
            }
            targets.push(target(row).map_err(wrong)?);
        }
        Ok(Self { targets, sha256: sha256(text.as_bytes()) })
    }
}

fn target(row: Row) -> Result<Target, String> {
    let names: Vec<&str> = std::iter::once(&row.name).chain(&row.aliases).map(|name| name.trim()).collect();
    if let Some(bare) = names.iter().find(|name| !name.contains(char::is_alphanumeric)) {
        return Err(format!("{bare:?} is no name: it has neither a letter nor a digit"));
    }
    let kind = row.kind.as_deref().map(|kind| {
        let types = EntityType::ALL.map(EntityType::name).join(", ");
        EntityType::from_name(kind).ok_or_else(|| format!("there is no type {kind:?}: write one of {types}"))
    });
    let pattern = Pattern::new(&names, row.regex.as_deref()).map_err(|error| format!("the names or the regex: {error}"))?;
    let claim =
        row.claim.map(|claim| claim.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|claim| !claim.is_empty());
    Ok(Target { kind: kind.transpose()?, claim, pattern, name: row.name })
}
