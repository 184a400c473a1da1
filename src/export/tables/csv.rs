//! A table as CSV (RFC 4180): a line of names, then one line a row; lines end in CR LF, in UTF-8. Written here because the reader has to tell
//! no text (an empty field) from empty text (`""`), which PostgreSQL, DuckDB and pandas do, and the crate `csv` does not.

use std::io::Write;

use super::super::date::{day_text, moment_text};
use super::TablesError;
use super::folder::TableFile;
use super::schema::{Cell, Table};
use crate::sink::{Nameless, Whole};

/// What becomes of text that a spreadsheet would take for a formula: that which begins with `=`, `+`, `-`, `@`, a tab or a carriage return.
/// Names and titles come from strangers, and a formula may send away what stands in other cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formulas {
    /// It gets an apostrophe before it, so that it is shown as text.
    Disarmed,
    /// It stays as it is, for programs.
    Verbatim,
}

/// A CSV file.
pub struct Csv {
    file: Whole,
    line: Vec<u8>,
    formulas: Formulas,
}

impl Csv {
    /// Begins the file of a table.
    pub fn begin(table: Table, file: Whole, formulas: Formulas) -> Result<Self, TablesError> {
        let mut csv = Self { file, line: Vec::new(), formulas };
        for (at, column) in table.columns().iter().enumerate() {
            if at > 0 {
                csv.line.push(b',');
            }
            csv.line.extend_from_slice(column.name.as_bytes());
        }
        csv.write_line()?;
        Ok(csv)
    }

    fn write_line(&mut self) -> Result<(), TablesError> {
        self.line.extend_from_slice(b"\r\n");
        let written = self.file.write_all(&self.line);
        written.map_err(|cause| self.file.failed(cause))?;
        self.line.clear();
        Ok(())
    }
}

impl TableFile for Csv {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), TablesError> {
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                self.line.push(b',');
            }
            put(&mut self.line, *cell, self.formulas);
        }
        self.write_line()
    }

    fn end(self) -> Result<Nameless, TablesError> {
        Ok(self.file.seal()?)
    }
}

/// Puts a cell behind a line.
pub(super) fn put(line: &mut Vec<u8>, cell: Cell<'_>, formulas: Formulas) {
    // Writing to a vector cannot fail.
    let _ = match cell {
        Cell::Null => Ok(()),
        Cell::Text(text) => {
            put_text(line, text, formulas);
            Ok(())
        }
        Cell::Int(number) => write!(line, "{number}"),
        Cell::Long(number) => write!(line, "{number}"),
        Cell::Score(score) => write!(line, "{score}"),
        Cell::Bool(value) => write!(line, "{value}"),
        Cell::Day(day) => write!(line, "{}", day_text(day)),
        Cell::Moment(moment) => write!(line, "{}", moment_text(moment)),
    };
}

fn put_text(line: &mut Vec<u8>, text: &str, formulas: Formulas) {
    let armed = formulas == Formulas::Disarmed && text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let special = |byte: u8| matches!(byte, b'"' | b',' | b'\r' | b'\n');
    let edged = text.is_empty() || text.starts_with(' ') || text.ends_with(' ');
    if !(armed || edged || text.bytes().any(special)) {
        line.extend_from_slice(text.as_bytes());
        return;
    }
    line.push(b'"');
    if armed {
        line.push(b'\'');
    }
    for byte in text.bytes() {
        if byte == b'"' {
            line.push(b'"');
        }
        line.push(byte);
    }
    line.push(b'"');
}
