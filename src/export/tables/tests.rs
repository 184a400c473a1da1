use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::Field;
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::annotation::Annotation;
use crate::export::tests::{BODY, annotation};

/// Rows as they are handed to a sink, checked against the columns.
#[derive(Default)]
struct Kept(BTreeMap<&'static str, Vec<Vec<String>>>);

impl TableSink for Kept {
    fn row(&mut self, table: Table, cells: &[Cell<'_>]) -> Result<(), TablesError> {
        assert_eq!(cells.len(), table.columns().len(), "{}", table.name());
        for (cell, column) in cells.iter().zip(table.columns()) {
            assert!(cell.fits(column), "{}.{} gets {cell:?}", table.name(), column.name);
        }
        self.0.entry(table.name()).or_default().push(cells.iter().map(|cell| shown(*cell)).collect());
        Ok(())
    }
}

fn shown(cell: Cell<'_>) -> String {
    match cell {
        Cell::Null => "null".to_owned(),
        Cell::Text(text) => format!("{text:?}"),
        Cell::Int(number) | Cell::Day(number) => number.to_string(),
        Cell::Long(number) | Cell::Moment(number) => number.to_string(),
        Cell::Score(score) => score.to_string(),
        Cell::Bool(value) => value.to_string(),
    }
}

fn shown_field(field: &Field) -> String {
    match field {
        Field::Null => "null".to_owned(),
        Field::Str(text) => format!("{text:?}"),
        Field::Int(number) | Field::Date(number) => number.to_string(),
        Field::Long(number) | Field::TimestampMicros(number) => number.to_string(),
        Field::Double(score) => score.to_string(),
        Field::Bool(value) => value.to_string(),
        other => panic!("{other:?} in a table"),
    }
}

fn parsed(value: &Value) -> Annotation<'static> {
    serde_json::from_value(value.clone()).unwrap()
}

fn kept(values: &[(Value, Option<&str>)]) -> BTreeMap<&'static str, Vec<Vec<String>>> {
    let mut kept = Kept::default();
    for (value, body) in values {
        let one = parsed(value);
        write(&one, &article_key(&one), *body, &mut kept).unwrap();
    }
    kept.0
}

/// What stands in a Parquet file, and the names of its columns.
fn read(path: &Path) -> (Vec<String>, Vec<Vec<String>>, usize) {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    let schema = reader.metadata().file_metadata().schema_descr();
    let names = schema.columns().iter().map(|column| column.name().to_owned()).collect();
    let row = |row: ::parquet::record::Row| row.get_column_iter().map(|(_, field)| shown_field(field)).collect();
    let rows = reader.get_row_iter(None).unwrap().map(|one| row(one.unwrap())).collect();
    (names, rows, reader.num_row_groups())
}

/// Writes all as Parquet and reads it back: the same columns and values, in the same order.
fn round_trip(values: &[(Value, Option<&str>)]) {
    let folder = tempfile::tempdir().unwrap();
    let mut tables = Folder::begin(folder.path(), ".parquet", Parquet::begin).unwrap();
    for (value, body) in values {
        assert!(tables.add(&parsed(value), *body).unwrap());
    }
    tables.finish().unwrap();
    let kept = kept(values);
    for table in Table::ALL {
        let (names, rows, _) = read(&folder.path().join(format!("{}.parquet", table.name())));
        assert_eq!(names, table.columns().iter().map(|column| column.name).collect::<Vec<_>>());
        assert_eq!(rows, kept.get(table.name()).cloned().unwrap_or_default(), "{}", table.name());
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), Table::ALL.len());
}

#[test]
fn every_table_gets_rows_that_fit_it_and_that_are_told_apart() {
    let kept = kept(&[(annotation("a", BODY), Some(BODY)), (annotation("b", BODY), None)]);
    for table in Table::ALL {
        let rows = &kept[table.name()];
        let mut keys: Vec<_> = rows.iter().map(|row| row[..table.key()].to_vec()).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), rows.len(), "{}", table.name());
        assert!(table.columns()[..table.key()].iter().all(|column| !column.nullable));
    }
}

#[test]
fn evidence_has_names_words_and_places() {
    let kept = kept(&[(annotation("a", BODY), Some(BODY))]);
    let row: BTreeMap<_, _> = Table::Evidence.columns().iter().map(|column| column.name).zip(&kept["evidence"][0]).collect();
    let expected = [
        ("sentence", "0"),
        ("stance", "\"oppose\""),
        ("score", "0.9957"),
        ("position_score", "0.9985"),
        ("kind", "\"reject\""),
        ("cue", "\"rejects\""),
        ("is_quote", "true"),
        ("quote_end", "14"),
        ("actor", "\"Russia\""),
        ("actor_key", "\"RUS\""),
        ("actor_country", "\"RU\""),
        // The sentence speaks of it by a reference.
        ("actor_text", "\"it\""),
        ("actor_start", "7"),
        ("actor_reference", "0"),
        ("target", "\"United States\""),
        ("target_type", "\"LOC\""),
        ("target_text", "\"U.S.\""),
        ("target_reference", "null"),
    ];
    for (name, value) in expected {
        assert_eq!(row[name], value, "{name}");
    }
    assert_eq!(*row["text"], format!("{BODY:?}"));
}

#[test]
fn parquet_holds_what_was_written() {
    let mut bare = annotation("bare", BODY);
    for gone in ["roll_up", "watch", "references", "quotes", "positions"] {
        bare[gone] = Value::Array(vec![]);
    }
    bare["published"] = "some day".into();
    bare["entities"][0].as_object_mut().unwrap().remove("key");
    let mut empty = annotation("", BODY);
    empty["title"] = "".into();
    empty["outlet"] = "\u{0}\u{202e}\u{1f468}\u{200d}\u{1f469} \"a\",\r\n".into();
    round_trip(&[(annotation("a", BODY), Some(BODY)), (bare, None), (empty, Some(BODY))]);
    round_trip(&[]);
}

