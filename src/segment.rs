//! Segmentation: body -> sentences -> tokens. It cannot fail.
//!
//! Boundaries come from Unicode Standard Annex #29 (crate `unicode-segmentation`); the rules here only mend what its rules
//! do not know of news: abbreviations, initials, list numbers, wrapped lines, and full stops without a space after them.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

use crate::span::Span;

/// One sentence: its place in the body and its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Where it stands in the body, without surrounding white space.
    pub span: Span,
    /// Its tokens, in order, not overlapping, inside `span`. They cover all of it but white space.
    pub tokens: Vec<Span>,
}

/// A sentence is cut after so many bytes, between two tokens: text without full stops (tables, lists) must not make one
/// sentence of a whole article.
const LONGEST: usize = 4096;

/// The sentences of a body, in order. Together they cover all of it but white space.
pub fn segment(body: &str) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    let mut start = 0;
    for (at, piece) in body.split_sentence_bound_indices() {
        let end = at + piece.len();
        if end == body.len() || ends_sentence(&body[start..end], &body[end..]) {
            for span in at_missing_spaces(body, Span::new(start, end)) {
                push(body, span, &mut sentences);
            }
            start = end;
        }
    }
    sentences
}

/// Adds a sentence, cut where it is too long, left out where it is empty.
fn push(body: &str, span: Span, sentences: &mut Vec<Sentence>) {
    let tokens = tokenize(body, span);
    let mut rest = tokens.as_slice();
    while let Some(first) = rest.first() {
        let fits = rest.partition_point(|token| token.end - first.start <= LONGEST).max(1);
        let (now, later) = rest.split_at(fits);
        sentences.push(Sentence { span: Span::new(first.start, now[fits - 1].end), tokens: now.to_vec() });
        rest = later;
    }
}

/// Whether a sentence ends between `before` and `after`, where UAX #29 says that one may.
fn ends_sentence(before: &str, after: &str) -> bool {
    let text = before.trim_end();
    let gap = &before[text.len()..];
    let next = after.trim_start().chars().next();
    let gap_after = &after[..after.len() - after.trim_start().len()];
    let lines = gap.chars().chain(gap_after.chars()).filter(|c| *c == '\n').count();
    if text.is_empty() {
        return false;
    }
    if lines > 0 {
        // A line that goes on in lower case after a word or a comma is wrapped, not ended.
        let wrapped = next.is_some_and(char::is_lowercase) && text.ends_with(|c: char| c.is_alphanumeric() || c == ',');
        return lines > 1 || !wrapped;
    }
    if next.is_some_and(char::is_lowercase) {
        return false;
    }
    let bare = text.trim_end_matches(is_closing);
    let quoted = bare.len() < text.len();
    let Some(stem) = bare.strip_suffix('.') else { return true };
    if quoted {
        return true;
    }
    let word = last_word(stem);
    // "1." and "a)" at the start of an item.
    let item = stem.trim_start_matches(|c: char| !c.is_alphanumeric());
    if item.len() <= 3 && (item.chars().all(|c| c.is_ascii_digit()) || item.chars().count() == 1) {
        return false;
    }
    !abbreviates(&word, after.trim_start())
}

/// The word that a full stop ends. In text that was cut into tokens a space stands before each mark: of "the U . S ." the word is
/// "U.S".
fn last_word(stem: &str) -> Cow<'_, str> {
    let breaks = |c: char| c.is_whitespace() || is_closing(c) || is_opening(c);
    let set_off = stem.trim_end();
    let mut chunks = set_off.rsplit(breaks);
    let word = chunks.next().unwrap_or_default();
    let letter = |chunk: &str| chunk.chars().count() == 1 && chunk.chars().all(char::is_alphabetic);
    if set_off.len() == stem.len() || !letter(word) {
        return Cow::Borrowed(word);
    }
    let mut letters = vec![word];
    while chunks.next() == Some(".")
        && let Some(before) = chunks.next()
        && letter(before)
    {
        letters.push(before);
    }
    letters.reverse();
    Cow::Owned(letters.join("."))
}

