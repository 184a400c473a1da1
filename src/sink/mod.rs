//! Sinks: where lines go. One file a format.

pub mod jsonl;
pub mod rejects;

use std::path::{Path, PathBuf};

/// Where annotations go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Standard output.
    Stdout,
    /// A file; `.gz` and `.zst` compress.
    File(PathBuf),
}

impl Target {
    /// `-` is standard output, all else a file.
    pub fn of(path: &Path) -> Self {
        if path == Path::new("-") { Self::Stdout } else { Self::File(path.to_owned()) }
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
    /// A write failed half-way; nothing stands under the final name.
    #[error("writing {place} failed; the unfinished file was taken away")]
    Write {
        /// The file, or `standard output`.
        place: String,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
}
