//! JSON: one object, an array of objects, or, as some tools name them so, lines of objects. Held whole.

use std::io::Cursor;

use serde_json::value::RawValue;

use super::decode::{Offsets, read_all};
use super::lines::Lines;
use super::{Bytes, Options, Reader, Reason, Reject, record, stem};
use crate::article::{Article, Place};

/// The most bytes of a file of this kind; larger archives are better kept as JSON Lines, which are read in a stream.
const MOST: usize = 256 << 20;

/// A reader of one JSON text.
pub(super) enum Json {
    /// Not yet read.
    Closed { path: String, bytes: Bytes, offsets: Offsets },
    /// One object, or the records of an array, each as its own JSON text. They are cut off one by one: a list of them could take many
    /// times the memory of the text.
    Records { path: String, text: String, at: usize, number: u64 },
    /// Lines after all.
    Lines(Lines),
    /// Nothing more.
    Done,
}

impl Json {
    pub(super) const fn new(path: String, bytes: Bytes, offsets: Offsets) -> Self {
        Self::Closed { path, bytes, offsets }
    }

    /// Reads the whole text and finds out what it is.
    fn open(path: String, mut bytes: Bytes, offsets: Offsets) -> Result<Self, Reject> {
        let place = Place { path, record: 0, offset: None };
        let all = match read_all(&mut bytes, MOST) {
            Ok(Some(all)) => all,
            Ok(None) => {
                let what = format!("the file has more than {MOST} bytes; write it as JSON Lines, one object a line");
                return Err(Reject::new(place, Reason::RecordTooLarge, &what));
            }
            Err(cause) => return Err(Reject::read(place, &cause)),
        };
        record::utf8(&all, &place)?;
        // The text is held once.
        let text = String::from_utf8(all).unwrap_or_default();
        let start = text.strip_prefix('\u{feff}').unwrap_or(&text).trim_start();
        let at = text.len() - start.len() + usize::from(start.starts_with('['));
        if let Err(cause) = serde_json::from_str::<&RawValue>(start) {
            let first = start.lines().next().unwrap_or_default();
            if start.starts_with('[') || serde_json::from_str::<&RawValue>(first).is_err() {
                return Err(Reject::new(place, Reason::InvalidJson, &format!("this is not JSON ({cause})")));
            }
            return Ok(Self::Lines(Lines::new(place.path, Box::new(Cursor::new(text.into_bytes())), offsets)));
        }
        Ok(Self::Records { path: place.path, text, at, number: 0 })
    }
}

/// The record that begins at a place of a JSON text, and the place behind it and its comma; `None` at the end.
fn cut(text: &str, at: usize) -> Option<(&RawValue, usize)> {
    let rest = text.get(at..)?;
    let mut values = serde_json::Deserializer::from_str(rest).into_iter();
    // The bracket that closes the array is no value.
    let record = values.next()?.ok()?;
    let behind = rest.get(values.byte_offset()..)?.trim_start();
    let behind = behind.strip_prefix(',').unwrap_or(behind);
    Some((record, text.len() - behind.len()))
}

impl Reader for Json {
    fn next(&mut self, options: &Options) -> Option<Result<Article, Reject>> {
        if let Self::Closed { .. } = self
            && let Self::Closed { path, bytes, offsets } = std::mem::replace(self, Self::Done)
        {
            match Self::open(path, bytes, offsets) {
                Ok(opened) => *self = opened,
                Err(reject) => return Some(Err(reject)),
            }
        }
        match self {
            Self::Lines(lines) => lines.next(options),
            Self::Records { path, text, at, number } => {
                let (json, next) = cut(text, *at)?;
                let place = Place { path: path.clone(), record: *number, offset: None };
                (*at, *number) = (next, *number + 1);
                let fallback = || format!("{}:{}", stem(path), place.record);
                Some(record::article(json.get().as_bytes(), place.clone(), fallback, options))
            }
            Self::Closed { .. } | Self::Done => None,
        }
    }
}
