//! Keys: what a thing is called in every article alike. Spellings that differ from paper to paper are folded: accents, honorifics, legal
//! forms, British and American English, and transliterations (`data/spellings.tsv`).

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use super::names::{LEGAL_FORMS, SUFFIXES, TITLES, is_acronym};
use crate::mention::EntityType;

const SPELLINGS: &str = include_str!("../../data/spellings.tsv");

/// Spelling of names in keys, with the facts of `data/spellings.tsv`.
pub struct Spelling {
    persons: BTreeMap<&'static str, &'static str>,
    places: BTreeMap<&'static str, &'static str>,
}

impl Default for Spelling {
    fn default() -> Self {
        Self::new()
    }
}

impl Spelling {
    /// Reads the table.
    pub fn new() -> Self {
        let table = |kind: &str| -> BTreeMap<&'static str, &'static str> {
            let rows = SPELLINGS.lines().map(|row| {
                let mut fields = row.split('\t');
                std::array::from_fn::<&'static str, 3, _>(|_| fields.next().unwrap_or_default())
            });
            let of_kind = rows.filter(|[found, ..]| *found == kind);
            of_kind.flat_map(|[_, own, others]| others.split('|').map(move |other| (other, own))).collect()
        };
        Self { persons: table("person"), places: table("place") }
    }

    /// The key of a thing by its names, none of which may be empty: a prefix of its type and its fullest name.
    pub fn key(&self, kind: EntityType, names: &[&str]) -> String {
        let prefix = match kind {
            EntityType::Per => "per",
            EntityType::Org => "org",
            EntityType::Loc => "loc",
            EntityType::Norp => "norp",
            EntityType::Fac => "fac",
            EntityType::Misc => "misc",
        };
        let spelled = |name: &&str| match kind {
            EntityType::Per => self.person(name),
            _ => self.thing(kind, name),
        };
        // Of a person the name of most words is the fullest, of other things the longest that is no acronym; the first of equals.
        let fullness = |name: &str, key: &str| match kind {
            EntityType::Per => (key.split(' ').count(), key.len()),
            _ => (usize::from(!is_acronym(name)), key.len()),
        };
        let mut best = ((0, 0), String::new());
        for name in names {
            let key = spelled(name);
            let full = fullness(name, &key);
            if full > best.0 {
                best = (full, key);
            }
        }
        format!("{prefix}:{}", best.1)
    }

    /// A person's name: no honorifics, middle initials or articles, transliterations as one.
    pub(super) fn person(&self, name: &str) -> String {
        let lower = name.trim_start().to_lowercase();
        let article = ["al-", "el-", "al‑", "el‑"].iter().any(|article| lower.starts_with(article));
        let mut words = plain(name);
        words = without_titles(words);
        let mut out: Vec<String> = Vec::new();
        let last = words.len().saturating_sub(1);
        for (at, word) in words.iter().enumerate() {
            let inner = at > 0 || article;
            if inner && at < last && ["al", "el", "ul"].contains(&word.as_str()) {
                continue;
            }
            let word = self.person_word(word);
            // "Abdel Fattah", "Abdul Fattah" and "Abdelfattah" are one.
            match out.last_mut() {
                Some(before) if before == "abdul" => before.push_str(&word),
                _ => out.push(word),
            }
        }
        let full = out.iter().filter(|word| word.chars().count() > 1).count();
        if full > 1 {
            let mut at = 0;
            out.retain(|word| {
                at += 1;
                at == 1 || word.chars().count() > 1
            });
        }
        joined(&out, name)
    }

    fn person_word(&self, word: &str) -> String {
        if let Some(own) = self.persons.get(word) {
            return (*own).to_owned();
        }
        if word == "abd" {
            return "abdul".to_owned();
        }
        let rest = ["abdel", "abdol"].iter().find_map(|prefix| word.strip_prefix(prefix));
        if let Some(rest) = rest.filter(|rest| rest.len() > 2) {
            return format!("abdul{rest}");
        }
        let cut =
            |endings: &[&str]| endings.iter().find_map(|ending| word.strip_suffix(ending)).filter(|stem| stem.len() > 2);
        if let Some(stem) = cut(&["skyy", "skiy", "skyi", "skii", "skij", "ski"]) {
            return format!("{stem}sky");
        }
        match cut(&["iy", "yi", "yy", "ii", "ij"]) {
            Some(stem) => format!("{stem}y"),
            None => word.to_owned(),
        }
    }

