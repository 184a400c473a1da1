//! The journal, `NAME.journal`: what a run is, and how far it has come. With it, a run that was killed can go on.
//!
//! One line each: the identity of the run, then its checkpoints, the last of which counts. A line ends with the checksum of its JSON, so that one
//! that the disk did not take whole is known. A checkpoint is written when all that it speaks of is on the disk, and waits until it
//! is there itself. The open journal is locked: two runs never write the same files.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use flate2::Crc;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::partial::{Mark, save, sync_folder, with_suffix};
use crate::identity::Identity;
use crate::source::Cursor;
use crate::tally::Totals;

/// The length from which a journal is written anew with its last checkpoint alone.
const LONG: u64 = 4 << 20;

/// How far a run has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Where the source stands.
    pub cursor: Cursor,
    /// The shard under way, from 0, and the lines in it.
    pub(super) shard: u64,
    pub(super) in_shard: u64,
    /// How far it is written.
    pub(super) lines: Mark,
    /// How far the rejects are written; `None` where there are none.
    pub(super) rejects: Option<Mark>,
    /// The counts.
    pub totals: Totals,
    /// Seconds of work, all sittings together.
    pub seconds: f64,
    /// Whether all is written, and only the names are to be given.
    pub(super) done: bool,
}

/// An open journal.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    identity: Identity,
    length: u64,
}

/// `NAME.journal`, beside the output.
pub(super) fn beside(output: &Path) -> PathBuf {
    with_suffix(output, ".journal")
}

impl Journal {
    /// Begins a journal. One that is there is written over.
    pub(super) fn create(output: &Path, identity: Identity) -> Result<Self> {
        let path = beside(output);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
        lock(&file)?;
        let mut journal = Self { path, file, identity, length: 0 };
        let begun = journal.file.set_len(0).and_then(|()| journal.append(&journal.identity.clone()));
        if begun.is_err() {
            // Half a journal says nothing; where it cannot be taken away, the next run writes over it.
            let _ = std::fs::remove_file(&journal.path);
        }
        sync_folder(&journal.path);
        begun.map(|()| journal)
    }

    /// Opens the journal of an earlier run, with its last checkpoint; `None` where there is no journal, or none that can be read. Waits for
    /// nobody: fails where another run has it.
    pub(super) fn open(output: &Path) -> Result<Option<(Self, Option<Checkpoint>)>> {
        let path = beside(output);
        let mut file = match OpenOptions::new().read(true).write(true).open(&path) {
            Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        lock(&file)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        // A torn end may be no text.
        let text = String::from_utf8_lossy(&bytes);
        let mut lines = text.split_inclusive('\n');
        let Some((identity, first)) = lines.next().and_then(|line| Some((unsealed(line)?, line.len()))) else {
            return Ok(None);
        };
        let (mut last, mut length) = (None, first as u64);
        for line in lines {
            let Some(checkpoint) = unsealed(line) else { break };
            last = Some(checkpoint);
            length += line.len() as u64;
        }
        file.set_len(length)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Some((Self { path, file, identity, length }, last)))
    }

    pub(super) const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Writes a checkpoint down and waits until it is on the disk.
    pub(super) fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        save(&mut self.file, &self.path)?;
        if self.length > LONG {
            self.shorten(checkpoint)?;
        }
        self.append(checkpoint)
    }

    fn append(&mut self, what: &impl Serialize) -> Result<()> {
        let line = sealed(what)?;
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()?;
        self.length += line.len() as u64;
        Ok(())
    }

    /// Puts a journal of the identity and one checkpoint in its own place. At no moment is there none.
    fn shorten(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        let new = with_suffix(&self.path, ".new");
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&new)?;
        lock(&file)?;
        let text = sealed(&self.identity)? + &sealed(checkpoint)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, &self.path)?;
        sync_folder(&self.path);
        (self.file, self.length) = (file, text.len() as u64);
        Ok(())
    }

    /// Takes the journal away: the run is over.
    pub(super) fn remove(self) -> Result<()> {
        match std::fs::remove_file(&self.path) {
            Err(cause) if cause.kind() != ErrorKind::NotFound => Err(cause),
            _ => {
                sync_folder(&self.path);
                Ok(())
            }
        }
    }
}

/// Takes the lock of a journal, or fails with [`ErrorKind::WouldBlock`] where another run has it.
fn lock(file: &File) -> Result<()> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => Error::from(ErrorKind::WouldBlock),
        TryLockError::Error(cause) => cause,
    })
}

fn checksum(text: &str) -> u32 {
    let mut crc = Crc::new();
    crc.update(text.as_bytes());
    crc.sum()
}

fn sealed(what: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string(what)?;
    let sum = checksum(&text);
    Ok(format!("{text}\t{sum:08x}\n"))
}

fn unsealed<T: DeserializeOwned>(line: &str) -> Option<T> {
    let (text, sum) = line.strip_suffix('\n')?.rsplit_once('\t')?;
    (u32::from_str_radix(sum, 16).ok()? == checksum(text)).then(|| serde_json::from_str(text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> Identity {
        let settings = [("keep-none", "false"), ("threads", "2")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        Identity { tool: "demarche 1".to_owned(), settings: settings.into(), inputs: "ab".to_owned() }
    }

    #[test]
    fn a_journal_cut_anywhere_gives_its_last_whole_checkpoint() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("out.jsonl");
        let mut journal = Journal::create(&output, identity()).unwrap();
        let mut ends = vec![journal.length];
        for number in 0..5 {
            journal.checkpoint(&Checkpoint { in_shard: number, seconds: 0.1, ..Checkpoint::default() }).unwrap();
            ends.push(journal.length);
        }
        drop(journal);
        let whole = std::fs::read(beside(&output)).unwrap();
        for cut in 0..=whole.len() {
            for torn in [whole[..cut].to_vec(), [&whole[..cut], &b"\0\0\xff\0"[..]].concat()] {
                std::fs::write(beside(&output), torn).unwrap();
                let opened = Journal::open(&output).unwrap();
                let lines = ends.iter().filter(|end| **end <= cut as u64).count();
                assert_eq!(opened.is_some(), lines > 0, "cut at {cut}");
                let last = opened.and_then(|(journal, last)| {
                    assert_eq!(journal.identity, identity());
                    last
                });
                assert_eq!(last.map(|last| last.in_shard + 2), (lines > 1).then_some(lines as u64), "cut at {cut}");
            }
        }
    }

    #[test]
    fn a_long_journal_is_shortened_and_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("out.jsonl");
        let mut journal = Journal::create(&output, identity()).unwrap();
        for number in 0..4 {
            journal.length += LONG;
            journal.checkpoint(&Checkpoint { in_shard: number, ..Checkpoint::default() }).unwrap();
        }
        assert!(Journal::open(&output).is_err_and(|cause| cause.kind() == ErrorKind::WouldBlock), "it is still locked");
        drop(journal);
        assert_eq!(Journal::open(&output).unwrap().unwrap().1.unwrap().in_shard, 3);
    }
}
