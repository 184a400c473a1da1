//! Inflection: a word -> its forms, by rule and by a table of irregular verbs.

/// The form in which a word stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// As the lexicon has it.
    Base,
    /// With -s: a plural, or a verb of the third person.
    S,
    /// A verb's past or past participle.
    Past,
    /// A verb's -ing.
    Ing,
}

impl Form {
    /// The form's name in features.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::S => "s",
            Self::Past => "past",
            Self::Ing => "ing",
        }
    }
}

/// Verbs whose past and participle are not the regular ones. Those that do not change (`put`, `hit`) are in the table too.
const IRREGULAR: &[(&str, &[&str])] = &[
    ("abide", &["abode", "abided"]),
    ("arise", &["arose", "arisen"]),
    ("be", &["was", "were", "been", "is", "are", "am"]),
    ("bear", &["bore", "borne"]),
    ("beat", &["beat", "beaten"]),
    ("become", &["became", "become"]),
    ("beg", &["begged"]),
    ("begin", &["began", "begun"]),
    ("bend", &["bent"]),
    ("beseech", &["besought"]),
    ("bleed", &["bled"]),
    ("blow", &["blew", "blown"]),
    ("break", &["broke", "broken"]),
    ("bring", &["brought"]),
    ("build", &["built"]),
    ("burn", &["burnt", "burned"]),
    ("buy", &["bought"]),
    ("cast", &["cast"]),
    ("choose", &["chose", "chosen"]),
    ("come", &["came", "come"]),
    ("cut", &["cut"]),
    ("deal", &["dealt"]),
    ("dig", &["dug"]),
    ("draw", &["drew", "drawn"]),
    ("drive", &["drove", "driven"]),
    ("eat", &["ate", "eaten"]),
    ("fall", &["fell", "fallen"]),
    ("feed", &["fed"]),
    ("fight", &["fought"]),
    ("find", &["found"]),
    ("flee", &["fled"]),
    ("fly", &["flew", "flown"]),
    ("forbid", &["forbade", "forbidden"]),
    ("forgive", &["forgave", "forgiven"]),
    ("forswear", &["forswore", "forsworn"]),
    ("freeze", &["froze", "frozen"]),
    ("get", &["got", "gotten"]),
    ("give", &["gave", "given"]),
    ("go", &["went", "gone"]),
    ("hang", &["hung", "hanged"]),
    ("have", &["had", "has"]),
    ("hit", &["hit"]),
    ("hold", &["held"]),
    ("hurt", &["hurt"]),
    ("keep", &["kept"]),
    ("kneel", &["knelt", "kneeled"]),
    ("lay", &["laid"]),
    ("lead", &["led"]),
    ("leave", &["left"]),
    ("lend", &["lent"]),
    ("let", &["let"]),
    ("lie", &["lay", "lain"]),
    ("make", &["made"]),
    ("meet", &["met"]),
    ("overrun", &["overran", "overrun"]),
    ("override", &["overrode", "overridden"]),
    ("overthrow", &["overthrew", "overthrown"]),
    ("pay", &["paid"]),
    ("plead", &["pled", "pleaded"]),
    ("put", &["put"]),
    ("quit", &["quit"]),
    ("rebuild", &["rebuilt"]),
    ("retake", &["retook", "retaken"]),
    ("rid", &["rid"]),
    ("rise", &["rose", "risen"]),
    ("run", &["ran", "run"]),
    ("say", &["said"]),
    ("see", &["saw", "seen"]),
    ("seek", &["sought"]),
    ("sell", &["sold"]),
    ("send", &["sent"]),
    ("set", &["set"]),
    ("shake", &["shook", "shaken"]),
    ("shoot", &["shot"]),
    ("show", &["showed", "shown"]),
    ("shut", &["shut"]),
    ("sing", &["sang", "sung"]),
    ("sink", &["sank", "sunk"]),
    ("sit", &["sat"]),
    ("slay", &["slew", "slain"]),
    ("speak", &["spoke", "spoken"]),
    ("split", &["split"]),
    ("stand", &["stood"]),
    ("stick", &["stuck"]),
    ("strike", &["struck", "stricken"]),
    ("swear", &["swore", "sworn"]),
    ("take", &["took", "taken"]),
    ("teach", &["taught"]),
    ("tear", &["tore", "torn"]),
    ("tell", &["told"]),
    ("thrust", &["thrust"]),
    ("throw", &["threw", "thrown"]),
    ("uphold", &["upheld"]),
    ("wear", &["wore", "worn"]),
    ("win", &["won"]),
    ("withdraw", &["withdrew", "withdrawn"]),
    ("withhold", &["withheld"]),
    ("write", &["wrote", "written"]),
];

