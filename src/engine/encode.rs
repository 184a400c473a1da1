//! Encoding: sentences -> rows of subwords with case classes and places in the body.
//!
//! The vocabulary is uncased; letter case travels beside it as a case class a word. Neighbouring sentences are read together,
//! as names are surer in their surroundings. A sentence longer than one row is read through overlapping windows, and each
//! subword is answered by one of them.

use std::ops::Range;
use std::path::Path;

use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::processors::bert::BertProcessing;
use tokenizers::{Encoding, Tokenizer};

use super::{Batch, EngineError, POSITIONS};
use crate::segment::Sentence;
use crate::span::Span;

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

/// A row of two texts.
pub struct Two {
    /// The batch that holds it, and nothing else.
    pub batch: Batch,
    /// The places of the first and last subword of the first text.
    pub first: [usize; 2],
    /// The place of the first subword of the second text.
    shift: usize,
    /// The places in the body of the subwords of the second text.
    subwords: Vec<Span>,
}

impl Two {
    /// The first and the last place of the row but for its closing mark.
    pub fn seen(&self) -> [usize; 2] {
        [1, self.batch.ids.len().saturating_sub(2).max(1)]
    }

    /// The places of the first and last subword of a span of the body; `None` where the row does not hold all of it.
    pub fn places(&self, span: Span) -> Option<[usize; 2]> {
        let from = self.subwords.partition_point(|subword| subword.end <= span.start);
        let to = self.subwords.partition_point(|subword| subword.start < span.end);
        let cut = to == self.subwords.len() && self.subwords.last().is_some_and(|last| last.end < span.end);
        (from < to && !cut).then(|| [from + self.shift, to - 1 + self.shift])
    }
}

/// The marks that a model's texts stand between, as numbers of its vocabulary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marks {
    /// What opens a row.
    pub open: u32,
    /// What closes it.
    pub close: u32,
    /// What stands between the two texts of a row of two.
    pub between: Vec<u32>,
    /// The token type of the second text; that of the first is 0.
    pub second: u32,
}

/// The subword tokenizer. One is shared by all threads.
pub struct Encoder {
    tokenizer: Tokenizer,
    marks: Marks,
    /// Whether the model is told letter case, as the shipped ones are. A model of a checkpoint reads its own subwords, and of
    /// these some tell apart whether a space stood before a sentence.
    cased: bool,
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
struct Filling<'a> {
    rows: Vec<Row>,
    batch: Batch,
    marks: &'a Marks,
    /// Sentences that are not yet in a row, and their subwords.
    sentences: Range<usize>,
    held: Subwords,
}

