//! Which offices speak for a country.

/// Words that make an office none, or none yet, or another's.
#[rustfmt::skip]
const NOT: &[&str] = &[
    "former", "ex", "late", "then", "shadow", "opposition", "candidate", "nominee", "aspirant", "contender",
    "hopeful", "elect", "designate", "party", "student", "union", "union's", "honorary", "campaign", "company",
    "rebel", "church", "exiled", "retired", "chief-minister",
];

/// The offices at the head of a state or its government, and what may stand beside them.
#[rustfmt::skip]
const LEADING: &[&str] = &[
    "president", "premier", "chancellor", "king", "queen", "emir", "emperor", "sultan", "leader", "ruler", "monarch",
    "pm", "vice-president", "minister", "taoiseach",
];
#[rustfmt::skip]
const BESIDE: &[&str] = &[
    "vice", "deputy", "acting", "interim", "transitional", "transition", "caretaker", "military", "supreme", "de",
    "facto", "prime", "first", "second", "federal", "of", "the", "and", "head", "state", "government", "crown",
    "grand", "general", "senior", "national", "junta",
];

/// Nouns of those who are sent or speak.
const SENT: &[&str] = &["ambassador", "envoy", "diplomat", "consul", "chargé", "negotiator"];
const SPEAKING: &[&str] = &["spokesman", "spokeswoman", "spokesperson"];
/// What a spokesman may be the spokesman of, in the title itself.
#[rustfmt::skip]
const SPOKEN_FOR: &[&str] = &[
    "government", "military", "army", "foreign", "ministry", "presidential", "defence", "defense", "chief",
    "cabinet", "state", "department", "deputy", "senior", "interior", "armed", "forces", "for", "of", "the",
    "affairs", "top", "navy", "air", "force", "national", "security", "council", "and", "acting", "principal",
];
/// Fields of a secretary who is a minister.
#[rustfmt::skip]
const FIELDS: &[&str] = &[
    "state", "foreign", "home", "defence", "defense", "treasury", "interior", "energy", "commerce", "health",
    "trade", "transport", "transportation", "homeland", "labor", "labour", "education", "agriculture", "finance",
    "cabinet",
];
/// Who commands, and what.
const COMMANDING: &[&str] = &["chief", "commander", "commander-in-chief", "head"];
const COMMANDED: &[&str] =
    &["army", "military", "navy", "naval", "defence", "defense", "forces", "force", "staff", "commander-in-chief"];

/// Whether the holder of an office of a country speaks for it.
pub(super) fn speaks_for_country(title: &str) -> bool {
    let Some(words) = current(title) else { return false };
    let words = words.as_slice();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
    let all = |list: &[&str]| words.iter().all(|word| list.contains(word));
    let both = |list: &[&str], other: &[&str]| words.iter().all(|word| list.contains(word) || other.contains(word));
    let chief_minister = words.windows(2).any(|pair| pair == ["chief", "minister"]);
    let minister = has(&["minister"]) && !chief_minister;
    let leading =
        (has(LEADING) && both(LEADING, BESIDE)) || words == ["crown", "prince"] || words == ["head", "of", "state"];
    let secretary = has(&["secretary"]) && has(FIELDS) && !has(&["general", "press", "private", "permanent"]);
    let press = words.ends_with(&["press", "secretary"]);
    let speaking = has(SPEAKING) && both(SPEAKING, SPOKEN_FOR);
    let sent = has(SENT) || all(&["high", "commissioner"]) || has(&["representative"]) && has(&["permanent", "trade"]);
    let commanding = has(COMMANDING) && has(COMMANDED) && !has(&["police", "former"]);
    let advising = words.windows(2).any(|pair| pair == ["national", "security"]) && has(&["adviser", "advisor"]);
    minister || leading || secretary || press || speaking || sent || commanding || advising
}

/// Whether the holder of an office in a body that governs speaks as the body does.
pub(super) fn speaks_for_body(title: &str) -> bool {
    let Some(words) = current(title) else { return false };
    let speaking = words.iter().any(|word| SPEAKING.contains(word) || SENT.contains(word));
    let first = ["minister", "secretary", "head", "chief", "commander", "commander-in-chief", "leader", "president"];
    speaking
        || words.iter().all(|word| {
            first.contains(word) || matches!(*word, "press" | "supreme" | "prime" | "foreign" | "acting" | "deputy")
        })
}

/// Whether a title is one of state, held now or once: in a story of one country it is that country's.
pub(super) fn is_of_state(title: &str) -> bool {
    let words: Vec<&str> = title.split_whitespace().filter(|word| !matches!(*word, "former" | "late" | "then")).collect();
    let minister = words.contains(&"minister") && !words.iter().any(|word| matches!(*word, "chief" | "counselor"));
    #[rustfmt::skip]
    let titles = [
        "president", "king", "queen", "emir", "sultan", "emperor", "crown prince", "vice president",
        "vice-president", "deputy president",
    ];
    minister || titles.contains(&words.join(" ").as_str())
}

/// The words of a title that is held now; `None` where it is not.
fn current(title: &str) -> Option<Vec<&str>> {
    let words: Vec<&str> = title.split_whitespace().collect();
    let gone = |word: &&str| {
        NOT.contains(word) || word.split('-').any(|part| matches!(part, "ex" | "then" | "elect" | "designate" | "former"))
    };
    (!words.is_empty() && !words.iter().any(gone)).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_speaks_for_a_country() {
        #[rustfmt::skip]
        let yes = [
            "president", "foreign minister", "prime minister", "deputy prime minister",
            "minister of foreign affairs", "ambassador", "special envoy", "defense secretary", "secretary of state",
            "government spokesman", "foreign ministry spokeswoman", "spokesperson", "army chief", "chief of staff",
            "crown prince", "king", "supreme leader", "leader", "national security adviser", "vice-president",
            "chargé d'affaires", "military spokesman", "emir", "press secretary", "permanent representative",
            "deputy foreign minister",
        ];
        let no = [
            "former president",
            "ex-president",
            "president-elect",
            "presidential candidate",
            "opposition leader",
            "shadow foreign minister",
            "coach",
            "captain",
            "chief executive",
            "senator",
            "police chief",
            "chief minister",
            "party leader",
            "student leader",
            "professor",
            "general secretary",
            "then-president",
            "late president",
            "central bank governor",
            "police spokesman",
            "judge",
            "chief justice",
            "ceo",
            "lawmaker",
            "indigenous leader",
            "",
        ];
        assert_eq!(yes.iter().filter(|title| !speaks_for_country(title)).collect::<Vec<_>>(), [&""; 0]);
        assert_eq!(no.iter().filter(|title| speaks_for_country(title)).collect::<Vec<_>>(), [&"never"; 0]);
        assert!(
            speaks_for_body("spokesman")
                && speaks_for_body("chief")
                && !speaks_for_body("former spokesman")
                && !speaks_for_body("soldier")
        );
    }
}
