//! Tables of text: CSV, TSV and their kin. The first row names the columns, which are found as the fields of a JSON record are.
//!
//! The separator is the one of comma, tab, semicolon and bar that the first line has most of. Rows may be quoted, with line ends
//! inside, and may have more or fewer columns than the first.

use std::collections::BTreeMap;
use std::io::BufRead;

use csv::{ByteRecord, Reader as Csv, ReaderBuilder, StringRecord};

use super::decode::{Bounded, Leash};
use super::{Bytes, Options, Reader, Reason, Reject, charset, record, stem};
use crate::article::{Article, Place};

/// Bytes that the reader of rows takes in advance.
const AHEAD: usize = 1 << 16;

/// The columns that an article may have, by their names. Looked up once: a table may have more columns than bytes in a row.
type Columns = BTreeMap<String, usize>;

/// A reader of rows.
pub(super) struct Table {
    path: String,
    /// The rows and the places of an article's columns; `None` once reading has failed.
    open: Option<Box<(Csv<Bounded>, Columns)>>,
    /// How much more may be read before the row at hand is too long.
    left: Leash,
    number: u64,
}

impl Table {
    /// Opens a table and reads the names of its columns. Fails where they cannot be read.
    pub(super) fn open(path: String, bytes: Bytes, options: &Options) -> Result<Self, Reject> {
        let mut table = Self { path, open: None, left: Leash::default(), number: 0 };
        let unreadable = |cause: &std::io::Error| Reject::read(table.place(), cause);
        let mut bytes = charset::detected(bytes).map_err(|cause| unreadable(&cause))?;
        let separator = separator(bytes.fill_buf().map_err(|cause| unreadable(&cause))?);
        table.allow(options);
        let bounded = Bounded::new(bytes, &table.left);
        let mut rows = ReaderBuilder::new().delimiter(separator).flexible(true).buffer_capacity(AHEAD).from_reader(bounded);
        let names = rows.headers().map_err(|cause| table.fault(cause, options))?;
        let names: Vec<&str> = names.iter().map(|name| name.trim_start_matches('\u{feff}').trim()).collect();
        let place = |name: &String| {
            let exact = names.iter().position(|known| known == name);
            exact.or_else(|| names.iter().position(|known| known.eq_ignore_ascii_case(name)))
        };
        let columns = options.fields.all().filter_map(|name| Some((name.clone(), place(name)?))).collect();
        table.open = Some(Box::new((rows, columns)));
        Ok(table)
    }

    fn place(&self) -> Place {
        Place { path: self.path.clone(), record: self.number, offset: None }
    }

    /// Lets the next row be as long as a row may be.
    fn allow(&self, options: &Options) {
        self.left.allow(options.max_record_bytes() + AHEAD);
    }

    fn fault(&self, cause: csv::Error, options: &Options) -> Reject {
        match cause.into_kind() {
            csv::ErrorKind::Io(cause) if cause.kind() == std::io::ErrorKind::FileTooLarge => {
                let most = options.max_record_bytes();
                let what = format!("a row of more than {most} bytes: is a quote left open? The rest of the file is lost");
                Reject::new(self.place(), Reason::RecordTooLarge, &what)
            }
            csv::ErrorKind::Io(cause) => Reject::read(self.place(), &cause),
            _ => Reject::new(self.place(), Reason::InvalidUtf8, "the names of the columns are not valid UTF-8"),
        }
    }
}

impl Reader for Table {
    fn next(&mut self, options: &Options) -> Option<Result<Article, Reject>> {
        self.allow(options);
        let (rows, columns) = &mut **self.open.as_mut()?;
        let mut row = ByteRecord::new();
        match rows.read_byte_record(&mut row) {
            Ok(false) => None,
            Ok(true) => {
                let place = Place { path: self.path.clone(), record: self.number, offset: None };
                self.number += 1;
                Some(article(row, columns, place, options))
            }
            Err(cause) => {
                let reject = self.fault(cause, options);
                self.open = None;
                Some(Err(reject))
            }
        }
    }
}

fn article(row: ByteRecord, columns: &Columns, place: Place, options: &Options) -> Result<Article, Reject> {
    let Ok(row) = StringRecord::from_byte_record(row) else {
        return Err(Reject::new(place, Reason::InvalidUtf8, "the row is not valid UTF-8; name its --encoding"));
    };
    let fallback = format!("{}:{}", stem(&place.path), place.record);
    let column = |name: &str| row.get(*columns.get(name)?).map(str::to_owned);
    record::named_fields(column, place, fallback, options)
}

/// The separator that the first line has most of, outside of quotes; comma where it has none.
fn separator(head: &[u8]) -> u8 {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut counts = [0_usize; 4];
    let mut quoted = false;
    for byte in line {
        quoted ^= *byte == b'"';
        if let Some(at) = b",\t;|".iter().position(|known| known == byte).filter(|_| !quoted) {
            counts[at] += 1;
        }
    }
    let most = (0..4).rev().max_by_key(|at| counts[*at]).unwrap_or(0);
    b",\t;|"[most]
}
