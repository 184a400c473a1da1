//! Sinks: where lines go. Files of annotations and rejects appear under their names when they are whole; until then they stand beside them as
//! `NAME.partial`, with a journal (`journal.rs`) by which a run that was killed goes on.

mod coding;
mod journal;
mod kept;
pub mod manifest;
pub mod metrics;
mod partial;
mod rejects;
mod relay;
mod stream;
mod whole;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub use journal::Checkpoint;
pub use kept::{Begun, Finished, How, Kept, Plan};
pub use relay::{Lines, LinesError, Relay};
pub use whole::{Nameless, Whole};

use crate::source::{Cursor, Reject};
use crate::tally::Totals;
use stream::Stream;

/// The JSON Schema (2020-12) of a line of a rejects file, with all reasons.
pub const REJECT_SCHEMA: &str = include_str!("../../schema/reject.schema.json");

/// Where annotations go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Standard output.
    Stdout,
    /// A device or a pipe.
    Special(PathBuf),
    /// A file; `.gz` and `.zst` compress.
    File(PathBuf),
}

impl Target {
    /// `-` is standard output, all else a device, a pipe or a file.
    pub fn of(path: &Path) -> Self {
        if path == Path::new("-") {
            Self::Stdout
        } else if path.metadata().is_ok_and(|data| !data.is_file() && !data.is_dir()) {
            // It is written to as it is; a file must never take its place.
            Self::Special(path.to_owned())
        } else {
            Self::File(path.to_owned())
        }
    }

    /// The rejects file of a target; `None` where the messages have to do.
    pub fn rejects(&self) -> Option<PathBuf> {
        match self {
            Self::File(path) => Some(rejects::beside(path)),
            Self::Stdout | Self::Special(_) => None,
        }
    }
}

/// Why annotations could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// The reader of standard output went away. No fault: `head` does it.
    #[error("standard output was closed")]
    BrokenPipe,
    /// The output file cannot be made.
    #[error("cannot write {}: check that its folder exists and may be written to", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// The output is a folder.
    #[error("cannot write {}: it is a folder; name a file with -o", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// Another run writes the same output.
    #[error("another run is writing {}: wait for its end, or name another file with -o", path.display())]
    Busy {
        /// The output.
        path: PathBuf,
    },
    /// There is an unfinished run.
    #[error(
        "an unfinished run of {} is here, with {records} records done: go on with --resume, or begin anew with --restart",
        path.display()
    )]
    Unfinished {
        /// The output.
        path: PathBuf,
        /// How many records are done.
        records: u64,
    },
    /// The unfinished run is not of the same kind.
    #[error("cannot go on with {}: {difference}; do as then, or begin anew with --restart", path.display())]
    Other {
        /// The output.
        path: PathBuf,
        /// What differs.
        difference: String,
    },
    /// The unfinished files are not what they should be.
    #[error("cannot go on with {}: {} is damaged; begin anew with --restart", path.display(), partial.display())]
    Damaged {
        /// The output.
        path: PathBuf,
        /// The damaged file.
        partial: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// A write failed half-way; nothing stands under the final name.
    #[error("writing {place} failed; {}", kept(*records))]
    Write {
        /// The file, or `standard output`.
        place: String,
        /// How many records are safe on the disk.
        records: u64,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
}

fn kept(records: u64) -> String {
    match records {
        0 => "nothing is kept of the run".to_owned(),
        records => format!("{records} records are safe: mend the cause and go on with --resume"),
    }
}

/// The journal of an output; it is there as long as the run is not over.
pub fn journal_of(output: &Path) -> PathBuf {
    journal::beside(output)
}

/// An open sink.
pub enum Output {
    /// Lines that are gone once they are written.
    Stream(Streamed),
    /// Files.
    Kept(Box<Kept>),
}

/// A stream and what messages call it.
pub struct Streamed {
    stream: Stream,
    place: String,
}

impl Streamed {
    /// Opens standard output, a device or a pipe; `None` where the target is a file.
    pub fn open(target: &Target) -> Result<Option<Self>, SinkError> {
        let (stream, place) = match target {
            Target::File(_) => return Ok(None),
            Target::Stdout => (Stream::stdout(), "standard output".to_owned()),
            Target::Special(path) => (Stream::special(path), path.display().to_string()),
        };
        let stream = stream.map_err(|cause| SinkError::Create { path: place.clone().into(), cause })?;
        Ok(Some(Self { stream, place }))
    }

    fn line(&mut self, line: &[u8]) -> Result<(), SinkError> {
        self.stream.write(line).map_err(|cause| Self::failed(&self.place, cause))
    }

    fn finish(self) -> Result<(), SinkError> {
        self.stream.finish().map_err(|cause| Self::failed(&self.place, cause))
    }

    fn failed(place: &str, cause: std::io::Error) -> SinkError {
        if cause.kind() == ErrorKind::BrokenPipe {
            SinkError::BrokenPipe
        } else {
            SinkError::Write { place: place.to_owned(), records: 0, cause }
        }
    }
}

impl Output {
    /// Writes one line with its end.
    pub fn line(&mut self, line: &[u8]) -> Result<(), SinkError> {
        match self {
            Self::Stream(to) => to.line(line),
            Self::Kept(files) => files.line(line),
        }
    }

    /// Writes one reject. A stream has no place for it.
    pub fn reject(&mut self, reject: &Reject) -> Result<(), SinkError> {
        match self {
            Self::Stream(_) => Ok(()),
            Self::Kept(files) => files.reject(reject),
        }
    }

    /// Everything that belongs to the records before `cursor` is written: a run that goes on may begin there.
    pub fn handled(&mut self, cursor: Cursor, totals: &Totals) -> Result<(), SinkError> {
        match self {
            Self::Stream(_) => Ok(()),
            Self::Kept(files) => files.handled(cursor, totals),
        }
    }

    /// Ends the output. Files get their names.
    pub fn finish(self) -> Result<Option<Finished>, SinkError> {
        match self {
            Self::Stream(to) => to.finish().map(|()| None),
            Self::Kept(files) => files.finish().map(Some),
        }
    }
}
