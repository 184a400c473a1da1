//! Annotations -> tables that databases, data frames and spreadsheets read: Parquet (`parquet.rs`), CSV (`csv.rs`), PostgreSQL
//! (`postgres/`). `schema.rs` says which tables there are, `rows.rs` makes their rows, the others put them somewhere ([`TableSink`]).

mod csv;
mod folder;
mod parquet;
mod postgres;
mod rows;
mod schema;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

pub use self::csv::{Csv, Formulas};
pub use self::parquet::Parquet;
pub use self::postgres::{BatchFault, Connection, Database, DatabaseError, Told};
pub use super::date::{Published, day_text, published};
pub use folder::{Folder, TableFile};
pub use rows::{article_key, write};
pub use schema::{Cell, Column, Kind, TABLES_VERSION, Table};

use crate::sink::SinkError;

/// Where rows go.
pub trait TableSink {
    /// Takes a row: a cell for each column of the table, in their order.
    fn row(&mut self, table: Table, cells: &[Cell<'_>]) -> Result<(), TablesError>;
}

/// Why tables cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TablesError {
    /// The folder cannot be made.
    #[error("cannot make the folder {}: name another with -o", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// A file cannot be made or written.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// A database cannot be written to.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// An annotation cannot be told from another.
    #[error("cannot write the annotation down")]
    Digest(#[source] serde_json::Error),
    /// A Parquet file cannot be written.
    #[error("writing {} failed; nothing is kept of it", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: ::parquet::errors::ParquetError,
    },
}