impl Filling<'_> {
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
            batch.ids.push(self.marks.open);
            batch.ids.extend_from_slice(&held.ids[window.clone()]);
            batch.ids.push(self.marks.close);
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
    /// Reads the `tokenizer.json` of the shipped models. Fails where it is not one.
    pub fn new(json: &[u8]) -> Result<Self, EngineError> {
        let load = |cause| EngineError::Load { name: "tokenizer".to_owned(), cause };
        Self::of(Tokenizer::from_bytes(json).map_err(load)?, true).map_err(load)
    }

    /// Reads the tokenizer of a checkpoint: its `tokenizer.json`, or the `vocab.txt` of a BERT. Fails where there is neither, or
    /// where it is not one. A `vocab.txt` does not say whether it is `lower`, of small letters alone.
    pub fn of_checkpoint(folder: &Path, lower: bool) -> Result<Self, EngineError> {
        let (whole, words) = (folder.join("tokenizer.json"), folder.join("vocab.txt"));
        let (path, made) = if words.exists() && !whole.exists() {
            let made = word_pieces(&words, lower);
            (words, made)
        } else {
            let bytes = std::fs::read(&whole);
            let bytes = bytes.map_err(|cause| EngineError::Read { path: whole.display().to_string(), cause })?;
            (whole, Tokenizer::from_bytes(bytes))
        };
        made.and_then(|tokenizer| Self::of(tokenizer, false))
            .map_err(|cause| EngineError::Load { name: path.display().to_string(), cause })
    }

    fn of(mut tokenizer: Tokenizer, cased: bool) -> tokenizers::Result<Self> {
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None)?;
        let marks = marks(&tokenizer.encode(("a", "a"), true)?).ok_or("it does not put one mark before and after a text")?;
        Ok(Self { tokenizer, marks, cased })
    }

    /// The marks that rows stand between.
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// How many subwords the vocabulary has, marks included.
    pub fn size(&self) -> usize {
        self.tokenizer.get_vocab_size(true)
    }

    /// The number of one subword, if the vocabulary has it.
    pub fn number(&self, subword: &str) -> Option<u32> {
        self.tokenizer.token_to_id(subword)
    }

    /// The subwords of a piece of text, without marks. `follows` says that it goes on right behind other text: where it begins with
    /// no space, some tokenizers would otherwise take it for a word of its own.
    pub fn numbers(&self, text: &str, follows: bool) -> Result<Vec<u32>, EngineError> {
        if follows && !text.is_empty() && !text.starts_with(' ') {
            let behind = self.encoding(&format!("a{text}"))?;
            let from = behind
                .get_offsets()
                .iter()
                .position(|(start, _)| *start >= 1)
                .filter(|from| behind.get_offsets()[from - 1].1 == 1);
            if let Some(from) = from {
                return Ok(behind.get_ids()[from..].to_vec());
            }
        }
        Ok(self.encoding(text)?.get_ids().to_vec())
    }

    /// The rows of some sentences of a body and the batch that holds them, in order. `first` is the number of
    /// `sentences[0]` in the article.
    pub fn rows(&self, body: &str, sentences: &[Sentence], first: usize) -> Result<(Vec<Row>, Batch), EngineError> {
        let batch = Batch { starts: vec![0], ..Batch::default() };
        let (marks, held) = (&self.marks, Subwords::default());
        let mut filling = Filling { rows: Vec::new(), batch, marks, sentences: first..first, held };
        for sentence in sentences {
            filling.add(self.subwords(body, sentence.span)?);
        }
        filling.flush();
        Ok((filling.rows, filling.batch))
    }

    /// A row of two texts: a short one, and a place of a body. What does not fit is cut off, of the first behind half the row.
    pub fn two(&self, first: &str, body: &str, span: Span) -> Result<Two, EngineError> {
        let mut ahead = self.subwords(first, Span::new(0, first.len()))?;
        let text = self.subwords(body, span)?;
        ahead.ids.truncate(WINDOW / 2);
        ahead.cases.truncate(WINDOW / 2);
        let between = &self.marks.between;
        let fits = text.ids.len().min(POSITIONS - 2 - between.len() - ahead.ids.len());
        let mut batch = Batch { starts: vec![0], ..Batch::default() };
        batch.ids.push(self.marks.open);
        batch.ids.extend_from_slice(&ahead.ids);
        batch.ids.extend_from_slice(between);
        let shift = batch.ids.len();
        batch.ids.extend_from_slice(&text.ids[..fits]);
        batch.ids.push(self.marks.close);
        batch.cases.push(0);
        batch.cases.extend_from_slice(&ahead.cases);
        batch.cases.resize(shift, 0);
        batch.cases.extend_from_slice(&text.cases[..fits]);
        batch.cases.push(0);
        batch.starts.push(batch.ids.len());
        Ok(Two { batch, first: [1, ahead.ids.len().max(1)], shift, subwords: text.spans[..fits].to_vec() })
    }

    fn subwords(&self, body: &str, sentence: Span) -> Result<Subwords, EngineError> {
        let space = !self.cased && body[..sentence.start].ends_with(' ');
        let start = sentence.start - usize::from(space);
        let text = &body[start..sentence.end];
        let encoding = self.encoding(text)?;
        let offsets = encoding.get_offsets();
        let place = |at: usize| (start + at).max(sentence.start);
        let spans = offsets.iter().map(|(from, to)| Span::new(place(*from), place(*to))).collect();
        let cases = if self.cased { cases(text, &encoding) } else { vec![0; offsets.len()] };
        Ok(Subwords { ids: encoding.get_ids().to_vec(), cases, spans })
    }

    fn encoding(&self, text: &str) -> Result<Encoding, EngineError> {
        self.tokenizer.encode(text, false).map_err(|cause| EngineError::Subwords { bytes: text.len(), cause })
    }
}

