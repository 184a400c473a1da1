//! The table of contents at the end of a Parquet file, walked over before the library reads it: it believes the counts there.

use std::io::{BufReader, Read};

use parquet::errors::{ParquetError, Result};

use super::parquet_pages::From;
use super::thrift::{Field, Thrift};
use super::thrift_shapes::{FILE, SCHEMA_ELEMENT, Shape};

/// The most columns of a file, groups of columns among them; each takes the library two hundred bytes.
const COLUMNS: u64 = 1 << 17;
/// How deep groups of columns may lie in one another. The library goes into each by a call of a function.
const NESTED: usize = 100;

/// Walks over the table of contents of a file that is `length` bytes long. Fails where it is damaged.
pub(super) fn check_contents(length: u64, from: &From) -> Result<()> {
    // Its length in four bytes, and the letters PAR1. Where these are not there, the library has the word for it.
    let Some(end) = length.checked_sub(8) else { return Ok(()) };
    let (mut size, mut letters) = ([0; 4], [0; 4]);
    let mut tail = from(end)?;
    tail.read_exact(&mut size)?;
    tail.read_exact(&mut letters)?;
    let Some(start) = end.checked_sub(u64::from(u32::from_le_bytes(size))) else { return Ok(()) };
    if letters != *b"PAR1" {
        return Ok(());
    }
    let bytes = BufReader::new(from(start)?.take(end - start));
    Thrift::new(bytes).contents().map_err(|cause| fault(&format!("its table of contents is damaged: {cause}")))
}

impl<R: Read> Thrift<R> {
    fn contents(&mut self) -> Result<()> {
        let mut last = 0;
        while let Some(field) = self.field(last)? {
            match field.number {
                2 => self.schema(field)?,
                _ => self.value(FILE, field)?,
            }
            last = field.number;
        }
        Ok(())
    }

    /// The columns and groups of columns, each before those in it.
    fn schema(&mut self, field: Field) -> Result<()> {
        let count = self.list(field, Shape::Struct(SCHEMA_ELEMENT))?;
        if count > COLUMNS {
            return Err(fault(&format!("it claims {count} columns")));
        }
        // How many columns are still to come in each of the groups that the next one lies in.
        let mut groups: Vec<u64> = Vec::new();
        for behind in (0..count).rev() {
            let children = self.children()?;
            if children > behind {
                return Err(fault(&format!("a group claims {children} columns")));
            }
            if children > 0 {
                groups.push(children);
            } else {
                while let Some(left) = groups.last_mut() {
                    *left -= 1;
                    if *left > 0 {
                        break;
                    }
                    groups.pop();
                }
            }
            if groups.len() > NESTED {
                return Err(fault("its columns are too deep"));
            }
        }
        Ok(())
    }

    /// How many columns lie in the next column.
    fn children(&mut self) -> Result<u64> {
        let (mut children, mut last) = (0, 0);
        while let Some(field) = self.field(last)? {
            match field.number {
                5 => {
                    children =
                        u64::try_from(self.int(field)?).map_err(|_| fault("a group claims a negative number of columns"))?;
                }
                _ => self.value(SCHEMA_ELEMENT, field)?,
            }
            last = field.number;
        }
        Ok(children)
    }
}

fn fault(what: &str) -> ParquetError {
    ParquetError::General(what.to_owned())
}
