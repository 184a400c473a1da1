//! Pages of Parquet, looked at before the library unpacks and decodes them.
//!
//! It takes as much memory as a page claims that it needs, and where there is less the process ends. So here the head of each page is
//! read first (Thrift's compact protocol, of which a few lines are enough), and the counts in it are held against the bytes.

use std::io::Read;
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use parquet::basic::{Compression, Encoding, Type};
use parquet::bloom_filter::Sbbf;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::reader::RowGroupReader;
use parquet::record::reader::RowIter;
use parquet::schema::types::Type as SchemaType;

use super::thrift::{Field, Thrift};
use super::thrift_shapes::{DATA_PAGE_V2, PAGE as PAGE_HEAD};

/// The most bytes of a page, unpacked. Writers make pages of one megabyte, one of them up to a hundred.
const PAGE: usize = 128 << 20;
/// The most bytes of a page of a dictionary: all writers stop at one or two megabytes.
const DICTIONARY: usize = 16 << 20;
/// The most bytes of a page's head.
const HEAD: u64 = 1 << 20;
/// The most values of a block of delta encoding; writers use 128.
const BLOCK: u64 = 1 << 16;

/// Bytes of the file from a place on.
pub(super) type From = Arc<dyn Fn(u64) -> Result<Box<dyn Read + Send>> + Send + Sync>;

/// A group of rows whose pages are looked at.
pub(super) struct Checked<'a> {
    pub(super) group: Box<dyn RowGroupReader + 'a>,
    pub(super) from: From,
}

impl RowGroupReader for Checked<'_> {
    fn metadata(&self) -> &RowGroupMetaData {
        self.group.metadata()
    }

    fn num_columns(&self) -> usize {
        self.group.num_columns()
    }

    fn get_column_page_reader(&self, column: usize) -> Result<Box<dyn PageReader>> {
        let inner = self.group.get_column_page_reader(column)?;
        let chunk = self.metadata().column(column).clone();
        let (at, left) = chunk.byte_range();
        Ok(Box::new(Pages { inner, from: Arc::clone(&self.from), at, left, chunk }))
    }

    fn get_column_bloom_filter(&self, _: usize) -> Option<&Sbbf> {
        None
    }

    fn get_row_iter(&self, _: Option<SchemaType>) -> Result<RowIter<'_>> {
        Err(fault("rows are read by columns"))
    }
}

/// The pages of one column, each looked at.
struct Pages {
    inner: Box<dyn PageReader>,
    from: From,
    /// Where the head of the next page stands, and how much of the column is left from there.
    at: u64,
    left: u64,
    chunk: ColumnChunkMetaData,
}