/// The tokenizer of a `vocab.txt`.
fn word_pieces(words: &Path, lower: bool) -> tokenizers::Result<Tokenizer> {
    let model = WordPiece::from_file(&words.display().to_string()).unk_token("[UNK]".to_owned()).build()?;
    let mut tokenizer = Tokenizer::new(model);
    let mark =
        |name: &str| tokenizer.token_to_id(name).map(|number| (name.to_owned(), number)).ok_or(format!("it lacks {name}"));
    let marks = BertProcessing::new(mark("[SEP]")?, mark("[CLS]")?);
    tokenizer.with_normalizer(Some(BertNormalizer::new(true, true, None, lower)))?;
    tokenizer.with_pre_tokenizer(Some(BertPreTokenizer));
    tokenizer.with_post_processor(Some(marks));
    Ok(tokenizer)
}

/// The marks around the two texts of a row, each of which is at least one subword long.
fn marks(two: &Encoding) -> Option<Marks> {
    let (ids, special) = (two.get_ids(), two.get_special_tokens_mask());
    let texts: Vec<usize> = (0..ids.len()).filter(|place| special[*place] == 0).collect();
    let between = texts.windows(2).find(|pair| pair[1] > pair[0] + 1)?;
    (texts.first() == Some(&1) && texts.last() == Some(&(ids.len() - 2))).then(|| Marks {
        open: ids[0],
        close: ids[ids.len() - 1],
        between: ids[between[0] + 1..between[1]].to_vec(),
        second: two.get_type_ids()[between[1]],
    })
}

/// The case class of each subword, that of its word.
fn cases(text: &str, encoding: &Encoding) -> Vec<u8> {
    let (offsets, words) = (encoding.get_offsets(), encoding.get_word_ids());
    let mut cases = Vec::with_capacity(offsets.len());
    while cases.len() < offsets.len() {
        let start = cases.len();
        let same = words[start..].iter().take_while(|word| **word == words[start]).count();
        let word = Span::new(offsets[start].0, offsets[start + same - 1].1);
        cases.extend(std::iter::repeat_n(case_class(word.slice(text)), same));
    }
    cases
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
        let marks = Marks { open: 101, close: 102, between: vec![102], second: 1 };
        let (batch, held) = (Batch::default(), Subwords::default());
        let mut filling = Filling { rows: Vec::new(), batch, marks: &marks, sentences: 7..7, held };
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
    fn a_row_of_two_texts_says_where_the_second_stands() {
        let encoder = Encoder::new(include_bytes!("../../models/tokenizer.json")).unwrap();
        let body = "Before. Kenya won. Behind.";
        let two = encoder.two("The EU should go", body, Span::new(8, 18)).unwrap();
        let batch = &two.batch;
        assert_eq!((batch.ids.len(), batch.cases.len(), batch.starts.as_slice()), (10, 10, &[0, 10][..]));
        assert_eq!((two.first, two.seen()), ([1, 4], [1, 8]));
        assert_eq!(batch.cases, [0, 1, 2, 0, 0, 0, 1, 0, 0, 0]);
        assert_eq!(
            [Span::new(8, 13), Span::new(8, 18), Span::new(0, 6)].map(|span| two.places(span)),
            [Some([6, 6]), Some([6, 8]), None]
        );
        let long = "Kenya won. ".repeat(100);
        let two = encoder.two(&long, &long, Span::new(0, long.len())).unwrap();
        assert_eq!((two.batch.ids.len(), two.first), (POSITIONS, [1, WINDOW / 2]));
        assert_eq!(two.places(Span::new(long.len() - 11, long.len() - 6)), None, "cut off");
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