#[test]
fn groups_of_rows_are_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let mut tables = Folder::begin(folder.path(), ".parquet", Parquet::begin).unwrap();
    let body = "long ".repeat(1 << 20);
    for number in 0..20 {
        let mut one = annotation(&number.to_string(), BODY);
        one["id"] = number.to_string().into();
        tables.add(&parsed(&one), Some(&body)).unwrap();
    }
    tables.finish().unwrap();
    let (_, rows, groups) = read(&folder.path().join("articles.parquet"));
    assert_eq!((rows.len(), groups), (20, 3));
    assert_eq!(rows[19][1], "\"19\"");
}

#[test]
fn an_article_that_comes_again_is_written_once_and_keys_are_of_the_article() {
    let folder = tempfile::tempdir().unwrap();
    let mut tables =
        Folder::begin(folder.path(), ".csv", |table, file| Csv::begin(table, file, Formulas::Verbatim)).unwrap();
    let one = annotation("a", BODY);
    let mut newer = one.clone();
    newer["tool"] = "demarche 9".into();
    let mut others = vec![annotation("b", BODY)];
    for (pointer, value) in [("/source/record", Value::from(1)), ("/source/path", "x".into()), ("/sha256", "0".into())] {
        let mut other = one.clone();
        *other.pointer_mut(pointer).unwrap() = value;
        others.push(other);
    }
    assert!(tables.add(&parsed(&one), None).unwrap());
    assert!(!tables.add(&parsed(&one), None).unwrap());
    assert!(!tables.add(&parsed(&newer), None).unwrap());
    assert!(others.iter().all(|other| tables.add(&parsed(other), None).unwrap()));
    assert_eq!(tables.rows().next(), Some((Table::Articles, 5)));
}

#[test]
fn the_page_tells_every_column() {
    let page = include_str!("../../../docs/tables.md");
    for table in Table::ALL {
        let section = page.split("\n### ").find(|section| section.starts_with(&format!("`{}`\n", table.name())));
        let rows: Vec<&str> = section.unwrap().lines().filter(|line| line.starts_with("| `")).collect();
        let columns: Vec<String> = table.columns().iter().map(row_of).collect();
        assert_eq!(rows.len(), columns.len(), "{}", table.name());
        for (row, column) in rows.iter().zip(&columns) {
            assert!(row.starts_with(column), "{}: {row} is not {column}", table.name());
        }
        let key: Vec<String> = table.columns()[..table.key()].iter().map(|column| format!("`{}`", column.name)).collect();
        assert!(section.unwrap().contains(&format!("Key: {}.\n", key.join(", "))), "{}", table.name());
    }
}

fn row_of(column: &Column) -> String {
    let kind = match column.kind {
        Kind::Text => "text",
        Kind::Int => "integer",
        Kind::Long => "big integer",
        Kind::Score => "score",
        Kind::Bool => "boolean",
        Kind::Day => "date",
        Kind::Moment => "timestamp",
    };
    format!("| `{}` | {kind}{} |", column.name, if column.nullable { "?" } else { "" })
}

fn csv_of(one: &Value, formulas: Formulas, name: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut tables = Folder::begin(folder.path(), ".csv", |table, file| Csv::begin(table, file, formulas)).unwrap();
    tables.add(&parsed(one), None).unwrap();
    tables.finish().unwrap();
    std::fs::read_to_string(folder.path().join(name)).unwrap()
}

#[test]
fn csv_tells_no_text_from_empty_text_and_disarms_formulas() {
    let mut one = annotation("a", BODY);
    one["id"] = "=HYPERLINK(\"http://x\";\"y\")".into();
    one["title"] = "".into();
    one["outlet"] = "-5 \"quoted\",\r\nnext".into();
    let text = csv_of(&one, Formulas::Disarmed, "articles.csv");
    assert!(text.starts_with("article,id,source_path,") && text.ends_with("\r\n"), "{text}");
    assert!(
        text.contains(",\"'=HYPERLINK(\"\"http://x\"\";\"\"y\"\")\",news/a.jsonl,0,7,\"\",2026-01-05T10:00:00+02:00,"),
        "{text}"
    );
    assert!(text.contains(",2026-01-05T08:00:00Z,2026-01-05,\"'-5 \"\"quoted\"\",\r\nnext\",,"), "{text}");
    let text = csv_of(&one, Formulas::Verbatim, "articles.csv");
    assert!(text.contains(",\"=HYPERLINK(") && text.contains(",\"-5 \"\""), "{text}");
    assert!(csv_of(&one, Formulas::Disarmed, "evidence.csv").contains(",true,7,14,"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Whatever the texts hold, a reader of CSV and one of Parquet get it back.
    #[test]
    fn any_text_comes_back(title in "\\PC{0,20}|[\"',\r\n=+@ -]{0,8}", name in ".{1,12}") {
        let mut one = annotation("a", BODY);
        one["title"] = title.clone().into();
        one["entities"][0]["name"] = name.clone().into();
        round_trip(&[(one.clone(), Some(BODY))]);
        let text = csv_of(&one, Formulas::Verbatim, "articles.csv");
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        let row = reader.records().next().unwrap().unwrap();
        prop_assert_eq!(row.len(), Table::Articles.columns().len());
        prop_assert_eq!(&row[5], title);
        let text = csv_of(&one, Formulas::Verbatim, "entities.csv");
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        prop_assert_eq!(&reader.records().next().unwrap().unwrap()[2], name);
    }
}
