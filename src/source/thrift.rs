//! Thrift's compact protocol, of which the heads of Parquet's parts are written: as much as is needed to walk over them.
//!
//! The library reads a field that it knows by the type that the format gives it, whatever type the field itself declares, and passes over
//! the others by what they declare. Here both must be the same, so that it never stands at another byte than this walk did.

use std::io::Read;

use parquet::errors::{ParquetError, Result};

use super::thrift_shapes::{Fields, Shape};

/// How deep the structures that the format does not define may lie in one another.
const DEPTH: usize = 16;

/// A reader of Thrift's compact protocol.
pub(super) struct Thrift<R> {
    bytes: R,
    /// How many bytes were read.
    read: u64,
}

/// Types of fields.
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

impl Shape {
    /// The type of a field of this shape; a flag has one for each of its values.
    const fn kind(self) -> u8 {
        match self {
            Self::Flag => TRUE,
            Self::Byte => 3,
            Self::Short => 4,
            Self::Int => 5,
            Self::Long => 6,
            Self::Double => 7,
            Self::Bytes => 8,
            Self::List(_) => LIST,
            Self::Struct(_) => STRUCT,
        }
    }

    const fn is(self, kind: u8) -> bool {
        kind == self.kind() || matches!((self, kind), (Self::Flag, FALSE))
    }
}

/// The number of a field, and the type that it declares.
#[derive(Clone, Copy)]
pub(super) struct Field {
    pub(super) number: i16,
    kind: u8,
}

impl Field {
    /// The flag that a field is; its type says it.
    pub(super) fn flag(self) -> Result<bool> {
        if Shape::Flag.is(self.kind) { Ok(self.kind == TRUE) } else { Err(self.odd()) }
    }

    /// Fails where the field is no structure.
    pub(super) fn is_structure(self) -> Result<()> {
        if self.kind == STRUCT { Ok(()) } else { Err(self.odd()) }
    }

    fn odd(self) -> ParquetError {
        fault(&format!("its field {} is of another type than that of the format", self.number))
    }
}

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

    /// The number that a field holds. Fails where it has more than 32 bits, of which the library would take the lowest.
    pub(super) fn int(&mut self, field: Field) -> Result<i32> {
        if !Shape::Int.is(field.kind) {
            return Err(field.odd());
        }
        i32::try_from(self.signed()?).map_err(|_| fault("a number is too large"))
    }

    /// The next field behind that of the number `last`, 0 at first; `None` behind the last of a structure.
    pub(super) fn field(&mut self, last: i16) -> Result<Option<Field>> {
        let byte = self.byte()?;
        let (step, kind) = (i64::from(byte >> 4), byte & 0x0f);
        let number = match (kind, step) {
            (0, _) => return Ok(None),
            (_, 0) => self.signed()?,
            (_, step) => i64::from(last) + step,
        };
        let number = i16::try_from(number).map_err(|_| fault("the number of a field is too large"))?;
        Ok(Some(Field { number, kind }))
    }

    /// How many elements a list has. Fails where they are not of the shape.
    pub(super) fn list(&mut self, field: Field, of: Shape) -> Result<u64> {
        if field.kind != LIST {
            return Err(field.odd());
        }
        let (count, kind) = self.list_head()?;
        // Some writers declare no type for the elements of an empty list.
        if count == 0 || of.is(kind) { Ok(count) } else { Err(field.odd()) }
    }

    /// How many elements a list has, and their type.
    fn list_head(&mut self) -> Result<(u64, u8)> {
        let byte = self.byte()?;
        let count = if byte >> 4 == 15 { self.number()? } else { u64::from(byte >> 4) };
        Ok((count, byte & 0x0f))
    }

    /// Walks over a structure of the format.
    pub(super) fn structure(&mut self, known: Fields) -> Result<()> {
        let mut last = 0;
        while let Some(field) = self.field(last)? {
            self.value(known, field)?;
            last = field.number;
        }
        Ok(())
    }

    /// Passes over the value of a field in a structure of the format. Fails where it is of another type than there.
    pub(super) fn value(&mut self, known: Fields, field: Field) -> Result<()> {
        let shape = known.iter().find(|(number, _)| *number == field.number).map(|(_, shape)| *shape);
        match shape {
            Some(shape) if !shape.is(field.kind) => Err(field.odd()),
            Some(Shape::Struct(known)) => self.structure(known),
            Some(Shape::List(of)) => {
                let count = self.list(field, *of)?;
                for _ in 0..count {
                    match *of {
                        Shape::Struct(known) => self.structure(known)?,
                        other => self.pass(other.kind(), DEPTH)?,
                    }
                }
                Ok(())
            }
            _ => self.pass(field.kind, DEPTH),
        }
    }

    /// Passes over a value of a type, with at most so many structures in one another. Fails on what the format never has, and which
    /// takes no byte for an element in the library, so that a few bytes may claim to be billions: maps, and lists of truth values.
    fn pass(&mut self, kind: u8, depth: usize) -> Result<()> {
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
            LIST | 10 => {
                let (count, kind) = self.list_head()?;
                if matches!(kind, TRUE | FALSE) {
                    return Err(fault("it has a list of truth values"));
                }
                // An empty list takes a byte too, so each step reads something.
                for _ in 0..count {
                    self.pass(kind, depth)?;
                }
            }
            STRUCT => {
                let mut last = 0;
                while let Some(field) = self.field(last)? {
                    self.pass(field.kind, depth)?;
                    last = field.number;
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
