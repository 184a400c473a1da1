//! Parquet: one article a row. Of the columns only those of an article are read, and of the rows one group at a time. What its pages
//! claim is checked before (`parquet_pages.rs`).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::Repetition;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};
use parquet::file::reader::{ChunkReader, FileReader, Length};
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::record::reader::{ReaderIter, TreeBuilder};
use parquet::record::{Field, Row};
use parquet::schema::types::{SchemaDescPtr, SchemaDescriptor, Type};

use super::discover::Origin;
use super::parquet_contents::check_contents;
use super::parquet_pages::{Checked, From};
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
        check_claims(file.metadata(), bytes).map_err(|what| Reject::new(place.clone(), Reason::Corrupt, &what))?;
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
    Ok((Box::new(SerializedFileReader::new(Whole(file))?), from))
}

/// Fails where a file claims more rows than its bytes can hold, or columns of more bytes than it has: each byte lies in one column at
/// most, or a page that unpacks to megabytes could be read a thousand times.
fn check_claims(contents: &ParquetMetaData, bytes: u64) -> Result<(), String> {
    let sum = |claimed: &mut dyn Iterator<Item = i64>| {
        claimed.map(|count| u64::try_from(count).unwrap_or(u64::MAX)).fold(0, u64::saturating_add)
    };
    let groups = contents.row_groups();
    let rows = sum(&mut groups.iter().map(RowGroupMetaData::num_rows));
    if rows > bytes.saturating_mul(ROWS_A_BYTE).saturating_add(ROWS) {
        return Err(format!("the Parquet file claims {rows} rows, more than its bytes can hold"));
    }
    let packed = sum(&mut groups.iter().flat_map(RowGroupMetaData::columns).map(ColumnChunkMetaData::compressed_size));
    if packed > bytes {
        return Err(format!("the Parquet file claims columns of {packed} bytes, more than it has"));
    }
    Ok(())
}

/// A file whose end is an error. The library passes over what a head has by copying it, for which an end is as good as the bytes, so that
/// a list of billions costs nothing to claim.
struct Whole<R>(R);

impl<R: ChunkReader> Length for Whole<R> {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl<R: ChunkReader> ChunkReader for Whole<R> {
    type T = Endless<R::T>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        self.0.get_read(start).map(Endless)
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        // The file's own reader makes room first.
        if start.checked_add(length as u64).is_none_or(|end| end > self.len()) {
            return Err(ParquetError::EOF(format!("{length} bytes are not there")));
        }
        self.0.get_bytes(start, length)
    }
}

/// Bytes whose end is an error.
struct Endless<R>(R);

impl<R: Read> Read for Endless<R> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(room)? {
            0 if !room.is_empty() => Err(ErrorKind::UnexpectedEof.into()),
            read => Ok(read),
        }
    }
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

#[cfg(test)]
mod tests {
    use parquet::file::metadata::FileMetaData;
    use parquet::schema::parser::parse_message_type;

    use super::*;

    #[test]
    fn what_a_file_claims_fits_into_it() {
        let schema = parse_message_type("message m { required binary text (UTF8); }").unwrap();
        let columns = Arc::new(SchemaDescriptor::new(Arc::new(schema)));
        let contents = |groups: usize, rows: i64, packed: i64| {
            let column = ColumnChunkMetaData::builder(columns.column(0)).set_total_compressed_size(packed);
            let group = RowGroupMetaData::builder(Arc::clone(&columns)).set_num_rows(rows);
            let group = group.set_column_metadata(vec![column.build().unwrap()]).build().unwrap();
            let file = FileMetaData::new(1, rows, None, None, Arc::clone(&columns), None);
            ParquetMetaData::new(file, vec![group; groups])
        };
        assert_eq!(check_claims(&contents(10, 100, 100), 1000), Ok(()));
        assert!(check_claims(&contents(11, 100, 100), 1000).unwrap_err().contains("columns of 1100 bytes"));
        assert!(check_claims(&contents(100, 100, 1), 1000).unwrap_err().contains("10000 rows"));
        for (rows, packed) in [(-1, 1), (1, -1), (i64::MAX, 1), (1, i64::MAX)] {
            assert!(check_claims(&contents(3, rows, packed), 1000).is_err(), "{rows} {packed}");
        }
    }

    #[test]
    fn the_end_of_a_file_is_an_error() {
        let file = Whole(Bytes::from_static(b"Kenya won."));
        let mut read = Vec::new();
        file.get_read(6).unwrap().take(4).read_to_end(&mut read).unwrap();
        assert_eq!(read, b"won.");
        let cause = file.get_read(6).unwrap().read_to_end(&mut read).unwrap_err();
        assert_eq!(cause.kind(), ErrorKind::UnexpectedEof);
        assert_eq!(file.get_bytes(6, 4).unwrap(), "won.");
        assert!(file.get_bytes(6, 5).is_err());
        assert!(file.get_bytes(1 << 40, usize::MAX).is_err());
    }
}
