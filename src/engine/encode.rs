//! Encoding: sentences -> rows of subwords with case classes and places in the body.
//!
//! The vocabulary is uncased; letter case travels beside it as a case class a word. A sentence longer than one row
//! is read through overlapping windows, and each subword is answered by one of them.

use std::ops::Range;

use tokenizers::Tokenizer;

use super::{Batch, EngineError, POSITIONS};
use crate::segment::Sentence;
use crate::span::Span;

/// The numbers of the opening and closing marks in the vocabulary.
const OPEN: u32 = 101;
const CLOSE: u32 = 102;
/// Subwords of the text in one row, and how many of them two neighbouring windows share.
const WINDOW: usize = POSITIONS - 2;
const OVERLAP: usize = 48;

/// The case class of a word: 0 no capital, 1 Title, 2 UPPER (two letters or more), 3 miXed.
pub fn case_class(word: &str) -> u8 {
    let (mut letters, mut capitals, mut first) = (0_usize, 0_usize, false);
    for letter in word.chars().filter(|c| c.is_uppercase() || c.is_lowercase()) {
        let capital = letter.is_uppercase();
        first |= capital && letters == 0;
        letters += 1;
        capitals += usize::from(capital);
    }
    match capitals {
        0 => 0,
        1 if first => 1,
        all if all == letters => 2,
        _ => 3,
    }
}

/// One row: a sentence, or one window of a long one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The number of the sentence in the article.
    pub sentence: usize,
    /// The place in the body of each subword, opening and closing marks left out: `subwords[i]` stands at position
    /// `i + 1` of the row.
    pub subwords: Vec<Span>,
    /// The subwords, as numbers into `subwords`, that this row answers for. The rows of a sentence share them out.
    pub answers: Range<usize>,
}

/// The subword tokenizer. One is shared by all threads.
pub struct Encoder {
    tokenizer: Tokenizer,
}

/// The subwords of one sentence.
struct Subwords {
    ids: Vec<u32>,
    cases: Vec<u8>,
    spans: Vec<Span>,
}

impl Encoder {
    /// Reads a `tokenizer.json`. Fails where it is not one.
    pub fn new(json: &[u8]) -> Result<Self, EngineError> {
        let load = |cause| EngineError::Load { name: "tokenizer".to_owned(), cause };
        let mut tokenizer = Tokenizer::from_bytes(json).map_err(load)?;
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(load)?;
        Ok(Self { tokenizer })
    }

    /// The rows of some sentences of a body and the batch that holds them, in order. `first` is the number of
    /// `sentences[0]` in the article.
    pub fn rows(&self, body: &str, sentences: &[Sentence], first: usize) -> Result<(Vec<Row>, Batch), EngineError> {
        let mut rows = Vec::with_capacity(sentences.len());
        let mut batch = Batch { starts: vec![0], ..Batch::default() };
        for (offset, sentence) in sentences.iter().enumerate() {
            let subwords = self.subwords(body, sentence.span)?;
            for (window, answers) in windows(subwords.ids.len()) {
                batch.ids.push(OPEN);
                batch.ids.extend_from_slice(&subwords.ids[window.clone()]);
                batch.ids.push(CLOSE);
                batch.cases.push(0);
                batch.cases.extend_from_slice(&subwords.cases[window.clone()]);
                batch.cases.push(0);
                batch.starts.push(batch.ids.len());
                rows.push(Row { sentence: first + offset, subwords: subwords.spans[window].to_vec(), answers });
            }
        }
        Ok((rows, batch))
    }

    fn subwords(&self, body: &str, sentence: Span) -> Result<Subwords, EngineError> {
        let text = sentence.slice(body);
        let encoding =
            self.tokenizer.encode(text, false).map_err(|cause| EngineError::Subwords { bytes: text.len(), cause })?;
        let offsets = encoding.get_offsets();
        let words = encoding.get_word_ids();
        let mut cases = Vec::with_capacity(offsets.len());
        while cases.len() < offsets.len() {
            let start = cases.len();
            let same = words[start..].iter().take_while(|word| **word == words[start]).count();
            let word = Span::new(offsets[start].0, offsets[start + same - 1].1);
            let case = case_class(word.slice(text));
            cases.extend(std::iter::repeat_n(case, same));
        }
        let spans = offsets.iter().map(|(from, to)| Span::new(sentence.start + from, sentence.start + to)).collect();
        Ok(Subwords { ids: encoding.get_ids().to_vec(), cases, spans })
    }
}

/// The windows of a sentence of `count` subwords: what each holds, and which of those it answers for (counted from the
/// window's start). The answers share the sentence out: a subword in two windows is answered by the one that shows more
/// of its surroundings.
fn windows(count: usize) -> Vec<(Range<usize>, Range<usize>)> {
    if count == 0 {
        return Vec::new();
    }
    let mut out = Vec::new();
    let mut start = 0;
    loop {
        let end = (start + WINDOW).min(count);
        let from = if start == 0 { 0 } else { OVERLAP / 2 };
        let to = if end == count { end - start } else { WINDOW - OVERLAP / 2 };
        out.push((start..end, from..to));
        if end == count {
            return out;
        }
        start += WINDOW - OVERLAP;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_classes() {
        for (word, class) in [
            ("kabul", 0),
            ("42", 0),
            ("Kabul", 1),
            ("A", 1),
            ("NATO", 2),
            ("McCain", 3),
            ("eBay", 3),
            ("Żółw", 1),
            ("東京", 0),
        ] {
            assert_eq!(case_class(word), class, "{word}");
        }
    }

    #[test]
    fn windows_share_a_sentence_out() {
        for count in 0..2_000 {
            let mut next = 0;
            for (window, answers) in windows(count) {
                assert!(window.len() <= WINDOW);
                assert_eq!(window.start + answers.start, next, "of {count}");
                assert!(answers.end <= window.len());
                next = window.start + answers.end;
            }
            assert_eq!(next, count);
        }
    }
}
