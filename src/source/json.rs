//! JSON: one object, an array of objects, or, as some tools name them so, lines of objects. Held whole.

use std::io::Cursor;

use serde_json::value::RawValue;

use super::decode::read_all;
use super::lines::Lines;
use super::{Bytes, Options, Reader, Reason, Reject, record, stem};
use crate::article::{Article, Place};

/// The most bytes of a file of this kind; larger archives are better kept as JSON Lines, which are read in a stream.
const MOST: usize = 256 << 20;

/// A reader of one JSON text.
pub(super) enum Json {
    /// Not yet read.
    Closed { path: String, bytes: Bytes },
    /// The records of an array, each as its own JSON text.
    Array { path: String, records: std::vec::IntoIter<Box<RawValue>>, number: u64 },
    /// Lines after all.
    Lines(Lines),
    /// Nothing more.
    Done,
}

impl Json {
    pub(super) const fn new(path: String, bytes: Bytes) -> Self {
        Self::Closed { path, bytes }
    }

    /// Reads the whole text and finds out what it is.
    fn open(path: String, mut bytes: Bytes) -> Result<Self, Reject> {
        let place = Place { path, record: 0 };
        let all = match read_all(&mut bytes, MOST) {
            Ok(Some(all)) => all,
            Ok(None) => {
                let what = format!("the file has more than {MOST} bytes; write it as JSON Lines, one object a line");
                return Err(Reject::new(place, Reason::RecordTooLarge, &what));
            }
            Err(cause) => return Err(Reject::read(place, &cause)),
        };
        let text = record::utf8(&all, &place)?;
        let invalid = |place, cause| Reject::new(place, Reason::InvalidJson, &format!("this is not JSON ({cause})"));
        let records = if text.trim_start().starts_with('[') {
            match serde_json::from_str::<Vec<Box<RawValue>>>(text) {
                Ok(records) => records,
                Err(cause) => return Err(invalid(place, cause)),
            }
        } else {
            match serde_json::from_str::<Box<RawValue>>(text) {
                Ok(one) => vec![one],
                Err(cause) => {
                    let first = text.trim_start().lines().next().unwrap_or_default();
                    if serde_json::from_str::<&RawValue>(first).is_err() {
                        return Err(invalid(place, cause));
                    }
                    return Ok(Self::Lines(Lines::new(place.path, Box::new(Cursor::new(all)))));
                }
            }
        };
        Ok(Self::Array { path: place.path, records: records.into_iter(), number: 0 })
    }
}

impl Reader for Json {
    fn next(&mut self, options: &Options) -> Option<Result<Article, Reject>> {
        if let Self::Closed { .. } = self
            && let Self::Closed { path, bytes } = std::mem::replace(self, Self::Done)
        {
            match Self::open(path, bytes) {
                Ok(opened) => *self = opened,
                Err(reject) => return Some(Err(reject)),
            }
        }
        match self {
            Self::Lines(lines) => lines.next(options),
            Self::Array { path, records, number } => {
                let json = records.next()?;
                let place = Place { path: path.clone(), record: *number };
                *number += 1;
                let fallback = || format!("{}:{}", stem(path), place.record);
                Some(record::article(json.get().as_bytes(), place.clone(), fallback, options))
            }
            Self::Closed { .. } | Self::Done => None,
        }
    }
}
