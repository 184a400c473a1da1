//! A body as trainers read it: sentences of tokens, each with its place in bytes and in code points.

use std::ops::Range;

use crate::segment::tokenize;
use crate::span::{CodePoints, Span};

/// A place in a body: half-open, in bytes (`span`) and in Unicode code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// In bytes.
    pub span: Span,
    /// The first code point.
    pub start: usize,
    /// One past the last.
    pub end: usize,
}

impl Place {
    /// The place of some bytes.
    pub fn of(points: &CodePoints<'_>, span: Span) -> Self {
        Self { span, start: points.at(span.start), end: points.at(span.end) }
    }
}

/// A sentence: its place without surrounding white space, and its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Where it stands.
    pub place: Place,
    /// The numbers of its tokens; never empty.
    pub tokens: Range<usize>,
}

/// The tokens of a body by sentences. Together they cover all of it but white space.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// The tokens, in order.
    pub tokens: Vec<Place>,
    /// The sentences, in order.
    pub sentences: Vec<Sentence>,
}

/// Whether trainers take a character for white space: what Python takes for it, four separators of ASCII among it that Unicode leaves out.
pub fn is_blank(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

impl Cut {
    /// Cuts a body at its sentences, given in order in bytes, and them into our tokens. A token is cut once more where one of `marks`, in bytes and
    /// in order, falls inside it, so that names which end in mid-token have whole tokens. Text outside all sentences makes sentences of its own.
    pub fn new(body: &str, points: &CodePoints<'_>, sentences: &[Span], marks: &[usize]) -> Self {
        let mut cut = Self::default();
        let mut at = 0;
        for sentence in sentences {
            let start = sentence.start.max(at);
            cut.sentence(body, points, Span::new(at, start), marks);
            at = sentence.end.max(at);
            cut.sentence(body, points, Span::new(start, at), marks);
        }
        cut.sentence(body, points, Span::new(at, body.len()), marks);
        cut
    }

    fn sentence(&mut self, body: &str, points: &CodePoints<'_>, span: Span, marks: &[usize]) {
        if span.slice(body).chars().all(is_blank) {
            return;
        }
        let first = self.tokens.len();
        for token in tokenize(body, span) {
            let mut start = token.start;
            let inside = marks.partition_point(|mark| *mark <= token.start);
            for end in marks[inside..].iter().copied().take_while(|mark| *mark < token.end).chain([token.end]) {
                self.token(body, points, Span::new(start, end));
                start = end;
            }
        }
        if let (Some(one), Some(last)) = (self.tokens.get(first), self.tokens.last()) {
            let place = Place { span: Span::new(one.span.start, last.span.end), start: one.start, end: last.end };
            self.sentences.push(Sentence { place, tokens: first..self.tokens.len() });
        }
    }

    /// Adds a token without the white space at its ends, which it has where a combining mark stands behind a space.
    fn token(&mut self, body: &str, points: &CodePoints<'_>, span: Span) {
        let text = span.slice(body);
        let start = span.start + text.len() - text.trim_start_matches(is_blank).len();
        let span = Span::new(start, start + text.trim_matches(is_blank).len());
        if !span.is_empty() {
            self.tokens.push(Place::of(points, span));
        }
    }

    /// The numbers of the tokens that lie in some bytes.
    pub fn inside(&self, span: Span) -> Range<usize> {
        let first = self.tokens.partition_point(|token| token.span.start < span.start);
        let last = self.tokens.partition_point(|token| token.span.end <= span.end);
        first..last.max(first)
    }

    /// The number of the sentence in which a token stands.
    pub fn sentence_of(&self, token: usize) -> usize {
        self.sentences.partition_point(|sentence| sentence.tokens.end <= token)
    }
}

/// A token as spaCy has it: white space that is more than the one space behind a token makes a token of its own, so that all tokens with their spaces
/// give the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Where it stands.
    pub place: Place,
    /// Whether one space follows that belongs to it.
    pub space: bool,
    /// The number of the token; `None` of white space.
    pub token: Option<usize>,
}

/// The words of a body.
pub fn words(body: &str, points: &CodePoints<'_>, cut: &Cut) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::with_capacity(cut.tokens.len());
    let mut at = 0;
    let end = Span::new(body.len(), body.len());
    let tokens = cut.tokens.iter().enumerate().map(|(number, token)| (Some(number), *token));
    for (token, place) in tokens.chain([(None, Place::of(points, end))]) {
        let mut gap = Span::new(at, place.span.start);
        if let Some(last) = words.last_mut()
            && gap.slice(body).starts_with(' ')
        {
            last.space = true;
            gap.start += 1;
        }
        if !gap.is_empty() {
            words.push(Word { place: Place::of(points, gap), space: false, token: None });
        }
        if token.is_some() {
            words.push(Word { place, space: false, token });
        }
        at = place.span.end;
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::segment::segment;

    fn cut(body: &str, marks: &[usize]) -> Cut {
        let sentences: Vec<Span> = segment(body).into_iter().map(|sentence| sentence.span).collect();
        Cut::new(body, &CodePoints::new(body), &sentences, marks)
    }

    #[test]
    fn names_that_end_in_mid_token_have_whole_tokens() {
        let body = "Pro-Kabul troops left.";
        let texts =
            |marks: &[usize]| -> Vec<&str> { cut(body, marks).tokens.iter().map(|token| token.span.slice(body)).collect() };
        assert_eq!(texts(&[]), ["Pro", "-", "Kabul", "troops", "left", "."]);
        assert_eq!(texts(&[6, 9]), ["Pro", "-", "Ka", "bul", "troops", "left", "."]);
        assert_eq!(cut(body, &[6, 9]).inside(Span::new(6, 9)), 3..4);
    }

    #[test]
    fn text_outside_all_sentences_is_not_lost() {
        let body = "One. Two. Three.";
        let cut = Cut::new(body, &CodePoints::new(body), &[Span::new(5, 9)], &[]);
        let sentences: Vec<&str> = cut.sentences.iter().map(|sentence| sentence.place.span.slice(body)).collect();
        assert_eq!(sentences, ["One.", "Two.", "Three."]);
        assert_eq!((cut.sentence_of(0), cut.sentence_of(3), cut.sentence_of(5)), (0, 1, 2));
    }

    proptest! {
        #[test]
        fn words_with_their_spaces_give_the_body(body in "([A-Za-z.\u{301}]{0,4}|[ ]{1,3}|\r\n|\t|\u{1c}|\u{a0}|👩‍👩‍👧|“){0,40}", mark in 0_usize..40) {
            let mark = (0..=mark.min(body.len())).rev().find(|at| body.is_char_boundary(*at)).unwrap();
            let cut = cut(&body, &[mark]);
            let mut text = String::new();
            for word in words(&body, &CodePoints::new(&body), &cut) {
                let piece = word.place.span.slice(&body);
                prop_assert!(!piece.is_empty());
                prop_assert_eq!(word.token.is_none(), piece.chars().all(is_blank));
                let points: String = body.chars().skip(word.place.start).take(word.place.end - word.place.start).collect();
                prop_assert_eq!(&points, piece);
                text += piece;
                text += if word.space { " " } else { "" };
            }
            prop_assert_eq!(text, body);
        }
    }
}
