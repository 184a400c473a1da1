//! Scoring against gold. A room beside the line: it reads annotations back, or asks the line's steps by way of closures.

pub mod articles;
pub mod claims;
pub mod counts;
pub mod kinds;
pub mod links;
pub mod ner;
mod references;
pub mod stance;

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

/// Why a file of gold or of annotations cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvalError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// A line is not what it should be.
    #[error("{}, line {line}: this is not a row of the expected kind (see `demarche help eval`)", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// Why.
        #[source]
        cause: serde_json::Error,
    },
    /// A row contradicts itself.
    #[error("{}, line {line}: {what}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// A file without rows.
    #[error("{} holds no rows: there is nothing to score", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// The rows of a file, each made of what its line says; a line that contradicts itself is told with what is wrong.
pub fn read_checked<W: DeserializeOwned, R>(path: &Path, row: impl Fn(W) -> Result<R, String>) -> Result<Vec<R>, EvalError> {
    let checked = |(line, wire)| row(wire).map_err(|what| EvalError::Content { path: path.to_owned(), line, what });
    read_rows(path)?.into_iter().map(checked).collect()
}

/// The rows of a file of JSON Lines with their line numbers from 1; empty lines are passed over.
pub fn read_rows<T: DeserializeOwned>(path: &Path) -> Result<Vec<(usize, T)>, EvalError> {
    let text = std::fs::read_to_string(path).map_err(|cause| EvalError::Read { path: path.to_owned(), cause })?;
    let parse = |(line, row): (usize, &str)| match serde_json::from_str(row) {
        Ok(row) => Ok((line + 1, row)),
        Err(cause) => Err(EvalError::Row { path: path.to_owned(), line: line + 1, cause }),
    };
    let rows =
        text.lines().enumerate().filter(|(_, row)| !row.trim().is_empty()).map(parse).collect::<Result<Vec<_>, _>>()?;
    if rows.is_empty() { Err(EvalError::Empty { path: path.to_owned() }) } else { Ok(rows) }
}
