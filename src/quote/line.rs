//! Lines: the sentences of a passage with what is known of each word.

use std::borrow::Cow;

use super::words::{self, is_noun_like};
use crate::mention::Mention;
use crate::segment::Sentence;
use crate::span::Span;

/// One word or mark of a sentence.
#[derive(Clone, Debug)]
pub struct Word<'a> {
    /// Where it stands in the body.
    pub span: Span,
    /// As it is written.
    pub text: &'a str,
    /// In small letters.
    pub lower: Cow<'a, str>,
    /// The number of the mention that it is part of.
    pub mention: Option<usize>,
    /// Whether it stands in direct speech.
    pub quoted: bool,
}

/// One sentence.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// Its number in the article.
    pub number: usize,
    /// Where it stands in the body.
    pub span: Span,
    /// Its words and marks, in order.
    pub words: Vec<Word<'a>>,
    /// The numbers of its mentions in the article's list.
    pub mentions: std::ops::Range<usize>,
}

/// The lines of some sentences, the first of which has the number `first` in the article. `mentions` are all that are known so
/// far, of which those from `from` on stand in these sentences; `speeches` are spans of direct speech, ascending.
pub fn lines<'a>(
    body: &'a str,
    (sentences, first): (&[Sentence], usize),
    (mentions, from): (&[Mention], usize),
    speeches: &[Span],
) -> Vec<Line<'a>> {
    let mut at = from;
    let mut speech = sentences.first().map_or(0, |sentence| speeches.partition_point(|it| it.end <= sentence.span.start));
    let mut out = Vec::with_capacity(sentences.len());
    for (offset, sentence) in sentences.iter().enumerate() {
        let number = first + offset;
        let start = at;
        let end = start + mentions[start..].partition_point(|mention| mention.sentence <= number);
        let mut words = Vec::with_capacity(sentence.tokens.len());
        for token in &sentence.tokens {
            while at < end && mentions[at].span.end <= token.start {
                at += 1;
            }
            while speeches.get(speech).is_some_and(|it| it.end <= token.start) {
                speech += 1;
            }
            let text = token.slice(body);
            words.push(Word {
                span: *token,
                text,
                lower: small(text),
                mention: (at < end && mentions[at].span.overlaps(*token)).then_some(at),
                quoted: speeches.get(speech).is_some_and(|it| it.overlaps(*token)),
            });
        }
        at = end;
        out.push(Line { number, span: sentence.span, words, mentions: start..end });
    }
    out
}

/// A word in small letters, borrowed where it is so already.
fn small(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_uppercase) { text.to_lowercase().into() } else { text.into() }
}

impl Line<'_> {
    /// The small letters of a word; nothing outside the line.
    pub fn lower(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| &word.lower)
    }

    /// The words of a span: the first one and one past the last.
    pub fn within(&self, span: Span) -> std::ops::Range<usize> {
        let from = self.words.partition_point(|word| word.span.end <= span.start);
        from..from + self.words[from..].partition_point(|word| word.span.start < span.end)
    }

    /// Whether a word is a possessive mark: `'s`, or an apostrophe after an s.
    pub fn is_possessive(&self, at: usize) -> bool {
        match self.lower(at) {
            "'s" | "’s" => true,
            "'" | "’" => {
                at > 0
                    && self.words[at - 1].lower.ends_with('s')
                    && self.words[at - 1].span.end == self.words[at].span.start
                    && self.words.get(at + 1).is_some_and(|next| next.text.starts_with(char::is_alphabetic))
            }
            _ => false,
        }
    }

    /// Whether a verb follows at `at`, by its form or with adverbs between.
    pub fn is_verb(&self, at: usize) -> bool {
        let mut at = at;
        while words::ADVERBS.contains(&self.lower(at)) || (self.lower(at).ends_with("ly") && self.lower(at).len() > 4) {
            at += 1;
        }
        self.words.get(at).is_some_and(|word| word.mention.is_none() && words::is_verb(&word.lower, word.text))
    }

    /// Whether a noun follows at `at`, so that what stands before describes it.
    pub fn is_noun(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|word| word.mention.is_some() || is_noun_like(&word.lower))
    }
}
