//! Parquet whose heads claim what they do not hold, and the shapes that honest writers give them.

use std::sync::Arc;
use std::time::Instant;

use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use crate::source::{Input, Languages, Options, Records};

/// Lists of 2^31 - 1 elements that take no byte, as field 100 of a structure: truth values, and maps of nothing by them.
const LIST: [u8; 9] = [0x09, 0xc8, 0x01, 0xf1, 0xff, 0xff, 0xff, 0xff, 0x07];
const MAP: [u8; 9] = [0x0b, 0xc8, 0x01, 0xff, 0xff, 0xff, 0xff, 0x07, 0x11];

/// The bodies of a file.
fn bodies(bytes: Vec<u8>) -> Vec<Result<String, String>> {
    let options = Options { max_article_chars: 1000, languages: Languages::Any, ..Options::default() };
    let began = Instant::now();
    let records = Records::new(vec![Input::memory("a.parquet", bytes)], options);
    let read = records.map(|record| record.map(|article| article.body).map_err(|reject| reject.message)).collect();
    assert!(began.elapsed().as_secs_f32() < 1.0, "{:?}", began.elapsed());
    read
}

/// What a file is refused with.
fn refused(bytes: Vec<u8>) -> String {
    bodies(bytes).remove(0).unwrap_err()
}

fn plain(texts: &[&str]) -> Vec<u8> {
    let properties = WriterProperties::builder().set_dictionary_enabled(false).build();
    written("message m { required binary text (UTF8); }", properties, |group| strings(group, texts, None))
}

