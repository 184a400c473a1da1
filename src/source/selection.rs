//! Selections: the records that a rejects file names, to be tried again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::discover::path_of;
use super::{Input, MEMBER};
use crate::article::Place;
use crate::engine::store::sha256;

/// Records to read; all others of their files are passed over.
#[derive(Clone, Debug)]
pub struct Selection {
    /// By path, as records name it.
    files: BTreeMap<String, Wanted>,
    /// The paths in the order of the file.
    order: Vec<String>,
    /// The SHA-256 of the file.
    sha256: String,
}

/// The records of one file.
#[derive(Clone, Debug, Default)]
struct Wanted {
    records: BTreeSet<u64>,
    /// Behind this one nothing was read, so all behind it is wanted too.
    from: Option<u64>,
}

/// What is used of a line of a rejects file.
#[derive(Deserialize)]
struct Line {
    path: String,
    record: u64,
    #[serde(default)]
    last: bool,
}

/// Why a rejects file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SelectionError {
    /// It cannot be read.
    #[error("cannot read the rejects file {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// A line is none of a rejects file.
    #[error("{}, line {line}: this is no line of a rejects file, which has at least \"path\" and \"record\"", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// Why.
        #[source]
        cause: serde_json::Error,
    },
    /// It has no lines.
    #[error("{} names no records: there is nothing to try again", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Standard input is gone.
    #[error("{}, line {line}: what came from standard input cannot be read again", path.display())]
    Stdin {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
}

impl Selection {
    /// The records that a rejects file names.
    pub fn read(path: &Path) -> Result<Self, SelectionError> {
        let text = std::fs::read_to_string(path).map_err(|cause| SelectionError::Read { path: path.into(), cause })?;
        let mut selection = Self { files: BTreeMap::new(), order: Vec::new(), sha256: sha256(text.as_bytes()) };
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let at = number + 1;
            let Line { path: file, record, last } =
                serde_json::from_str(line).map_err(|cause| SelectionError::Line { path: path.into(), line: at, cause })?;
            if file == super::discover::STDIN {
                return Err(SelectionError::Stdin { path: path.into(), line: at });
            }
            if !selection.files.contains_key(&file) {
                selection.order.push(file.clone());
            }
            let wanted = selection.files.entry(file).or_default();
            wanted.records.insert(record);
            if last {
                wanted.from = Some(wanted.from.map_or(record, |from| from.min(record)));
            }
        }
        if selection.files.is_empty() { Err(SelectionError::Empty { path: path.into() }) } else { Ok(selection) }
    }

    /// The SHA-256 of the rejects file.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The files in which the records stand, each once.
    pub fn inputs(&self) -> Vec<Input> {
        let mut seen = BTreeSet::new();
        self.order.iter().map(|path| file(path)).filter(|path| seen.insert(path.clone())).map(Input::file).collect()
    }

    /// Whether a record is one of them.
    pub(super) fn wants(&self, place: &Place) -> bool {
        let behind = |wanted: &Wanted| wanted.from.is_some_and(|from| from <= place.record);
        // Where an archive ended too early, nothing tells which members were read.
        let archive = place.path.split_once(MEMBER).and_then(|(archive, _)| self.files.get(archive));
        let wanted = self.files.get(&place.path);
        wanted.is_some_and(|wanted| wanted.records.contains(&place.record) || behind(wanted)) || archive.is_some_and(behind)
    }
}

/// The file of a path that was shown to the user: that of an archive's member is the archive, and bytes that were no UTF-8 come back.
fn file(shown: &str) -> PathBuf {
    let outer = |path: &str| path.split_once(MEMBER).map(|(archive, _)| PathBuf::from(archive));
    let candidates = [Some(PathBuf::from(shown)), Some(unescaped(shown)), outer(shown)];
    candidates.into_iter().flatten().find(|path| path.exists()).unwrap_or_else(|| shown.into())
}

/// `\xE9` read as the byte that it stands for.
fn unescaped(shown: &str) -> PathBuf {
    let mut bytes = Vec::with_capacity(shown.len());
    let mut rest = shown;
    while let Some((before, behind)) = rest.split_once("\\x") {
        bytes.extend_from_slice(before.as_bytes());
        if let Some(byte) = behind.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            rest = &behind[2..];
        } else {
            bytes.extend_from_slice(b"\\x");
            rest = behind;
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    path_of(&bytes)
}

#[cfg(all(test, unix))]
mod tests {
    use super::super::shown;
    use super::*;

    #[test]
    fn a_shown_path_leads_back_to_its_file() {
        let folder = tempfile::tempdir().unwrap();
        for name in [&b"plain.txt"[..], b"caf\xe9.txt", b"a\\x41.txt", b"\\x\xff.txt"] {
            let path = folder.path().join(path_of(name));
            std::fs::write(&path, "x").unwrap();
            assert_eq!(file(&shown(&path)), path);
        }
        let archive = folder.path().join("a.tar");
        std::fs::write(&archive, "x").unwrap();
        assert_eq!(file(&format!("{}!/b/c.txt", archive.display())), archive);
    }

    #[test]
    fn an_archive_that_ended_too_early_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.jsonl");
        let lines = [r#"{"path":"a.zip","record":0,"last":true}"#, r#"{"path":"b.zip!/c.jsonl","record":3,"last":false}"#];
        std::fs::write(&path, lines.join("\n")).unwrap();
        let selection = Selection::read(&path).unwrap();
        let wants = |path: &str, record| selection.wants(&Place { path: path.to_owned(), record, offset: None });
        assert!(wants("a.zip!/x.jsonl", 7) && wants("b.zip!/c.jsonl", 3));
        assert!(!wants("b.zip!/c.jsonl", 4) && !wants("b.zip!/d.jsonl", 3) && !wants("c.txt", 0));
    }

    #[test]
    fn what_is_no_rejects_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.jsonl");
        for (text, part) in
            [("", "nothing to try"), ("{\"path\":\"a\"}\n", "line 1"), ("\n{\"path\":\"-\",\"record\":1}", "line 2")]
        {
            std::fs::write(&path, text).unwrap();
            let error = Selection::read(&path).unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
        }
        assert!(matches!(Selection::read(&folder.path().join("no")), Err(SelectionError::Read { .. })));
    }
}
