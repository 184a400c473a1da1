//! Thrift's compact protocol, of which the heads of Parquet's parts are written: as much as is needed to walk over them.

use std::io::Read;

use parquet::errors::{ParquetError, Result};

/// A reader of Thrift's compact protocol.
pub(super) struct Thrift<R> {
    bytes: R,
    /// How many bytes were read.
    read: u64,
}

/// Types of fields.
pub(super) const TRUE: u8 = 1;
const FALSE: u8 = 2;
pub(super) const STRUCT: u8 = 12;

impl<R: Read> Thrift<R> {
    pub(super) const fn new(bytes: R) -> Self {
        Self { bytes, read: 0 }
    }

    /// How many bytes were read.
    pub(super) const fn read(&self) -> u64 {
        self.read
    }

    /// The bytes that were not read.
    pub(super) fn rest(self) -> R {
        self.bytes
    }

    fn byte(&mut self) -> Result<u8> {
        let mut byte = [0];
        self.bytes.read_exact(&mut byte)?;
        self.read += 1;
        Ok(byte[0])
    }

    pub(super) fn number(&mut self) -> Result<u64> {
        let mut number = 0;
        for place in 0..10 {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(fault("a number is too long"))
    }

    pub(super) fn signed(&mut self) -> Result<i64> {
        self.number().map(zigzag)
    }

    /// The number and type of the next field; `None` behind the last of a structure.
    pub(super) fn field(&mut self, last: i64) -> Result<Option<(i64, u8)>> {
        let byte = self.byte()?;
        let (step, kind) = (i64::from(byte >> 4), byte & 0x0f);
        Ok(match (kind, step) {
            (0, _) => None,
            (kind, 0) => Some((self.signed()?, kind)),
            (kind, step) => Some((last.saturating_add(step), kind)),
        })
    }

    /// Passes over the value of a field that has at most so many structures in one another. Fails on what the format never has, and which
    /// takes no byte for an element in the library, so that a few bytes may claim to be billions: maps, and lists of truth values.
    pub(super) fn pass(&mut self, kind: u8, depth: usize) -> Result<()> {
        let depth = depth.checked_sub(1).ok_or_else(|| fault("its structures are too deep"))?;
        match kind {
            TRUE | FALSE => {}
            3 => drop(self.byte()?),
            4..=6 => drop(self.number()?),
            7 => self.pass_bytes(8)?,
            8 => {
                let length = self.number()?;
                self.pass_bytes(length)?;
            }
            9 | 10 => {
                let byte = self.byte()?;
                let count = if byte >> 4 == 15 { self.number()? } else { u64::from(byte >> 4) };
                if matches!(byte & 0x0f, TRUE | FALSE) {
                    return Err(fault("it has a list of truth values"));
                }
                // An empty list takes a byte too, so each step reads something.
                for _ in 0..count {
                    self.pass(byte & 0x0f, depth)?;
                }
            }
            STRUCT => {
                let mut last = 0;
                while let Some((field, kind)) = self.field(last)? {
                    self.pass(kind, depth)?;
                    last = field;
                }
            }
            _ => return Err(fault("it has a field of a kind that Parquet does not use")),
        }
        Ok(())
    }

    fn pass_bytes(&mut self, count: u64) -> Result<()> {
        let passed = std::io::copy(&mut self.bytes.by_ref().take(count), &mut std::io::sink())?;
        self.read += passed;
        if passed < count { Err(fault("it is cut off")) } else { Ok(()) }
    }
}

const fn zigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

fn fault(what: &str) -> ParquetError {
    ParquetError::General(what.to_owned())
}
