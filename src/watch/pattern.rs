//! Patterns: a target's names as one regular expression.

use regex::{Regex, RegexBuilder};

use crate::span::Span;

/// The most memory of a compiled expression.
const LARGEST: usize = 4 << 20;

/// The names of a target, compiled.
#[derive(Clone, Debug)]
pub(super) struct Pattern(Vec<Regex>);

impl Pattern {
    /// The names and, where there is one, the expression of a target. Names match as whole words, over any white space, with a straight or a curly
    /// apostrophe. A capital in a name has to be one in the text; a small letter may be a capital there. So "Bagram" finds
    /// BAGRAM, and "WHO" does not find "who".
    pub(super) fn new(names: &[&str], expression: Option<&str>) -> Result<Self, regex::Error> {
        let mut names: Vec<&str> = names.to_vec();
        // The first that fits is taken, so the longest comes first.
        names.sort_by_key(|name| (std::cmp::Reverse(name.len()), *name));
        let spelled = names.into_iter().map(spell).collect::<Vec<_>>().join("|");
        let compile = |text: &str| RegexBuilder::new(text).size_limit(LARGEST).build();
        let own = expression.map(compile).transpose()?;
        Ok(Self(std::iter::once(compile(&spelled)?).chain(own).collect()))
    }

    /// The places that match in a text, those of the expression behind those of the names; none is empty.
    pub(super) fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Span> + 'a {
        self.0
            .iter()
            .flat_map(move |regex| regex.find_iter(text))
            .filter(|found| !found.is_empty())
            .map(|found| Span::new(found.start(), found.end()))
    }
}

/// A name as an expression.
fn spell(name: &str) -> String {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let edge = |c: Option<char>| if is_word(c) { r"\b" } else { "" };
    let words = name.split_whitespace().map(|word| word.chars().map(letter).collect::<String>()).collect::<Vec<_>>();
    // Behind a full stop no edge of a word can be asked for, but "U.S.A" is no "U.S.".
    let behind = if is_word(name.chars().next_back()) { r"\b" } else { r"(?:\B|$)" };
    format!("{}{}{behind}", edge(name.chars().next()), words.join(r"\s+"))
}

/// A character as an expression.
fn letter(c: char) -> String {
    match c {
        '\'' | '’' => "['’]".to_owned(),
        '-' | '‐' | '‑' => "[-‐‑]".to_owned(),
        c if c.is_lowercase() => format!("(?i:{})", regex::escape(&c.to_string())),
        c => regex::escape(&c.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'a>(names: &[&str], text: &'a str) -> Vec<&'a str> {
        Pattern::new(names, None).unwrap().find(text).map(|span| span.slice(text)).collect()
    }

    #[test]
    fn names_are_whole_words() {
        assert_eq!(found(&["Bagram"], "Bagram, Bagramian, BAGRAM's, bagram, new-Bagram"), ["Bagram", "BAGRAM", "Bagram"]);
        assert_eq!(found(&["WHO"], "who is WHO, WHOM"), ["WHO"]);
        assert_eq!(found(&["U.S."], "the U.S. and U.S.A"), ["U.S."]);
        assert_eq!(found(&["Bagram", "Bagram Air Base"], "Bagram Air\n Base; Bagram Air"), ["Bagram Air\n Base", "Bagram"]);
        assert_eq!(found(&["Cote d'Ivoire"], "Cote d’Ivoire"), ["Cote d’Ivoire"]);
        assert_eq!(found(&["Łódź", "(EU)"], "ŁÓDŹ and (EU)"), ["ŁÓDŹ", "(EU)"]);
    }

    #[test]
    fn an_expression_finds_what_it_says() {
        let text = "Route 12, Route 7";
        let pattern = Pattern::new(&["R12"], Some(r"Route \d+|x*")).unwrap();
        assert_eq!(pattern.find(text).map(|span| span.slice(text)).collect::<Vec<_>>(), ["Route 12", "Route 7"]);
        assert!(Pattern::new(&["a"], Some("(")).is_err());
    }
}
