//! Charsets: bytes of any encoding -> UTF-8. Old archives are seldom all UTF-8.
//!
//! A byte-order mark tells the encoding; bytes that are UTF-8 are taken as that; for others the encoding is guessed from what they
//! would say (`chardetng`, as Firefox does), unless the user or the format names one.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8};

use super::Bytes;

/// How much of a stream is looked at before its encoding is settled.
const LOOK: usize = 1 << 16;

/// A whole text. `told` is what its surroundings say of its encoding; a byte-order mark counts more. `None` where the bytes are in
/// no encoding that is known.
pub(super) fn text<'a>(bytes: &'a [u8], told: Option<&'static Encoding>) -> Option<Cow<'a, str>> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..]);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(Cow::Borrowed(text));
    }
    let told = told.filter(|encoding| *encoding != UTF_8).and_then(|encoding| strict(encoding, bytes));
    told.or_else(|| strict(guess(bytes), bytes))
}

fn strict<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Option<Cow<'a, str>> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes)
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Deny)
}

/// A stream as UTF-8, its encoding told by its beginning.
pub(super) fn detected(bytes: Bytes) -> std::io::Result<Bytes> {
    let mut stream = BufReader::with_capacity(LOOK, bytes);
    let head = stream.fill_buf()?;
    let encoding = match (Encoding::for_bom(head), std::str::from_utf8(head)) {
        (Some((encoding, _)), _) => encoding,
        // An error without a length is a character that the end of the look cuts in two.
        (None, Err(error)) if error.error_len().is_some() => guess(head),
        _ => UTF_8,
    };
    Ok(if encoding == UTF_8 { Box::new(stream) } else { named(Box::new(stream), encoding) })
}

/// A stream of a named encoding as UTF-8. Bytes that are none of it become U+FFFD.
pub(super) fn named(bytes: Bytes, encoding: &'static Encoding) -> Bytes {
    Box::new(BufReader::with_capacity(
        LOOK,
        Transcoder { bytes, decoder: encoding.new_decoder(), done: false, held: VecDeque::new() },
    ))
}

struct Transcoder {
    bytes: Bytes,
    decoder: Decoder,
    done: bool,
    /// What was decoded for a reader that asked for less than a character may take.
    held: VecDeque<u8>,
}

/// The room that the decoder needs to make headway.
const ROOM: usize = 16;

impl Read for Transcoder {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if !self.held.is_empty() {
            return self.held.read(buffer);
        }
        if buffer.len() >= ROOM {
            return self.decode(buffer);
        }
        let mut room = [0; ROOM];
        let decoded = self.decode(&mut room)?;
        self.held.extend(&room[..decoded]);
        self.held.read(buffer)
    }
}

impl Transcoder {
    fn decode(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while !self.done {
            let source = self.bytes.fill_buf()?;
            let end = source.is_empty();
            let (result, read, written, _) = self.decoder.decode_to_utf8(source, buffer, end);
            self.bytes.consume(read);
            self.done = end && result == CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn encodings_are_told_from_the_bytes() {
        let cases: [(&[u8], &str); 5] = [
            ("Kabul — Łódź".as_bytes(), "Kabul — Łódź"),
            (b"Caf\xe9 owners praised the mayor of Bogot\xe1.", "Café owners praised the mayor of Bogotá."),
            (b"\xff\xfeK\0a\0b\0u\0l\0", "Kabul"),
            (b"\xfe\xff\0K\0a", "Ka"),
            (b"\xcf\xf0\xe5\xe7\xe8\xe4\xe5\xed\xf2 \xec\xe8\xed\xe8\xf1\xf2\xf0", "Президент министр"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(text(bytes, None).as_deref(), Some(expected));
            let mut read = String::new();
            detected(Box::new(Cursor::new(bytes.to_vec()))).unwrap().read_to_string(&mut read).unwrap();
            assert_eq!(read.trim_start_matches('\u{feff}'), expected);
        }
    }

    #[test]
    fn what_is_told_counts_where_the_bytes_do_not_tell() {
        assert_eq!(text(b"\xb3\xf3d\xbc", Encoding::for_label(b"iso-8859-2")).as_deref(), Some("łódź"));
        let long = "Łódź ".repeat(50_000);
        let (bytes, ..) = encoding_rs::ISO_8859_2.encode(&long);
        let mut read = String::new();
        named(Box::new(Cursor::new(bytes.into_owned())), encoding_rs::ISO_8859_2).read_to_string(&mut read).unwrap();
        assert_eq!(read, long);
    }
}