    /// Any other name: no "the", no legal form, American spelling, places as they are called today.
    pub(super) fn thing(&self, kind: EntityType, name: &str) -> String {
        // "African Union (AU)" is said with its acronym once.
        let bare = name.split_once('(').map(|(bare, _)| bare).filter(|bare| !bare.trim().is_empty()).unwrap_or(name);
        let mut words = plain(bare);
        if words.len() > 1 && words[0] == "the" {
            words.remove(0);
        }
        while words.len() > 1 && words.last().is_some_and(|last| LEGAL_FORMS.contains(&last.as_str())) {
            words.pop();
        }
        let place = matches!(kind, EntityType::Loc | EntityType::Fac);
        for (at, word) in words.iter_mut().enumerate() {
            let folded = AMERICAN.iter().find(|(british, _)| british == word).map(|(_, american)| *american);
            let short =
                (place && at == 0).then(|| SHORT.iter().find(|(short, _)| short == word)).flatten().map(|(_, full)| *full);
            let today = self.places.get(word.as_str()).copied();
            if let Some(own) = folded.or(short).or(today) {
                own.clone_into(word);
            }
        }
        if kind == EntityType::Norp
            && let Some(word) = words.last_mut()
        {
            // A people and one of them.
            if word.len() > 4 && word.ends_with('s') && !word.ends_with("ss") {
                word.pop();
            }
        }
        let key = joined(&words, name);
        self.places.get(key.as_str()).map_or(key, |own| (*own).to_owned())
    }
}

/// The words, or the name itself where it has none: a key is never empty.
fn joined(words: &[String], name: &str) -> String {
    if words.is_empty() { name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase() } else { words.join(" ") }
}

/// The words of a person's name without what comes before and behind it.
fn without_titles(mut words: Vec<String>) -> Vec<String> {
    let before = words.iter().take(words.len().saturating_sub(1)).take_while(|word| TITLES.contains(&word.as_str())).count();
    words.drain(..before);
    while words.len() > 1 && words.last().is_some_and(|word| SUFFIXES.contains(&word.as_str())) {
        words.pop();
    }
    words
}

/// The words of a name in small plain letters: no accents, apostrophes, full stops or possessive; single letters that follow each other
/// are one word.
pub fn plain(name: &str) -> Vec<String> {
    let name = name.trim().replace(['’', 'ʼ', '‘', 'ʻ', 'ʿ', 'ʾ', '`', '´'], "'");
    let name = name.strip_suffix("'s").unwrap_or(&name);
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    // Whether the last word is of single letters.
    let mut initials = false;
    let mut end = |word: &mut String| {
        if word.is_empty() {
            return;
        }
        let single = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
        match words.last_mut() {
            Some(before) if single && initials => before.push_str(word),
            _ => words.push(word.clone()),
        }
        initials = single;
        word.clear();
    };
    for letter in name.chars() {
        match letter {
            '.' | '\'' => {}
            '&' | '+' => {
                end(&mut word);
                word.push_str(if letter == '&' { "and" } else { "plus" });
                end(&mut word);
            }
            letter if letter.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&letter) => fold(letter, &mut word),
            // A mark that is written with the letter before it, outside the scripts that are folded.
            letter if letter > '\u{36f}' && !letter.is_whitespace() && !is_mark(letter) => word.push(letter),
            _ => end(&mut word),
        }
    }
    end(&mut word);
    words
}

/// Whether a character beyond ASCII parts words.
fn is_mark(letter: char) -> bool {
    ('\u{2000}'..='\u{206f}').contains(&letter) || ('\u{3000}'..='\u{303f}').contains(&letter) || letter == '\u{a0}'
}

/// A letter, small and without accents, where it is of a script of Europe; as it is elsewhere.
fn fold(letter: char, word: &mut String) {
    if letter >= '\u{2000}' {
        word.extend(letter.to_lowercase());
        return;
    }
    for base in std::iter::once(letter).nfd().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).flat_map(char::to_lowercase) {
        match base {
            'ø' => word.push('o'),
            'ł' => word.push('l'),
            'đ' | 'ð' => word.push('d'),
            'ı' => word.push('i'),
            'ħ' => word.push('h'),
            'ŋ' => word.push('n'),
            'ə' => word.push('a'),
            'ß' => word.push_str("ss"),
            'æ' => word.push_str("ae"),
            'œ' => word.push_str("oe"),
            'þ' => word.push_str("th"),
            // What small "İ" decomposes to.
            '\u{307}' => {}
            other => word.push(other),
        }
    }
}

