//! A folder of files, one a table, which get their names together when all are whole.

use std::path::Path;

use hashbrown::HashTable;

use super::rows::{article_key, write};
use super::schema::{Cell, Table};
use super::{TableSink, TablesError};
use crate::annotation::Annotation;
use crate::sink::{Nameless, Whole};

/// A file of one table.
pub trait TableFile: Sized {
    /// Takes a row.
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), TablesError>;
    /// Ends the file, which still lacks its name.
    fn end(self) -> Result<Nameless, TablesError>;
}

/// A folder of tables that is being written. It holds what its files hold, and 20 bytes for each article.
pub struct Folder<F> {
    /// In the order of [`Table::ALL`].
    files: Vec<F>,
    seen: HashTable<u128>,
    /// Rows of each table.
    rows: Vec<u64>,
}

impl<F: TableFile> Folder<F> {
    /// Begins all tables in a folder, which is made where it is not there. Files have the names of the tables with `extension` behind.
    pub fn begin(
        path: &Path,
        extension: &str,
        begin: impl Fn(Table, Whole) -> Result<F, TablesError>,
    ) -> Result<Self, TablesError> {
        std::fs::create_dir_all(path).map_err(|cause| TablesError::Folder { path: path.to_owned(), cause })?;
        let file = |table: &Table| begin(*table, Whole::create(&path.join(format!("{}{extension}", table.name())))?);
        let files = Table::ALL.iter().map(file).collect::<Result<_, _>>()?;
        Ok(Self { files, seen: HashTable::new(), rows: vec![0; Table::ALL.len()] })
    }

    /// Adds the rows of a [`sound`](crate::export::sound) annotation; false where its article is there already, so that nothing is added.
    pub fn add(&mut self, annotation: &Annotation<'_>, body: Option<&str>) -> Result<bool, TablesError> {
        let article = article_key(annotation);
        if !self.is_new(&article) {
            return Ok(false);
        }
        write(annotation, &article, body, self)?;
        Ok(true)
    }

    fn is_new(&mut self, article: &str) -> bool {
        // A key is the beginning of a digest: part of it is as good a number as any hash of it.
        let key = u128::from_str_radix(article, 16).unwrap_or_default();
        let number = |key: &u128| (key >> 16) as u64;
        if self.seen.find(number(&key), |other| *other == key).is_some() {
            return false;
        }
        self.seen.insert_unique(number(&key), key, number);
        true
    }

    /// How many rows each table has got.
    pub fn rows(&self) -> impl Iterator<Item = (Table, u64)> {
        Table::ALL.iter().copied().zip(self.rows.iter().copied())
    }

    /// Ends all files and gives them their names.
    pub fn finish(self) -> Result<(), TablesError> {
        let whole = self.files.into_iter().map(TableFile::end).collect::<Result<Vec<_>, _>>()?;
        whole.into_iter().try_for_each(|file| Ok(file.publish()?))
    }
}

impl<F: TableFile> TableSink for Folder<F> {
    fn row(&mut self, table: Table, cells: &[Cell<'_>]) -> Result<(), TablesError> {
        // A table is its own place in the list of all.
        let at = table as usize;
        self.rows[at] += 1;
        self.files[at].row(cells)
    }
}
