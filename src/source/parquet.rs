//! Parquet: one article a row. Of the columns only those of an article are read, and of the rows one group at a time. What its pages
//! claim is checked before (`parquet_pages.rs`).

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;

use parquet::basic::Repetition;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader};
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::record::reader::{ReaderIter, TreeBuilder};
use parquet::record::{Field, Row};
use parquet::schema::types::{SchemaDescPtr, SchemaDescriptor, Type};

use super::discover::Origin;
use super::parquet_pages::{Checked, From, check_contents};
use super::{Options, Reader, Reason, Reject, record, stem};
use crate::article::{Article, Place};

/// Rows that are decoded at once.
const BATCH: usize = 64;
/// The most rows for each byte of a file, and those that any file may have: runs of the same value, or of none, take no room, so that a few
/// bytes may claim to be billions of rows.
const ROWS_A_BYTE: u64 = 2;
const ROWS: u64 = 1 << 12;

/// A reader of rows.
pub(super) struct Parquet {
    path: String,
    file: Box<dyn FileReader>,
    /// The bytes from a place on.
    from: From,
    /// The columns of an article.
    columns: SchemaDescPtr,
    /// The number of the next group of rows.
    group: usize,
    rows: Option<ReaderIter>,
    number: u64,
}

impl Parquet {
    /// Opens a file. Fails where it is standard input, since the table of contents stands at its end, where it is damaged, and where
    /// no column is a body.
    pub(super) fn open(place: Place, origin: &Origin, options: &Options) -> Result<Self, Reject> {
        let damaged = |cause: ParquetError| damaged(place.clone(), &cause);
        let ((file, from), bytes): ((Box<dyn FileReader>, From), u64) = match origin {
            Origin::Stdin => {
                let what = "Parquet cannot be read from standard input: name the file";
                return Err(Reject::new(place, Reason::Unreadable, what));
            }
            Origin::File(path) => {
                let read = |cause| Reject::read(place.clone(), &cause);
                let file = File::open(path).map_err(read)?;
                let bytes = file.metadata().map_err(read)?.len();
                (opened(file.try_clone().map_err(read)?, file).map_err(damaged)?, bytes)
            }
            Origin::Memory(bytes) => (opened(bytes.clone(), bytes.clone()).map_err(damaged)?, bytes.len() as u64),
        };
        let claimed = file.metadata().row_groups().iter().map(|group| u64::try_from(group.num_rows()).unwrap_or(u64::MAX));
        let rows = claimed.fold(0, u64::saturating_add);
        if rows > bytes.saturating_mul(ROWS_A_BYTE).saturating_add(ROWS) {
            let what = format!("the Parquet file claims {rows} rows, more than its bytes can hold");
            return Err(Reject::new(place.clone(), Reason::Corrupt, &what));
        }
        let schema = file.metadata().file_metadata().schema();
        let wanted = |name: &str| options.fields.all().any(|known| known == name);
        let kept: Vec<_> =
            schema.get_fields().iter().filter(|field| is_word(field) && wanted(field.name())).cloned().collect();
        if !kept.iter().any(|field| options.fields.text.iter().any(|name| name == field.name())) {
            let names: Vec<&str> = schema.get_fields().iter().map(|field| field.name()).collect();
            let what = format!(
                "no column is named {}; it has {}. Name yours with --text-field",
                options.fields.text.join(", "),
                names.join(", ")
            );
            return Err(Reject::new(place.clone(), Reason::MissingText, &what));
        }
        let kept = Type::group_type_builder(schema.name()).with_fields(kept).build().map_err(damaged)?;
        let columns = Arc::new(SchemaDescriptor::new(Arc::new(kept)));
        Ok(Self { path: place.path, file, from, columns, group: 0, rows: None, number: 0 })
    }

    fn place(&self) -> Place {
        Place { path: self.path.clone(), record: self.number, offset: None }
    }

    fn open_group(&mut self) -> Result<(), ParquetError> {
        let group = self.file.get_row_group(self.group)?;
        self.group += 1;
        let group = Checked { group, from: Arc::clone(&self.from) };
        self.rows = Some(TreeBuilder::new().with_batch_size(BATCH).as_iter(Arc::clone(&self.columns), &group)?);
        Ok(())
    }
}

impl Reader for Parquet {
    fn next(&mut self, options: &Options) -> Option<Result<Article, Reject>> {
        loop {
            let row = match self.rows.as_mut().and_then(Iterator::next) {
                Some(row) => row,
                None if self.group == self.file.num_row_groups() => return None,
                None => match self.open_group() {
                    Ok(()) => continue,
                    Err(cause) => Err(cause),
                },
            };
            let place = self.place();
            self.number += 1;
            return Some(match row {
                Ok(row) => article(&row, place, options),
                Err(cause) => {
                    // What stands behind in this file cannot be found.
                    (self.rows, self.group) = (None, self.file.num_row_groups());
                    Err(damaged(place, &cause))
                }
            });
        }
    }
}

/// The library's reader of a file, and the file's bytes.
fn opened<R: ChunkReader + 'static>(file: R, bytes: R) -> parquet::errors::Result<(Box<dyn FileReader>, From)>
where
    R::T: Send,
{
    let length = bytes.len();
    let from: From = Arc::new(move |place| Ok(Box::new(bytes.get_read(place)?)));
    check_contents(length, &from)?;
    Ok((Box::new(SerializedFileReader::new(file)?), from))
}

/// Whether a column has one plain value a row.
fn is_word(field: &Type) -> bool {
    let info = field.get_basic_info();
    field.is_primitive() && info.has_repetition() && info.repetition() != Repetition::REPEATED
}

fn damaged(place: Place, cause: &ParquetError) -> Reject {
    Reject::new(place, Reason::Corrupt, &format!("the Parquet file cannot be read ({cause}); the rest of it is lost"))
}

fn article(row: &Row, place: Place, options: &Options) -> Result<Article, Reject> {
    let columns: BTreeMap<&str, &Field> = row.get_column_iter().map(|(name, field)| (name.as_str(), field)).collect();
    let fallback = format!("{}:{}", stem(&place.path), place.record);
    let text = |name: &str| match columns.get(name)? {
        Field::Null | Field::Group(_) | Field::ListInternal(_) | Field::MapInternal(_) => None,
        Field::Str(text) => Some(text.clone()),
        Field::Bytes(bytes) => std::str::from_utf8(bytes.data()).ok().map(str::to_owned),
        other => Some(other.to_string()),
    };
    record::named_fields(text, place, fallback, options)
}