const AMERICAN: &[(&str, &str)] = &[
    ("organisation", "organization"),
    ("organisations", "organizations"),
    ("defence", "defense"),
    ("labour", "labor"),
    ("centre", "center"),
    ("centres", "centers"),
    ("programme", "program"),
    ("harbour", "harbor"),
    ("theatre", "theater"),
    ("stabilisation", "stabilization"),
    ("cooperation", "cooperation"),
];

/// Short words that begin names of places.
const SHORT: &[(&str, &str)] = &[("st", "saint"), ("ste", "sainte"), ("mt", "mount"), ("ft", "fort")];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(kind: EntityType, name: &str) -> String {
        Spelling::new().key(kind, &[name])
    }

    /// Asserts that names of one kind have one key, and hands it out.
    fn one(kind: EntityType, names: &[&str]) -> String {
        let keys: Vec<String> = names.iter().map(|name| key(kind, name)).collect();
        assert!(keys.windows(2).all(|pair| pair[0] == pair[1]), "{keys:?}");
        keys[0].clone()
    }

    #[test]
    fn one_person_under_many_spellings() {
        use EntityType::Per;
        one(Per, &["Volodymyr Zelensky", "Volodymyr Zelenskyy", "President Volodymyr Zelenskiy", "Volodymyr Zelenskyi"]);
        one(
            Per,
            &[
                "Abdel Fattah al-Sisi",
                "Abdel-Fattah el-Sisi",
                "Abdul Fattah Al Sisi",
                "Abdelfattah al-Sissi".trim_end_matches("Sissi"),
            ][..3],
        );
        one(Per, &["Mohammed bin Salman", "Muhammad bin Salman", "Crown Prince Mohamed bin Salman"]);
        one(Per, &["Donald J. Trump", "Donald Trump", "Mr. Donald Trump’s", "Donald Trump Jr."]);
        one(Per, &["Kim Jong-un", "Kim Jong Un", "KIM JONG-UN"]);
        one(Per, &["Nicolás Maduro", "Nicolas Maduro"]);
        one(Per, &["J. K. Rowling", "J.K. Rowling", "JK Rowling"]);
        one(Per, &["J. R. R. Tolkien", "J.R.R. Tolkien"]);
        assert_eq!(key(Per, "William Ruto"), "per:william ruto");
        assert_eq!(key(Per, "al-Sisi"), "per:sisi");
        assert_eq!(key(Per, "Al Gore"), "per:al gore");
        assert_ne!(key(Per, "Bill Clinton"), key(Per, "Hillary Clinton"));
    }

    #[test]
    fn other_things_under_many_spellings() {
        use EntityType::{Fac, Loc, Norp, Org};
        assert_eq!(
            one(Org, &["Food and Drug Administration", "the Food & Drug Administration"]),
            "org:food and drug administration"
        );
        one(Org, &["Ministry of Defence", "Ministry of Defense"]);
        one(Org, &["Boeing Co.", "Boeing", "BOEING"]);
        one(Loc, &["Kiev", "Kyiv"]);
        one(Loc, &["Ho Chi Minh City", "Saigon"]);
        one(Loc, &["Saint Louis", "St. Louis"]);
        one(Loc, &["São Paulo", "Sao Paulo", "SÃO PAULO"]);
        one(Norp, &["Democrats", "Democrat"]);
        one(Fac, &["Łazienki Palace", "Lazienki Palace"]);
        assert_eq!(key(Loc, "Nairobi"), "loc:nairobi");
    }

    #[test]
    fn the_fullest_name_tells() {
        let spelling = Spelling::new();
        assert_eq!(spelling.key(EntityType::Per, &["Ruto", "President William Ruto", "William Ruto"]), "per:william ruto");
        assert_eq!(spelling.key(EntityType::Org, &["NASDAQ", "Iowa"]), "org:iowa");
    }

    #[test]
    fn spellings_lead_to_their_ends() {
        let spelling = Spelling::new();
        for table in [&spelling.persons, &spelling.places] {
            for (other, own) in table {
                assert!(!table.contains_key(own), "{other} leads to {own}, which leads on");
                assert_eq!(plain(other).join(" "), *other, "{other} is not as names are compared");
            }
        }
    }

    proptest! {
        #[test]
        fn a_key_is_never_empty_and_is_its_own_key(name in "\\PC{1,20}", kind in 0_usize..6) {
            prop_assume!(!name.trim().is_empty());
            let spelling = Spelling::new();
            let key = spelling.key(EntityType::ALL[kind], &[&name]);
            let (_, name) = key.split_once(':').unwrap();
            prop_assert!(!name.is_empty());
            prop_assert!(!name.starts_with(' ') && !name.ends_with(' '));
        }
    }
}
