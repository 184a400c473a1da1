//! A table as Parquet: columns with dictionaries where they repeat, zstd, statistics of each group of rows. The crate's own column writers
//! are used; its arrow side would bring thirty crates for one thing that is not needed here, arrays in memory.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;

use super::TablesError;
use super::folder::TableFile;
use super::schema::{Cell, Column, Kind, TABLES_VERSION, Table};
use crate::identity::TOOL;
use crate::sink::{Nameless, Whole};

/// Rows of a group at most: what DuckDB hands to one thread.
const ROWS: usize = 122_880;
/// Bytes of a group at most, as it stands in memory, with the bytes of one row on top.
const BYTES: usize = 32 << 20;

/// A Parquet file. It holds one group of rows: at most 32 MiB before they are encoded.
pub struct Parquet {
    writer: SerializedFileWriter<Whole>,
    columns: Vec<Held>,
    rows: usize,
    bytes: usize,
}

/// What a column of a group holds.
struct Held {
    values: Values,
    /// 1 where there is a value, 0 where there is none; unused where there is always one.
    levels: Vec<i16>,
    nullable: bool,
}

enum Values {
    Int(Vec<i32>),
    Long(Vec<i64>),
    Double(Vec<f64>),
    Bool(Vec<bool>),
    /// All texts, one behind the other, and where each ends.
    Text(Vec<u8>, Vec<usize>),
}

impl Parquet {
    /// Begins the file of a table.
    pub fn begin(table: Table, file: Whole) -> Result<Self, TablesError> {
        let path = file.path().to_owned();
        let writer = || -> ParquetResult<_> {
            let fields = table.columns().iter().map(|column| Ok(Arc::new(field(column)?))).collect::<ParquetResult<_>>()?;
            let schema = Type::group_type_builder(table.name()).with_fields(fields).build()?;
            let version = KeyValue::new("demarche.tables".to_owned(), TABLES_VERSION.to_string());
            let properties = WriterProperties::builder()
                .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
                .set_statistics_enabled(EnabledStatistics::Chunk)
                .set_created_by(TOOL.to_owned())
                .set_key_value_metadata(Some(vec![version]))
                .build();
            SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties))
        };
        let writer = writer().map_err(|cause| TablesError::Parquet { path, cause })?;
        let columns = table.columns().iter().map(Held::new).collect();
        Ok(Self { writer, columns, rows: 0, bytes: 0 })
    }

    fn failed(&self, cause: ParquetError) -> TablesError {
        TablesError::Parquet { path: self.writer.inner().path().to_owned(), cause }
    }

    /// Writes the group of rows that is held.
    fn group(&mut self) -> ParquetResult<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        for column in &mut self.columns {
            let Some(writer) = group.next_column()? else { break };
            column.write(writer)?;
        }
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

impl TableFile for Parquet {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), TablesError> {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            self.bytes += column.push(*cell);
        }
        self.rows += 1;
        if self.rows == ROWS || self.bytes >= BYTES {
            self.group().map_err(|cause| self.failed(cause))?;
        }
        Ok(())
    }

    fn end(mut self) -> Result<Nameless, TablesError> {
        self.group().map_err(|cause| self.failed(cause))?;
        let path = self.writer.inner().path().to_owned();
        let file = self.writer.into_inner().map_err(|cause| TablesError::Parquet { path, cause })?;
        Ok(file.seal()?)
    }
}

fn field(column: &Column) -> ParquetResult<Type> {
    let (physical, logical) = match column.kind {
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Int => (Physical::INT32, None),
        Kind::Long => (Physical::INT64, None),
        Kind::Score => (Physical::DOUBLE, None),
        Kind::Bool => (Physical::BOOLEAN, None),
        Kind::Day => (Physical::INT32, Some(LogicalType::Date)),
        Kind::Moment => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
    };
    let repetition = if column.nullable { Repetition::OPTIONAL } else { Repetition::REQUIRED };
    Type::primitive_type_builder(column.name, physical).with_logical_type(logical).with_repetition(repetition).build()
}

impl Held {
    fn new(column: &Column) -> Self {
        let values = match column.kind {
            Kind::Text => Values::Text(Vec::new(), Vec::new()),
            Kind::Int | Kind::Day => Values::Int(Vec::new()),
            Kind::Long | Kind::Moment => Values::Long(Vec::new()),
            Kind::Score => Values::Double(Vec::new()),
            Kind::Bool => Values::Bool(Vec::new()),
        };
        Self { values, levels: Vec::new(), nullable: column.nullable }
    }

    /// Takes a cell that fits the column, and says how many bytes it takes. A cell of another kind counts as none.
    fn push(&mut self, cell: Cell<'_>) -> usize {
        let taken = match (&mut self.values, cell) {
            (Values::Int(values), Cell::Int(value) | Cell::Day(value)) => {
                values.push(value);
                4
            }
            (Values::Long(values), Cell::Long(value) | Cell::Moment(value)) => {
                values.push(value);
                8
            }
            (Values::Double(values), Cell::Score(value)) => {
                values.push(value);
                8
            }
            (Values::Bool(values), Cell::Bool(value)) => {
                values.push(value);
                1
            }
            (Values::Text(bytes, ends), Cell::Text(text)) => {
                bytes.extend_from_slice(text.as_bytes());
                ends.push(bytes.len());
                text.len() + 8
            }
            _ => 0,
        };
        if self.nullable {
            self.levels.push(i16::from(taken > 0));
        }
        taken + 2
    }

    fn write(&mut self, mut writer: SerializedColumnWriter<'_>) -> ParquetResult<()> {
        let levels = self.nullable.then_some(self.levels.as_slice());
        match (writer.untyped(), &mut self.values) {
            (ColumnWriter::Int32ColumnWriter(writer), Values::Int(values)) => {
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
            (ColumnWriter::Int64ColumnWriter(writer), Values::Long(values)) => {
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
            (ColumnWriter::DoubleColumnWriter(writer), Values::Double(values)) => {
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
            (ColumnWriter::BoolColumnWriter(writer), Values::Bool(values)) => {
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
            (ColumnWriter::ByteArrayColumnWriter(writer), Values::Text(bytes, ends)) => {
                let all = Bytes::from(std::mem::take(bytes));
                let mut start = 0;
                let texts = ends.drain(..).map(|end| ByteArray::from(all.slice(std::mem::replace(&mut start, end)..end)));
                writer.write_batch(&texts.collect::<Vec<_>>(), levels, None)?;
            }
            _ => return Err(ParquetError::General("a column of another kind".to_owned())),
        }
        self.levels.clear();
        writer.close()
    }
}
