//! Names: what makes two spellings one name.

use crate::span::Span;

/// A name as it is compared: small letters, one space between words, without full stops, a leading "the", a possessive or a
/// company's legal form.
pub(super) fn key(name: &str) -> String {
    let lower = name.replace('’', "'").to_lowercase().replace('.', "");
    let lower = lower.strip_suffix("'s").unwrap_or(&lower);
    let mut words: Vec<&str> =
        lower.split(|c: char| c.is_whitespace() || c == '-' || c == ',').filter(|word| !word.is_empty()).collect();
    if words.len() > 1 && words[0] == "the" {
        words.remove(0);
    }
    while words.len() > 1 && LEGAL_FORMS.contains(&words[words.len() - 1]) {
        words.pop();
    }
    words.join(" ")
}

const LEGAL_FORMS: &[&str] =
    &["inc", "ltd", "llc", "co", "corp", "corporation", "plc", "ag", "sa", "nv", "gmbh", "pty", "limited", "incorporated"];

/// The words of a person's name, titles and suffixes left out.
pub(super) fn person_key(name: &str) -> Vec<String> {
    let name = key(name);
    let mut words: Vec<String> = name.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    while words.len() > 1 && TITLES.contains(&words[0].as_str()) {
        words.remove(0);
    }
    while words.len() > 1 && SUFFIXES.contains(&words[words.len() - 1].as_str()) {
        words.pop();
    }
    words
}

const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "prof",
    "professor",
    "sir",
    "dame",
    "lord",
    "lady",
    "president",
    "minister",
    "senator",
    "sen",
    "gen",
    "general",
    "col",
    "colonel",
    "lt",
    "capt",
    "judge",
    "justice",
    "king",
    "queen",
    "prince",
    "princess",
    "pope",
    "sheikh",
    "chief",
];
const SUFFIXES: &[&str] = &["jr", "sr", "ii", "iii", "iv"];

/// Whether a name is an acronym: two to eight letters, most of them capitals, in one word.
pub(super) fn is_acronym(name: &str) -> bool {
    let letters = acronym_of(name);
    let capitals = name.chars().filter(|c| c.is_uppercase()).count();
    !name.contains(char::is_whitespace)
        && (2..=8).contains(&letters.chars().count())
        && capitals >= 2
        && 3 * capitals >= 2 * letters.chars().count()
}

/// The letters of an acronym, small: "A.U." and "AU" are one.
pub(super) fn acronym_of(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The acronyms that a longer name may have: the initials of its capitalised words, and of all of them.
pub(super) fn initials(name: &str) -> Vec<String> {
    let words: Vec<&str> = name.split(|c: char| c.is_whitespace() || c == '-').filter(|word| !word.is_empty()).collect();
    if words.len() < 2 {
        return Vec::new();
    }
    let letters = |small: bool| -> String {
        let kept = words.iter().filter(|word| small || word.starts_with(char::is_uppercase));
        kept.filter_map(|word| word.chars().next()).flat_map(char::to_lowercase).collect()
    };
    let mut out = vec![letters(false), letters(true)];
    out.dedup();
    out.retain(|letters| letters.chars().count() > 1);
    out
}

/// Whether a city is named as a place: a preposition of place stands before it, a comma and its country behind it, or it is
/// the dateline.
pub(super) fn is_place(body: &str, span: Span) -> bool {
    let before = body.get(..span.start).unwrap_or_default().trim_end();
    let word = before.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default().to_lowercase();
    let after = body.get(span.end..).unwrap_or_default();
    let named_on = after.strip_prefix(", ").is_some_and(|rest| rest.starts_with(char::is_uppercase));
    // "KABUL (Reuters) —" at the start of a line says where the news comes from.
    let opens_line =
        body.get(..span.start).unwrap_or_default().trim_end_matches(' ').chars().next_back().is_none_or(|c| c == '\n');
    let dateline = opens_line && after.trim_start().starts_with(['—', '–', '-', '(', ':', ',']);
    PLACE_WORDS.contains(&word.as_str()) || named_on || dateline
}

const PLACE_WORDS: &[&str] = &[
    "in", "at", "near", "from", "to", "outside", "inside", "around", "across", "into", "through", "of", "toward", "towards",
    "via", "leaving", "visiting", "central", "downtown",
];