/// Titles and other words that stand before a name or a number, so that no sentence ends after them.
const BEFORE_A_NAME: &[&str] = &[
    "adm", "amb", "asst", "atty", "brig", "capt", "cmdr", "col", "comdr", "cpl", "cpt", "dept", "det", "dr", "fr", "ft",
    "gen", "gov", "hon", "insp", "lt", "ltc", "maj", "messrs", "mr", "mrs", "ms", "mt", "ofc", "ph", "pres", "prof", "pvt",
    "rep", "reps", "rev", "sec", "sen", "sens", "sgt", "spc", "sr", "st", "ste", "supt", "vs", "viz", "e.g", "i.e", "cf",
    "al",
];
/// Words that abbreviate before a number only.
const BEFORE_A_NUMBER: &[&str] = &[
    "art", "ch", "fig", "no", "nos", "p", "para", "pp", "vol", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep",
    "sept", "oct", "nov", "dec", "approx", "rs", "usd",
];
/// Words that open a sentence far more often than a name.
const OPENERS: &[&str] = &[
    "a",
    "after",
    "all",
    "also",
    "although",
    "an",
    "and",
    "another",
    "as",
    "at",
    "both",
    "but",
    "by",
    "during",
    "each",
    "earlier",
    "even",
    "for",
    "from",
    "he",
    "her",
    "his",
    "how",
    "however",
    "i",
    "if",
    "in",
    "it",
    "its",
    "last",
    "later",
    "many",
    "meanwhile",
    "more",
    "most",
    "my",
    "no",
    "not",
    "now",
    "of",
    "on",
    "one",
    "other",
    "others",
    "our",
    "she",
    "since",
    "so",
    "some",
    "such",
    "that",
    "the",
    "their",
    "then",
    "there",
    "these",
    "they",
    "this",
    "those",
    "though",
    "to",
    "under",
    "until",
    "we",
    "what",
    "when",
    "where",
    "while",
    "who",
    "why",
    "with",
    "yet",
    "you",
];

/// Whether the full stop after `word` abbreviates, so that the sentence goes on with `after`.
fn abbreviates(word: &str, after: &str) -> bool {
    let lower = word.to_lowercase();
    let next: String =
        after.chars().skip_while(|c| !c.is_alphanumeric()).take_while(|c| c.is_alphanumeric()).take(16).collect();
    if BEFORE_A_NAME.contains(&lower.as_str()) {
        return true;
    }
    if BEFORE_A_NUMBER.contains(&lower.as_str()) {
        return next.starts_with(|c: char| c.is_numeric());
    }
    if is_dotted(word) {
        // "the U.S. Senate" goes on; "in the U.S. The bill" does not.
        return !OPENERS.contains(&next.to_lowercase().as_str());
    }
    // An initial: "J. K. Rowling". A lone "I" is the pronoun.
    let mut letters = word.chars();
    matches!((letters.next(), letters.next()), (Some(letter), None) if letter.is_uppercase() && word != "I")
}

/// Letters with full stops between them: `U.S`, `p.m`, `D.R.C`.
fn is_dotted(word: &str) -> bool {
    word.contains('.') && word.split('.').all(|part| part.chars().count() == 1 && part.chars().all(char::is_alphabetic))
}

/// The length in bytes of a sentence's dateline, its dash included; 0 where it has none: "LAGOS, March 3 (Agency) — Two …".
///
/// A dateline is capitalised words, numbers and words in brackets, no more than eight, before a dash that is followed by a
/// capital, a number or a quotation. It says where and by whom the report was written, and is no part of what it says.
pub fn dateline(sentence: &str) -> usize {
    let dash = |c: char| matches!(c, '—' | '–' | '-');
    let set_off = |at: usize, mark: &str| {
        let spaced = |c: Option<char>| c.is_some_and(char::is_whitespace);
        mark != "-" || spaced(sentence[..at].chars().next_back())
    };
    let Some((at, _)) = sentence.match_indices(dash).find(|(at, mark)| set_off(*at, mark)) else { return 0 };
    let head = &sentence[..at];
    let rest = sentence[at..].trim_start_matches(dash).trim_start();
    let opens = |c: char| c.is_uppercase() || c.is_numeric() || matches!(c, '"' | '“' | '‘' | '\'');
    let mut bracket = false;
    let mut words = 0;
    for word in head.split_whitespace() {
        words += 1;
        bracket |= word.starts_with('(');
        let plain = word.chars().find(|c| c.is_alphanumeric()).is_none_or(|c| c.is_uppercase() || c.is_numeric());
        if words > DATELINE_WORDS || !(plain || bracket || DATELINE_SMALL.contains(&word)) {
            return 0;
        }
        bracket &= !word.contains(')');
    }
    let starts = head.starts_with(char::is_uppercase) && rest.starts_with(opens);
    if starts && !bracket { sentence.len() - rest.len() } else { 0 }
}

