//! Direct speech by its marks.

use crate::segment::Sentence;
use crate::span::Span;

/// The passages between quotation marks, in order, not overlapping, marks included.
///
/// Known are “ ”, « », " " and, where a word begins after the first and ends before the last, ‘ ’ and ' '. A quotation ends
/// with its paragraph. It may go on in the next one, which then opens with a mark again; each paragraph is a piece by itself.
/// An opening mark that is never closed opens nothing. Nothing is nested.
pub(super) fn quoted(body: &str, sentences: &[Sentence]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut goes_on = None;
    for paragraph in paragraphs(body, sentences) {
        let text = paragraph.slice(body);
        let inherited = goes_on.take().filter(|_| opens(text).is_some());
        if inherited.is_none() && goes_on_unclosed(&pieces) {
            pieces.pop();
        }
        scan(text, paragraph.start, inherited.is_some(), &mut pieces);
        if goes_on_unclosed(&pieces) {
            goes_on = pieces.last().map(|piece| piece.span);
        }
    }
    if goes_on_unclosed(&pieces) {
        pieces.pop();
    }
    pieces
}

/// A piece of direct speech.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// From its opening mark to one past its closing one, or to the end of its paragraph.
    pub(super) span: Span,
    /// Whether it goes on where the paragraph before it ended.
    pub(super) carries_on: bool,
    /// Whether its closing mark is there.
    closed: bool,
}

fn goes_on_unclosed(pieces: &[Piece]) -> bool {
    pieces.last().is_some_and(|piece| !piece.closed)
}

/// The pairs of marks. Those of the second list are apostrophes as well.
const PAIRS: [(char, char); 3] = [('“', '”'), ('«', '»'), ('"', '"')];
const SINGLE: [(char, char); 2] = [('‘', '’'), ('\'', '\'')];

/// The closing mark of the one with which a text opens.
fn opens(text: &str) -> Option<char> {
    let mark = text.trim_start().chars().next()?;
    PAIRS.iter().chain(&SINGLE).find(|(open, _)| *open == mark).map(|(_, close)| *close)
}

/// Finds the pieces of one paragraph, which starts at the byte `base`.
fn scan(text: &str, base: usize, inherited: bool, pieces: &mut Vec<Piece>) {
    let mut open: Option<(usize, char)> = None;
    let mut carries_on = inherited;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let after = || text[at + c.len_utf8()..].chars().next().unwrap_or(' ');
        match open {
            None => {
                let free = !before.is_alphanumeric();
                let double = PAIRS.iter().find(|(mark, _)| *mark == c).filter(|_| c != '"' || free);
                let single = || SINGLE.iter().find(|(mark, _)| *mark == c).filter(|_| free && after().is_alphanumeric());
                open = double.or_else(single).map(|(_, close)| (at, *close));
            }
            Some((start, close)) if c == close && closes(close, before, after()) => {
                let span = Span::new(base + start, base + at + c.len_utf8());
                pieces.push(Piece { span, carries_on: std::mem::take(&mut carries_on), closed: true });
                open = None;
            }
            Some(_) => {}
        }
        before = c;
    }
    if let Some((start, _)) = open.filter(|(_, close)| *close != '\'' && *close != '’') {
        pieces.push(Piece { span: Span::new(base + start, base + text.trim_end().len()), carries_on, closed: false });
    }
}

/// Whether a closing mark closes, seen what stands around it: one that is an apostrophe as well needs a mark before it or none
/// of a word behind it.
fn closes(close: char, before: char, after: char) -> bool {
    match close {
        '\'' | '’' => !after.is_alphanumeric() && (close == '’' || matches!(before, ',' | '.' | '?' | '!')),
        _ => true,
    }
}

/// The paragraphs: parted by empty lines where the body has any, else by the ends of lines at which a sentence ends too.
fn paragraphs(body: &str, sentences: &[Sentence]) -> Vec<Span> {
    let gap = |one: &Sentence, next: &Sentence| body.get(one.span.end..next.span.start).unwrap_or_default();
    let lines = |gap: &str| gap.matches('\n').count();
    let parted = sentences.windows(2).any(|pair| lines(gap(&pair[0], &pair[1])) > 1);
    let least = if parted { 2 } else { 1 };
    let mut out: Vec<Span> = Vec::new();
    for (at, sentence) in sentences.iter().enumerate() {
        let opens = at == 0 || lines(gap(&sentences[at - 1], sentence)) >= least;
        match out.last_mut() {
            Some(paragraph) if !opens => paragraph.end = sentence.span.end,
            _ => out.push(sentence.span),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::segment::segment;

    fn found(body: &str) -> Vec<(&str, bool)> {
        quoted(body, &segment(body)).iter().map(|piece| (piece.span.slice(body), piece.carries_on)).collect()
    }

    #[test]
    fn marks_of_every_kind() {
        for (open, close) in PAIRS.iter().chain(&SINGLE) {
            let quote = format!("{open}We won{close}");
            assert_eq!(
                found(&format!("{open}We won,{close} he said.")),
                [(format!("{open}We won,{close}").as_str(), false)]
            );
            let expected: &[_] = if *open == '\'' { &[] } else { &[(quote.as_str(), false)] };
            assert_eq!(found(&format!("He said {quote} now.")), expected);
        }
        assert_eq!(found("The ministers’ plan isn’t “ready”. It’s late."), [("“ready”", false)]);
        assert_eq!(found("It is 5'11\" and 'fine.' it is"), [("'fine.'", false)]);
    }

    #[test]
    fn speech_of_several_paragraphs_is_in_pieces() {
        let body = "“One. Two.\n\n“Three.\n\n“Four.” He left.\n\n“Open for ever.\n\nNo mark here.";
        assert_eq!(found(body), [("“One. Two.", false), ("“Three.", true), ("“Four.”", true)]);
    }

    proptest! {
        #[test]
        fn pieces_are_in_order(body in "([a-z“”«»\"'‘’.,\n ]|\\PC){0,200}") {
            let mut last = 0;
            for piece in quoted(&body, &segment(&body)) {
                prop_assert!(last <= piece.span.start && !piece.span.slice(&body).is_empty());
                last = piece.span.end;
            }
        }
    }
}