fn written(
    schema: &str,
    properties: WriterProperties,
    columns_of: impl Fn(&mut SerializedRowGroupWriter<'_, &mut Vec<u8>>),
) -> Vec<u8> {
    let mut out = Vec::new();
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut file = SerializedFileWriter::new(&mut out, schema, Arc::new(properties)).unwrap();
    let mut group = file.next_row_group().unwrap();
    columns_of(&mut group);
    group.close().unwrap();
    file.close().unwrap();
    out
}

/// Levels of definition and of repetition.
type Levels<'a> = (&'a [i16], &'a [i16]);

fn strings(group: &mut SerializedRowGroupWriter<'_, &mut Vec<u8>>, texts: &[&str], levels: Option<Levels>) {
    let texts: Vec<ByteArray> = texts.iter().map(|text| ByteArray::from(*text)).collect();
    let mut column = group.next_column().unwrap().unwrap();
    let (defined, repeated) = levels.unzip();
    column.typed::<ByteArrayType>().write_batch(&texts, defined, repeated).unwrap();
    column.close().unwrap();
}

fn ints(group: &mut SerializedRowGroupWriter<'_, &mut Vec<u8>>, values: &[i32], levels: Option<Levels>) {
    let mut column = group.next_column().unwrap().unwrap();
    let (defined, repeated) = levels.unzip();
    column.typed::<Int32Type>().write_batch(values, defined, repeated).unwrap();
    column.close().unwrap();
}

/// A file with other bytes at the place `at` of its table of contents instead of `old` ones; counted from its end where `at` is negative.
fn contents_with(mut bytes: Vec<u8>, at: isize, old: usize, new: &[u8]) -> Vec<u8> {
    let end = bytes.len() - 8;
    let length = u32::from_le_bytes(*bytes[end..].first_chunk().unwrap());
    let base = if at < 0 { end } else { end - length as usize };
    let place = base.checked_add_signed(at).unwrap();
    bytes.splice(place..place + old, new.iter().copied());
    let end = bytes.len() - 8;
    let length = length + u32::try_from(new.len()).unwrap() - u32::try_from(old).unwrap();
    bytes[end..end + 4].copy_from_slice(&length.to_le_bytes());
    bytes
}

#[test]
fn a_list_of_billions_that_takes_no_room_is_refused() {
    for hostile in [LIST, MAP] {
        // Before the stop.
        let what = refused(contents_with(plain(&["Kenya won."]), -1, 0, &hostile));
        assert!(what.contains("table of contents"), "{what}");
    }
}

#[test]
fn a_known_field_of_another_type_hides_nothing() {
    // For what it declares, bytes with a list in them; for the library a number, with the list behind it.
    let hidden = |field: u8| [&[field << 4 | 8, 10][..], &LIST, &[0]].concat();
    // The version, which stands first in the table of contents in two bytes.
    let what = refused(contents_with(plain(&["Kenya won."]), 0, 2, &hidden(1)));
    assert!(what.contains("table of contents") && what.contains("field 1"), "{what}");
    // The checksum of a page, behind its kind and its two sizes; then the head of a page of the first version.
    let mut bytes = plain(&["Kenya won. ".repeat(50).as_str()]);
    let head =
        [&[0x15, 0, 0x15, 100, 0x15, 100][..], &hidden(1), &[0x1c, 0x15, 2, 0x15, 0, 0x15, 6, 0x15, 6, 0, 0]].concat();
    bytes[4..4 + head.len()].copy_from_slice(&head);
    let what = refused(bytes);
    assert!(what.contains("field 4"), "{what}");
}

#[test]
fn numbers_of_fields_and_kinds_of_pages_are_those_that_the_library_sees() {
    // Field 65536 + 1, which is field 1 in sixteen bits, holding bytes.
    let what =
        refused(contents_with(plain(&["Kenya won."]), 0, 0, &[&[0x08, 0x82, 0x80, 0x08, 10][..], &LIST, &[0]].concat()));
    assert!(what.contains("number of a field"), "{what}");
    // A page of the kind 2^32, which is 0 in 32 bits.
    let mut bytes = plain(&["Kenya won. ".repeat(50).as_str()]);
    bytes[4..11].copy_from_slice(&[0x15, 0x80, 0x80, 0x80, 0x80, 0x20, 0x15]);
    let what = refused(bytes);
    assert!(what.contains("number is too large"), "{what}");
}

#[test]
fn groups_of_columns_that_are_too_deep_or_too_many_are_refused() {
    let schema = |children: &[i32]| {
        let element = |count: &i32| {
            // Optional, of the name a, with so many columns in it.
            let head = [0x35, 2, 0x18, 1, b'a', 0x15];
            let zigzag = u64::from(((*count << 1) ^ (*count >> 31)).cast_unsigned());
            let digits = (0..5).map(|place| (zigzag >> (7 * place)) as u8 & 0x7f | if place < 4 { 0x80 } else { 0 });
            head.into_iter().chain(digits).chain([0]).collect::<Vec<u8>>()
        };
        let count = children.len();
        let list = [0x15, 2, 0x19, 0xfc, (count & 0x7f) as u8 | 0x80, (count >> 7 & 0x7f) as u8 | 0x80, (count >> 14) as u8];
        let rest = [0x16, 0, 0x19, 0x0c, 0];
        let contents = [&list[..], &children.iter().flat_map(element).collect::<Vec<u8>>(), &rest].concat();
        let length = u32::try_from(contents.len()).unwrap().to_le_bytes();
        [b"PAR1", &contents[..], &length, b"PAR1"].concat()
    };
    let chain = |depth: usize| [vec![1; depth], vec![0]].concat();
    assert!(refused(schema(&[0])).contains("no column is named"));
    assert!(refused(schema(&chain(60))).contains("no column is named"));
    assert!(refused(schema(&[3, 2, 0, 0, 1, 0, 0])).contains("no column is named"));
    assert!(refused(schema(&chain(100_000))).contains("too deep"));
    assert!(refused(schema(&[i32::MAX, 0])).contains("claims 2147483647 columns"));
    assert!(refused(schema(&[-1, 0])).contains("negative"));
    assert!(refused(schema(&vec![0; 200_000])).contains("claims 200000 columns"));
}

#[test]
fn whatever_else_a_file_holds_its_texts_are_read() {
    let schema = "message m {
        optional binary text (UTF8);
        optional int64 at (TIMESTAMP(MICROS,true));
        optional int32 price (DECIMAL(9,2));
        optional int32 small (INTEGER(8,true));
        optional int32 hour (TIME(MILLIS,false));
        optional group tags (LIST) { repeated group list { optional binary element (UTF8); } }
        optional group marks (MAP) { repeated group key_value { required binary key (UTF8); optional int32 value; } }
    }";
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        for statistics in [EnabledStatistics::None, EnabledStatistics::Chunk, EnabledStatistics::Page] {
            let sorting = SortingColumn { column_idx: 1, descending: true, nulls_first: false };
            let properties = WriterProperties::builder()
                .set_writer_version(version)
                .set_statistics_enabled(statistics)
                .set_write_page_header_statistics(true)
                .set_bloom_filter_enabled(true)
                .set_sorting_columns(Some(vec![sorting]))
                .set_key_value_metadata(Some(vec![
                    KeyValue::new("schema".to_owned(), "{}".repeat(500)),
                    KeyValue::new("empty".to_owned(), None),
                ]))
                .build();
            let bytes = written(schema, properties, |group| {
                strings(group, &["Kenya won.", "Mali won."], Some((&[1, 1, 0], &[0; 3])));
                let mut column = group.next_column().unwrap().unwrap();
                column.typed::<Int64Type>().write_batch(&[5, 4], Some(&[1, 1, 0]), None).unwrap();
                column.close().unwrap();
                for _ in 0..3 {
                    ints(group, &[-3, 3], Some((&[1, 0, 1], &[0; 3])));
                }
                strings(group, &["a", "b"], Some((&[3, 3, 1, 0], &[0, 1, 0, 0])));
                strings(group, &["a", "b"], Some((&[2, 2, 1, 0], &[0, 1, 0, 0])));
                ints(group, &[7], Some((&[3, 2, 1, 0], &[0, 1, 0, 0])));
            });
            let read: Vec<Option<String>> = bodies(bytes).into_iter().map(Result::ok).collect();
            let expected = [Some("Kenya won.".to_owned()), Some("Mali won.".to_owned()), None];
            assert_eq!(read, expected, "{version:?} {statistics:?}");
        }
    }
}
