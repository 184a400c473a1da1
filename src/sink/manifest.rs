//! The manifest, `NAME.run.json`: what a run read, with what, and what came of it. Written when the run ends, well or not.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Result, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::partial::{sync_folder, with_suffix};
use crate::identity::Identity;
use crate::tally::Totals;

/// The name and version of the manifest.
pub const VERSION: &str = "demarche.run/1";
/// The JSON Schema (2020-12) of the manifest.
pub const SCHEMA: &str = include_str!("../../schema/run.schema.json");
/// The most inputs that are listed one by one: an archive of a million files would make a manifest larger than its output.
pub const LISTED: usize = 10_000;

/// What became of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`VERSION`].
    pub schema: String,
    /// `finished`, or `stopped`.
    pub state: String,
    /// Why it was stopped.
    pub error: Option<String>,
    /// The exit code of the program.
    pub exit_code: u8,
    /// When it began, or went on for the last time, and when it ended: UTC, RFC 3339.
    pub began: String,
    /// See `began`.
    pub ended: String,
    /// Seconds of work, all sittings together.
    pub seconds: f64,
    /// The program, the settings that reach the output, and the digest of the inputs.
    pub identity: Identity,
    /// Settings that do not reach the output.
    pub threads: usize,
    /// The models.
    pub models: BTreeMap<String, Model>,
    /// What was read.
    pub inputs: Inputs,
    /// The counts.
    pub counts: Counts,
    /// Annotated articles a second.
    pub articles_per_second: f64,
    /// Tokens of these a second.
    pub tokens_per_second: f64,
    /// The most memory that was taken, in bytes.
    pub peak_memory: Option<u64>,
    /// The files that were written.
    pub outputs: Vec<Listed>,
    /// The rejects, if there are any.
    pub rejects: Option<String>,
}

/// A model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// The SHA-256 of its weights.
    pub sha256: String,
}

/// The inputs of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// How many there are.
    pub files: usize,
    /// The sum of their sizes.
    pub bytes: u64,
    /// Each, or the first [`LISTED`].
    pub listed: Vec<Listed>,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its path.
    pub path: String,
    /// Its size; `None` where it cannot be known.
    pub bytes: Option<u64>,
    /// The SHA-256 of its bytes; `None` for standard input and what cannot be read.
    pub sha256: Option<String>,
}

impl Listed {
    /// A file with its digest.
    pub fn read(shown: String, path: &Path) -> Self {
        let digest = digest(path).ok();
        Self { path: shown, bytes: digest.as_ref().map(|(bytes, _)| *bytes), sha256: digest.map(|(_, sha256)| sha256) }
    }
}

/// Size and SHA-256 of a file.
fn digest(path: &Path) -> Result<(u64, String)> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
    let (mut sha, mut buffer, mut bytes) = (Sha256::new(), vec![0; 1 << 16], 0);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((bytes, crate::engine::store::hex(&sha.finalize())));
        }
        sha.update(&buffer[..read]);
        bytes += read as u64;
    }
}

/// The counts of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Records of all kinds.
    pub read: u64,
    /// Annotated articles.
    pub annotated: u64,
    /// Copies of articles that came before.
    pub duplicates: u64,
    /// Rejects by reason.
    pub rejected: BTreeMap<String, u64>,
    /// Tokens of the annotated articles.
    pub tokens: u64,
    /// Their sentences.
    pub sentences: u64,
    /// Their mentions.
    pub mentions: u64,
    /// Their entities.
    pub entities: u64,
    /// Their supporting positions.
    pub support: u64,
    /// Their opposing positions.
    pub oppose: u64,
}

impl From<&Totals> for Counts {
    fn from(totals: &Totals) -> Self {
        Self {
            read: totals.read(),
            annotated: totals.annotated,
            duplicates: totals.duplicates,
            rejected: totals.rejected.clone(),
            tokens: totals.tokens,
            sentences: totals.sentences,
            mentions: totals.mentions,
            entities: totals.entities,
            support: totals.positions[0],
            oppose: totals.positions[1],
        }
    }
}

/// A moment as the manifest writes it.
pub fn moment(time: SystemTime) -> String {
    DateTime::<Utc>::from(time).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Something for each second of a time that may be none.
pub fn per_second(count: u64, time: Duration) -> f64 {
    let rate = count as f64 / time.as_secs_f64().max(1e-3);
    (rate * 10.0).round() / 10.0
}

impl Manifest {
    /// The manifest of an output.
    pub fn beside(output: &Path) -> PathBuf {
        with_suffix(output, ".run.json")
    }

    /// Reads the manifest of an output; `None` where there is none, or none of this version.
    pub fn read(output: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(Self::beside(output)).ok()?;
        serde_json::from_str(&text).ok().filter(|manifest: &Self| manifest.schema == VERSION)
    }

    /// Writes it beside an output, whole or not at all.
    pub fn write(&self, output: &Path) -> Result<()> {
        let (path, text) = (Self::beside(output), serde_json::to_string_pretty(self)? + "\n");
        replace(&path, text.as_bytes())?;
        sync_folder(&path);
        Ok(())
    }
}

/// Puts bytes in the place of a file in one step, so that no reader sees half of them.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let new = with_suffix(path, ".new");
    let written = File::create(&new).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_data()));
    let replaced = written.and_then(|()| std::fs::rename(&new, path));
    if replaced.is_err() {
        // The failure counts; what is left of it does not.
        let _ = std::fs::remove_file(&new);
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_rates() {
        assert_eq!(moment(SystemTime::UNIX_EPOCH + Duration::from_hours(264_384)), "2000-02-29T00:00:00Z");
        assert_eq!(per_second(30, Duration::from_secs(4)), 7.5);
        assert!(per_second(30, Duration::ZERO).is_finite());
    }

    #[test]
    fn a_listed_file_has_size_and_digest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "abc").unwrap();
        let listed = Listed::read("a".to_owned(), &path);
        assert_eq!(listed.bytes, Some(3));
        // The example of FIPS 180-4.
        assert!(listed.sha256.unwrap().starts_with("ba7816bf8f01cfea"));
        assert_eq!(Listed::read("b".to_owned(), &folder.path().join("b")).sha256, None);
    }
}