const DATELINE_WORDS: usize = 8;
/// Small words inside names of places and between two of them.
const DATELINE_SMALL: &[&str] =
    &["and", "of", "de", "del", "la", "al", "el", "es", "da", "do", "dos", "am", "pm", "on", "upon"];

const fn is_closing(c: char) -> bool {
    matches!(c, '"' | '\'' | '”' | '’' | '»' | ')' | ']' | '}')
}

const fn is_opening(c: char) -> bool {
    matches!(c, '“' | '‘' | '«' | '(' | '[' | '{')
}

/// Cuts a sentence where a full stop has no space after it: "he said.The minister".
fn at_missing_spaces(body: &str, span: Span) -> Vec<Span> {
    let text = span.slice(body);
    let mut out = Vec::new();
    let mut start = 0;
    for (at, mark) in text.match_indices(['.', '!', '?']) {
        let after = at + mark.len();
        // A closing quotation mark belongs to the sentence that it closes.
        let tail = &text[after..];
        let end = after + tail.len() - tail.trim_start_matches(['"', '”', '’', ')']).len();
        if starts_word(&text[end..]) && ends_word(&text[start..at]) {
            out.push(Span::new(span.start + start, span.start + end));
            start = end;
        }
    }
    out.push(Span::new(span.start + start, span.end));
    out
}

/// Whether `text` begins with a capital and two small letters at least, as a sentence does and an address seldom.
fn starts_word(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(char::is_uppercase)
        && letters.by_ref().take(1).all(char::is_lowercase)
        && letters.next().is_some_and(|c| c.is_lowercase() || c == ' ')
}

/// Whether `text` ends with a plain word of three small letters at least, and not inside an address.
fn ends_word(text: &str) -> bool {
    let small = text.chars().rev().take_while(|c| c.is_lowercase()).count();
    let chunk = text.rsplit(char::is_whitespace).next().unwrap_or_default();
    small >= 3 && !chunk.contains(['/', '@', '.', ':'])
}

/// The tokens of a piece of the body: words, numbers and single marks, as UAX #29 parts them, with dotted abbreviations kept
/// whole ("U.S.") and the possessive split off ("Kenya" "'s").
pub fn tokenize(body: &str, span: Span) -> Vec<Span> {
    let mut tokens: Vec<Span> = Vec::new();
    for (at, word) in span.slice(body).split_word_bound_indices() {
        if word.chars().all(char::is_whitespace) {
            continue;
        }
        let token = Span::new(span.start + at, span.start + at + word.len());
        if word == "."
            && let Some(last) = tokens.last_mut()
            && last.end == token.start
            && (is_dotted(last.slice(body)) || is_initial(last.slice(body), &body[token.end..span.end]))
        {
            last.end = token.end;
            continue;
        }
        match possessive(word) {
            0 => tokens.push(token),
            suffix => {
                let cut = token.end - suffix;
                tokens.extend([Span::new(token.start, cut), Span::new(cut, token.end)]);
            }
        }
    }
    tokens
}

/// A capital whose full stop is followed by more of the sentence.
fn is_initial(word: &str, after: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_uppercase) && letters.next().is_none() && !after.trim().is_empty()
}

