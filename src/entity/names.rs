//! Names: what makes two spellings one name.

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

pub(super) const LEGAL_FORMS: &[&str] = &[
    "inc",
    "ltd",
    "llc",
    "co",
    "corp",
    "corporation",
    "plc",
    "ag",
    "sa",
    "nv",
    "gmbh",
    "pty",
    "limited",
    "incorporated",
    "spa",
    "bhd",
    "sdn",
    "llp",
    "ao",
    "pjsc",
    "jsc",
    "oyj",
    "ab",
    "asa",
    "kk",
];

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

pub(super) const TITLES: &[&str] = &[
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
    "lieutenant",
    "major",
    "maj",
    "brig",
    "brigadier",
    "sergeant",
    "sgt",
    "admiral",
    "adm",
    "captain",
    "commander",
    "reverend",
    "rev",
    "bishop",
    "archbishop",
    "cardinal",
    "ayatollah",
    "mullah",
    "rabbi",
    "emperor",
    "emir",
    "crown",
    "prime",
    "vice",
    "former",
    "ex",
    "deputy",
    "chancellor",
    "governor",
    "gov",
    "rep",
    "congressman",
    "congresswoman",
    "ambassador",
    "secretary",
    "chairman",
    "premier",
    "hon",
    "rt",
];
pub(super) const SUFFIXES: &[&str] = &["jr", "sr", "ii", "iii", "iv"];

/// Whether a name is an acronym: two to eight letters, most of them capitals, in one word.
pub fn is_acronym(name: &str) -> bool {
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