impl Pages {
    /// Looks at the head of the next page that holds values, and steps behind it. What is packed is unpacked where that is asked for.
    fn look(&mut self, unpack: bool) -> Result<()> {
        while self.left > 0 {
            let mut thrift = Thrift::new((self.from)(self.at)?.take(HEAD));
            let head = thrift.head()?;
            let size = |size: i32| usize::try_from(size).map_err(|_| fault("a page has a negative size"));
            let (packed, unpacked) = (size(head.packed)?, size(head.unpacked)?);
            if head.kind == Head::INDEX && !unpack {
                // The library takes its values for the next head there. No writer makes such a page.
                return Err(fault("it has a page of an index"));
            }
            let most = if head.kind == Head::DICTIONARY { DICTIONARY } else { PAGE };
            let end = thrift.read() + packed as u64;
            if unpacked > most || end > self.left {
                return Err(fault(&format!("a page claims {packed} bytes, {unpacked} unpacked")));
            }
            // The other codecs stop at the size that the head names.
            if unpack && matches!(self.chunk.compression(), Compression::GZIP(_)) && head.compressed {
                let levels = size(head.levels[0])?.saturating_add(size(head.levels[1])?).min(packed);
                let data = (self.from)(self.at + thrift.read() + levels as u64)?.take((packed - levels) as u64);
                let mut plain = MultiGzDecoder::new(data).take(unpacked as u64 + 1);
                if std::io::copy(&mut plain, &mut std::io::sink())? > unpacked as u64 {
                    return Err(fault("a page is larger than it says"));
                }
            }
            (self.at, self.left) = (self.at + end, self.left - end);
            if head.kind != Head::INDEX {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Fails where the values of a page claim to be more than it can hold.
    fn check_values(&self, page: &Page) -> Result<()> {
        let bytes = page.buffer();
        let count = page.num_values() as usize;
        let values = match page {
            Page::DictionaryPage { .. } => {
                let least = if self.chunk.column_type() == Type::BYTE_ARRAY { 4 } else { 1 };
                let fits = count.saturating_mul(least) <= bytes.len();
                return if fits { Ok(()) } else { Err(fault(&format!("a dictionary claims {count} values"))) };
            }
            Page::DataPageV2 { def_levels_byte_len, rep_levels_byte_len, .. } => {
                (*def_levels_byte_len as usize).saturating_add(*rep_levels_byte_len as usize)
            }
            Page::DataPage { def_level_encoding, .. } => match self.chunk.column_descr().max_def_level() {
                0 => 0,
                _ if *def_level_encoding == Encoding::RLE => {
                    let length = bytes.first_chunk().copied().map_or(0, u32::from_le_bytes);
                    4 + length as usize
                }
                // One bit each.
                _ => count.div_ceil(8),
            },
        };
        let values = bytes.get(values..).unwrap_or_default();
        let fits = match page.encoding() {
            Encoding::DELTA_BINARY_PACKED => delta_head(values).is_some_and(|(head, _)| head.count <= count as u64),
            Encoding::DELTA_LENGTH_BYTE_ARRAY => lengths(values, count).is_some(),
            Encoding::DELTA_BYTE_ARRAY => lengths(values, count).is_some_and(|(prefixes, rest)| {
                lengths(rest, count).is_some_and(|(suffixes, _)| prefixes + suffixes <= PAGE as u64)
            }),
            _ => true,
        };
        if fits { Ok(()) } else { Err(fault("the lengths of a page's values are damaged")) }
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        self.look(true)?;
        let page = self.inner.get_next_page()?;
        page.as_ref().map_or(Ok(()), |page| self.check_values(page))?;
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        // The library reads the head here already.
        let here = (self.at, self.left);
        self.look(false)?;
        (self.at, self.left) = here;
        self.inner.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.get_next_page().map(drop)
    }
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

fn fault(what: &str) -> ParquetError {
    ParquetError::General(what.to_owned())
}

/// What of a page's head is used.
struct Head {
    kind: i32,
    unpacked: i32,
    packed: i32,
    /// The bytes of the two kinds of levels, which stand before what is packed in a page of the second version.
    levels: [i32; 2],
    compressed: bool,
}

impl Head {
    const INDEX: i32 = 1;
    const DICTIONARY: i32 = 2;
}

impl<R: Read> Thrift<R> {
    fn head(&mut self) -> Result<Head> {
        let mut head = Head { kind: -1, unpacked: -1, packed: -1, levels: [0; 2], compressed: true };
        let mut last = 0;
        while let Some(field) = self.field(last)? {
            match field.number {
                1 => head.kind = self.int(field)?,
                2 => head.unpacked = self.int(field)?,
                3 => head.packed = self.int(field)?,
                8 => self.second_version(field, &mut head)?,
                _ => self.value(PAGE_HEAD, field)?,
            }
            last = field.number;
        }
        Ok(head)
    }

    /// The head of a page of the second version of the format. Of several the library takes the last.
    fn second_version(&mut self, field: Field, head: &mut Head) -> Result<()> {
        field.is_structure()?;
        (head.levels, head.compressed) = ([0; 2], true);
        let mut last = 0;
        while let Some(field) = self.field(last)? {
            match field.number {
                5 => head.levels[0] = self.int(field)?,
                6 => head.levels[1] = self.int(field)?,
                7 => head.compressed = field.flag()?,
                _ => self.value(DATA_PAGE_V2, field)?,
            }
            last = field.number;
        }
        Ok(())
    }
}

/// The head of numbers in delta encoding.
struct Delta {
    block: u64,
    parts: u64,
    count: u64,
    first: i64,
}

/// The head of some numbers in delta encoding, and the bytes behind it; `None` where it is none.
fn delta_head(bytes: &[u8]) -> Option<(Delta, &[u8])> {
    let mut thrift = Thrift::new(bytes);
    let [block, parts, count] = [thrift.number().ok()?, thrift.number().ok()?, thrift.number().ok()?];
    let first = thrift.signed().ok()?;
    let sound =
        block <= BLOCK && parts > 0 && block.is_multiple_of(parts) && (block / parts).is_multiple_of(32) && block > 0;
    sound.then_some((Delta { block, parts, count, first }, thrift.rest()))
}

/// The sum of some lengths in delta encoding, and the bytes behind them; `None` where they are damaged or more than `most`.
fn lengths(bytes: &[u8], most: usize) -> Option<(u64, &[u8])> {
    let (head, mut bytes) = delta_head(bytes)?;
    if head.count > most as u64 {
        return None;
    }
    let a_part = usize::try_from(head.block / head.parts).ok()?;
    let (mut value, mut left) = (head.first, usize::try_from(head.count).ok()?);
    let mut sum = 0;
    let mut add = |value: i64| {
        sum += u64::try_from(value).ok().filter(|length| *length <= PAGE as u64)?;
        Some(())
    };
    if left > 0 {
        add(value)?;
        left -= 1;
    }
    while left > 0 {
        let mut thrift = Thrift::new(bytes);
        let least = thrift.signed().ok()?;
        let (widths, mut rest) = thrift.rest().split_at_checked(usize::try_from(head.parts).ok()?)?;
        for width in widths.iter().map(|width| usize::from(*width)) {
            if left == 0 {
                break;
            }
            let (part, behind) = rest.split_at_checked(width * a_part / 8)?;
            let bit = |at: usize| u64::from(part[at / 8] >> (at % 8) & 1);
            if width > 32 {
                return None;
            }
            for number in 0..a_part.min(left) {
                let step = (0..width).fold(0, |step, place| step | bit(number * width + place) << place);
                value = value.checked_add(least)?.checked_add(step.cast_signed())?;
                add(value)?;
            }
            left -= a_part.min(left);
            rest = behind;
        }
        bytes = rest;
    }
    Some((sum, bytes))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parquet::basic::{Compression, Encoding};
    use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
    use parquet::file::properties::{WriterProperties, WriterVersion};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::lengths;
    use crate::source::{Fields, Input, Languages, Options, Records};

    fn stored(texts: &[Option<String>], properties: WriterProperties) -> Vec<u8> {
        let schema = parse_message_type("message m { optional binary text (UTF8); required int64 id; }").unwrap();
        let mut out = Vec::new();
        let mut file = SerializedFileWriter::new(&mut out, Arc::new(schema), Arc::new(properties)).unwrap();
        let mut group = file.next_row_group().unwrap();
        let values: Vec<ByteArray> = texts.iter().flatten().map(|text| ByteArray::from(text.as_str())).collect();
        let levels: Vec<i16> = texts.iter().map(|text| i16::from(text.is_some())).collect();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let ids: Vec<i64> = (0..).map(|number| number * number).take(texts.len()).collect();
        column.typed::<Int64Type>().write_batch(&ids, None, None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        file.close().unwrap();
        out
    }

    #[test]
    fn whatever_the_writer_chose_is_read() {
        let text = |number: usize| {
            (!number.is_multiple_of(7)).then(|| format!("Kenya won {}. {}", number / 9, "It did. ".repeat(number % 5)))
        };
        let texts: Vec<Option<String>> = (0..1500).map(text).collect();
        let codecs = [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::LZ4_RAW];
        let packed = [
            Compression::GZIP(parquet::basic::GzipLevel::default()),
            Compression::ZSTD(parquet::basic::ZstdLevel::default()),
        ];
        let encodings = [Encoding::PLAIN, Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BYTE_ARRAY];
        for codec in codecs.into_iter().chain(packed) {
            for (encoding, version) in encodings.iter().flat_map(|encoding| {
                [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0].map(|version| (*encoding, version))
            }) {
                for dictionary in [true, false] {
                    let properties = WriterProperties::builder()
                        .set_compression(codec)
                        .set_writer_version(version)
                        .set_dictionary_enabled(dictionary)
                        .set_data_page_row_count_limit(400)
                        .set_write_batch_size(100)
                        .set_column_encoding("text".into(), encoding)
                        .set_column_encoding("id".into(), Encoding::DELTA_BINARY_PACKED)
                        .build();
                    let bytes = stored(&texts, properties);
                    let languages = Languages::Any;
                    let fields = Fields::default();
                    let options = Options { fields, max_article_chars: 1000, languages, ..Options::default() };
                    let read = Records::new(vec![Input::memory("a.parquet", bytes)], options);
                    let read: Vec<Option<String>> = read.map(|record| record.ok().map(|article| article.body)).collect();
                    assert!(read == texts, "{codec} {encoding} {version:?} {dictionary}");
                }
            }
        }
    }

    #[test]
    fn lengths_that_no_page_can_hold_are_refused() {
        // Blocks of 128 in one part; two lengths, 3 and 3 + (0 + 1).
        let sound = [&[0x80, 0x01, 1, 2, 6, 0, 1][..], &[1], &[0; 15], b"abc"].concat();
        assert_eq!(lengths(&sound, 2), Some((7, &b"abc"[..])));
        assert_eq!(lengths(&sound, 1), None, "more values than the page has");
        for cut in 0..sound.len() - 3 {
            assert_eq!(lengths(&sound[..cut], 2), None, "cut after {cut} bytes");
        }
        for (at, byte) in [(2, 0), (2, 3), (1, 0x80), (4, 5), (5, 9), (6, 33)] {
            let mut bad = sound.clone();
            bad[at] = byte;
            assert_eq!(lengths(&bad, 2), None, "byte {at} is {byte}");
        }
    }
}
