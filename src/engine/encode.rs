//! Encoding: sentences -> rows of subwords with case classes and places in the body.
//!
//! The vocabulary is uncased; letter case travels beside it as a case class a word. Neighbouring sentences are read together,
//! as names are surer in their surroundings. A sentence longer than one row is read through overlapping windows, and each
//! subword is answered by one of them.

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
/// Subwords up to which whole sentences are put into one row.
const FILL: usize = 96;

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

/// One row: some whole sentences, or one window of a long one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The numbers of its sentences in the article.
    pub sentences: Range<usize>,
    /// The place in the body of each subword, opening and closing marks left out: `subwords[i]` stands at position
    /// `i + 1` of the row.
    pub subwords: Vec<Span>,
    /// The subwords, as numbers into `subwords`, that this row answers for. The rows of a long sentence share them out.
    pub answers: Range<usize>,
}

impl Row {
    /// The subwords that stand in a span of the body, as numbers into `subwords`.
    pub fn within(&self, span: Span) -> Range<usize> {
        let from = self.subwords.partition_point(|subword| subword.end <= span.start);
        let to = self.subwords.partition_point(|subword| subword.start < span.end);
        from..to.max(from)
    }
}

/// The subword tokenizer. One is shared by all threads.
pub struct Encoder {
    tokenizer: Tokenizer,
}

/// The subwords of some text.
#[derive(Default)]
struct Subwords {
    ids: Vec<u32>,
    cases: Vec<u8>,
    spans: Vec<Span>,
}

impl Subwords {
    fn append(&mut self, mut other: Self) {
        self.ids.append(&mut other.ids);
        self.cases.append(&mut other.cases);
        self.spans.append(&mut other.spans);
    }
}

/// Rows under construction.
struct Filling {
    rows: Vec<Row>,
    batch: Batch,
    /// Sentences that are not yet in a row, and their subwords.
    sentences: Range<usize>,
    held: Subwords,
}

impl Filling {
    fn add(&mut self, subwords: Subwords) {
        if !self.sentences.is_empty() && self.held.ids.len() + subwords.ids.len() > FILL {
            self.flush();
        }
        self.held.append(subwords);
        self.sentences.end += 1;
    }

    /// Puts what is held into a row, or into the windows of one long sentence.
    fn flush(&mut self) {
        let held = std::mem::take(&mut self.held);
        for (window, answers) in windows(held.ids.len()) {
            let batch = &mut self.batch;
            batch.ids.push(OPEN);
            batch.ids.extend_from_slice(&held.ids[window.clone()]);
            batch.ids.push(CLOSE);
            batch.cases.push(0);
            batch.cases.extend_from_slice(&held.cases[window.clone()]);
            batch.cases.push(0);
            batch.starts.push(batch.ids.len());
            self.rows.push(Row { sentences: self.sentences.clone(), subwords: held.spans[window].to_vec(), answers });
        }
        self.sentences = self.sentences.end..self.sentences.end;
    }
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
        let batch = Batch { starts: vec![0], ..Batch::default() };
        let mut filling = Filling { rows: Vec::new(), batch, sentences: first..first, held: Subwords::default() };
        for sentence in sentences {
            filling.add(self.subwords(body, sentence.span)?);
        }
        filling.flush();
        Ok((filling.rows, filling.batch))
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
    fn neighbours_share_a_row_and_long_sentences_stand_alone() {
        let mut filling = Filling { rows: Vec::new(), batch: Batch::default(), sentences: 7..7, held: Subwords::default() };
        filling.batch.starts.push(0);
        for count in [40, 0, 50, 10, 300, 20] {
            let spans = (0..count).map(|at| Span::new(at, at + 1)).collect();
            filling.add(Subwords { ids: vec![1; count], cases: vec![0; count], spans });
        }
        filling.flush();
        let rows: Vec<_> = filling.rows.iter().map(|row| (row.sentences.clone(), row.subwords.len())).collect();
        assert_eq!(rows, [(7..10, 90), (10..11, 10), (11..12, 190), (11..12, 158), (12..13, 20)]);
        assert_eq!(filling.batch.starts, [0, 92, 104, 296, 456, 478]);
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