/// The spellings of a word: as given, and with -ize for -ise and -or for -our.
pub(super) fn spellings(word: &str) -> Vec<String> {
    let mut out = vec![word.to_owned()];
    for (british, american) in [("is", "iz"), ("our", "or")] {
        for ending in ["e", "ation", "able", "ful", ""] {
            if let Some(stem) = word.strip_suffix(&format!("{british}{ending}"))
                && stem.len() > 2
                && (british == "our" || !ending.is_empty())
            {
                out.push(format!("{stem}{american}{ending}"));
            }
        }
    }
    out
}

/// The forms of a noun: itself and its plural.
pub(super) fn noun(word: &str) -> Vec<(String, Form)> {
    vec![(word.to_owned(), Form::Base), (with_s(word), Form::S)]
}

/// The forms of a verb.
pub(super) fn verb(word: &str) -> Vec<(String, Form)> {
    let mut out = noun(word);
    let irregular = IRREGULAR.iter().find(|(base, _)| *base == word).map(|(_, forms)| *forms);
    let stems = stems(word);
    match irregular {
        Some(forms) => out.extend(forms.iter().map(|form| ((*form).to_owned(), Form::Past))),
        None => out.extend(stems.iter().map(|stem| (past(stem), Form::Past))),
    }
    out.extend(stems.iter().map(|stem| (ing(stem), Form::Ing)));
    out
}

/// What endings are put to: the word, and the word with its last letter doubled where that may be ("ban", "cancel"). One of the two
/// is no English word, so it does no harm.
fn stems(word: &str) -> Vec<String> {
    let mut out = vec![word.to_owned()];
    let letters: Vec<char> = word.chars().collect();
    if let [.., before, vowel, last] = letters[..]
        && is_vowel(vowel)
        && !is_vowel(last)
        && !matches!(last, 'w' | 'x' | 'y')
        && (!is_vowel(before) || before == 'u')
    {
        out.push(format!("{word}{last}"));
    }
    out
}

fn past(stem: &str) -> String {
    match without_y(stem) {
        Some(short) => format!("{short}ied"),
        None if stem.ends_with('e') => format!("{stem}d"),
        None => format!("{stem}ed"),
    }
}

fn ing(stem: &str) -> String {
    if let Some(short) = stem.strip_suffix("ie") {
        return format!("{short}ying");
    }
    match stem.strip_suffix('e') {
        Some(short) if !stem.ends_with("ee") && stem.len() > 2 => format!("{short}ing"),
        _ => format!("{stem}ing"),
    }
}

fn with_s(word: &str) -> String {
    match without_y(word) {
        Some(short) => format!("{short}ies"),
        None if ["s", "x", "z", "ch", "sh", "go", "to"].iter().any(|end| word.ends_with(end)) => format!("{word}es"),
        None => format!("{word}s"),
    }
}

/// The word without its -y, where that becomes -ie- ("deny", not "betray").
fn without_y(word: &str) -> Option<&str> {
    word.strip_suffix('y').filter(|short| !short.ends_with(is_vowel))
}

const fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(word: &str) -> Vec<String> {
        verb(word).into_iter().map(|(form, _)| form).collect()
    }

    #[test]
    fn verbs_take_their_endings() {
        for (word, forms) in [
            ("condemn", ["condemns", "condemned", "condemning"]),
            ("deny", ["denies", "denied", "denying"]),
            ("ban", ["bans", "banned", "banning"]),
            ("cancel", ["cancels", "cancelled", "canceling"]),
            ("free", ["frees", "freed", "freeing"]),
            ("withdraw", ["withdraws", "withdrew", "withdrawing"]),
            ("quit", ["quits", "quit", "quitting"]),
            ("veto", ["vetoes", "vetoed", "vetoing"]),
            ("lie", ["lies", "lay", "lying"]),
            ("seize", ["seizes", "seized", "seizing"]),
        ] {
            let found = all(word);
            assert!(forms.iter().all(|form| found.contains(&(*form).to_owned())), "{word}: {found:?}");
        }
    }

    #[test]
    fn spellings_of_both_shores() {
        assert_eq!(spellings("criticise"), ["criticise", "criticize"]);
        assert_eq!(spellings("mobilisation"), ["mobilisation", "mobilization"]);
        assert_eq!(spellings("honour"), ["honour", "honor"]);
        assert_eq!(spellings("rise"), ["rise"]);
        assert_eq!(spellings("crisis"), ["crisis"]);
    }
}