/// The length in bytes of a final `'s` or `’s`, 0 where there is none before which a word stands.
fn possessive(word: &str) -> usize {
    ["'s", "’s", "'S", "’S"]
        .into_iter()
        .find(|suffix| word.len() > suffix.len() && word.ends_with(suffix))
        .map_or(0, str::len)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sentences(body: &str) -> Vec<&str> {
        segment(body).iter().map(|sentence| sentence.span.slice(body)).collect()
    }

    fn tokens(text: &str) -> Vec<&str> {
        tokenize(text, Span::new(0, text.len())).into_iter().map(|token| token.slice(text)).collect()
    }

    #[test]
    fn sentences_of_news() {
        // Each case is written with a bar where a sentence should end.
        for case in [
            "Lt. Gen. Okoro met Mr. Diaz.|They talked.",
            "The U.S. Senate voted on Jan. 6.|It was close.",
            "He lives in the U.S.|The move surprised nobody.",
            "J. K. Rowling spoke.|No. 10 declined to comment.",
            // Text that was cut into tokens before.
            "The U . S . Senate heard Gerald R . Ford .|It was close .|He left the U . S .|The move surprised nobody .",
            "Mr . Diaz and I .|They talked .",
            "“We will not go,” she said.|“Never.”|He left.",
            "\"Why now?\" he asked.|\"Because.\"",
            "KABUL (Reuters) — The base is closed.|Nobody knows why.",
            "MINISTERS RESIGN\n|The cabinet met at 5 p.m. on Monday.",
            "The talks failed, he said.|The minister left.",
            "• Kenya won.\n|• Ghana lost.\n|1. The first point.\n|2. The second point.",
            "A line that is wrapped\nin the middle.|Next.",
            "A title\n\n|and a paragraph.",
            "Prices rose 3.5 percent.|Wages fell.",
            "He said it\u{a0}again.|\u{a0}Then he left.",
        ] {
            let body = case.replace('|', " ").replace("\n ", "\n");
            let expected: Vec<_> = case.split('|').map(str::trim).collect();
            assert_eq!(sentences(&body), expected);
        }
        assert_eq!(sentences("He said.The minister left."), ["He said.", "The minister left."]);
        assert_eq!(sentences("See www.example.Org now."), ["See www.example.Org now."]);
    }

    #[test]
    fn tokens_of_news() {
        assert_eq!(
            tokens("U.S.-led troops in Kenya’s north."),
            ["U.S.", "-", "led", "troops", "in", "Kenya", "’s", "north", "."]
        );
        assert_eq!(tokens("(George W. Bush, 1,000.5)"), ["(", "George", "W.", "Bush", ",", "1,000.5", ")"]);
        assert_eq!(tokens("O'Brien's workers' Asia-Pacific"), ["O'Brien", "'s", "workers", "'", "Asia", "-", "Pacific"]);
    }

    #[test]
    fn text_without_full_stops_is_cut() {
        let body = "word ".repeat(20_000);
        let found = segment(&body);
        assert!(found.iter().all(|sentence| sentence.span.len() <= LONGEST));
        assert_eq!(found.iter().map(|sentence| sentence.tokens.len()).sum::<usize>(), 20_000);
    }

    fn covers(body: &str) {
        let mut at = 0;
        for sentence in segment(body) {
            assert!(sentence.span.start < sentence.span.end);
            for token in &sentence.tokens {
                assert!(at <= token.start && token.start < token.end && sentence.span.contains(*token));
                assert!(body[at..token.start].chars().all(char::is_whitespace), "lost text in {body:?}");
                assert!(body.is_char_boundary(token.end));
                at = token.end;
            }
            assert_eq!(at, sentence.span.end);
        }
        assert!(body[at..].chars().all(char::is_whitespace));
    }

    #[test]
    fn datelines() {
        // Each case is written with a bar behind its dateline.
        for case in [
            "LAGOS, March 3 (Newsline) — |Two ships collided.",
            "Lusaka – |The court ruled.",
            "GENEVA and DAR ES SALAAM, Jul 26 2022 - |“We wait,” he said.",
            "Rio de Janeiro (our reporter) -- |Brazil signed.",
            "|Peru kept its word — Bolivia did not.",
            "|Kenya — which borders Uganda — signed.",
            "|Port-au-Prince was quiet.",
            "|The court ruled.",
            "|— Two ships collided.",
            "|One (two — Three",
            "|",
        ] {
            assert_eq!(dateline(&case.replace('|', "")), case.find('|').unwrap(), "{case}");
        }
    }

    proptest! {
        #[test]
        fn sentences_and_tokens_cover_any_text(body in "\\PC{0,200}") {
            covers(&body);
        }

        #[test]
        fn they_cover_what_looks_like_news(body in "([A-Z][a-z.]{0,6}[ \n.\"”’'-]{1,2}|U\\.S\\.|\r\n|\u{a0}|é|👩‍👩‍👧){0,60}") {
            covers(&body);
        }
    }
}
