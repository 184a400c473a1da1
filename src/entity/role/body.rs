//! Bodies: which country an organisation belongs to.

use super::phrase::is_country;
use super::text::{Item, Text};
use crate::entity::gazetteer::{Gazetteer, How, Sense};
use crate::entity::names::key;
use crate::entity::{Entity, EntityType};

/// Words in the names of what governs, fights or makes laws for a country.
const GOVERNING: &[&str] = &[
    "ministry",
    "ministries",
    "government",
    "cabinet",
    "parliament",
    "senate",
    "congress",
    "army",
    "navy",
    "military",
    "presidency",
    "embassy",
    "kremlin",
    "pentagon",
    "treasury",
    "knesset",
    "duma",
    "bundestag",
    "majlis",
    "politburo",
    "junta",
    "consulate",
];

/// The same in several words.
#[rustfmt::skip]
const GOVERNING_NAMES: &[&str] = &[
    "foreign office", "home office", "state department", "department of state", "department of defense",
    "department of defence", "defense department", "defence department", "armed forces", "air force",
    "defence forces", "defense forces", "national assembly", "national security council", "council of ministers",
    "federal council", "state council", "justice department", "department of justice", "treasury department",
    "white house", "commerce department", "department of commerce", "house of representatives", "house of commons",
    "supreme council", "sovereign council", "transitional military council", "foreign affairs",
    "prime minister's office", "office of the prime minister", "office of the president", "revolutionary guard",
    "revolutionary guards", "defence force", "people's congress", "people's liberation army",
];

/// Bodies between countries, which belong to none.
#[rustfmt::skip]
const BETWEEN: &[&str] = &[
    "un", "u n", "united nations", "eu", "european union", "european commission", "european parliament", "nato",
    "african union", "au", "asean", "who", "world health organization", "imf", "international monetary fund",
    "world bank", "wto", "world trade organization", "opec", "ecowas", "g7", "g20", "brics", "icc",
    "international criminal court", "fifa", "uefa", "arab league", "unicef", "unesco", "iaea", "interpol",
    "security council", "un security council", "general assembly",
];

/// Nouns between a nationality and the name of a body: "the Chinese tech giant Huawei".
#[rustfmt::skip]
const SORTS: &[&str] = &[
    "company", "giant", "firm", "bank", "group", "newspaper", "daily", "agency", "airline", "carrier", "broadcaster",
    "carmaker", "automaker", "club", "university", "manufacturer", "maker", "conglomerate", "retailer", "operator",
    "party", "militia", "network", "outlet", "corporation", "insurer", "producer", "startup", "ngo", "tech", "state",
    "oil", "energy", "media", "news", "telecom", "telecoms", "steel", "mining", "opposition", "ruling", "television",
    "charity", "think-tank", "developer", "brand", "supplier",
];

/// Words behind a body's name that make it the country's dealing with the body, not its own: "Finland's NATO membership".
#[rustfmt::skip]
const DEALINGS: &[&str] = &[
    "membership", "bid", "application", "ambassador", "envoy", "delegation", "representative", "mission",
    "accession", "entry", "talks", "chapter", "branch", "subsidiary", "unit", "deal", "partner", "partners", "ally",
    "allies", "office", "programme", "program", "loan", "bailout", "peacekeepers", "vote", "seat", "executives",
    "staff", "employees",
];

/// Whether the name of a body says that it governs.
pub(super) fn governs(name: &str) -> bool {
    let name = name.replace('’', "'").to_lowercase();
    let words: Vec<&str> = name.split(|c: char| c.is_whitespace() || c == '-').collect();
    // "Ministry of Sound Records" is rare; the parties and companies that bear such words are not.
    #[rustfmt::skip]
    let other = [
        "party", "company", "foundation", "university", "bank", "museum", "workers", "union", "federation", "league",
        "worker's",
    ];
    let holds = |list: &[&str]| words.iter().any(|word| list.contains(&word.trim_end_matches("'s")));
    !holds(&other) && (holds(GOVERNING) || GOVERNING_NAMES.iter().any(|told| name.contains(told)))
}

/// The country that a body belongs to by the words around one mention of it: the number of a mention.
pub(super) fn country(text: &Text<'_>, mention: usize, entity_of: &[usize], entities: &[Entity]) -> Option<usize> {
    if BETWEEN.contains(&key(text.mentions[mention].span.slice(text.body)).as_str()) {
        return None;
    }
    let [before, after] = text.around(mention);
    let is_country = |item: &Item<'_>| item.mention.filter(|at| is_country(&entities[entity_of[*at]]));
    let dealing = after.first().is_some_and(|item| DEALINGS.contains(&item.word().as_str()));
    let sorts = before.iter().take(3).take_while(|item| SORTS.contains(&item.word().as_str())).count();
    let holder = &before[sorts..];
    let holder = if sorts == 0 && holder.first().is_some_and(|item| item.is_possessive()) { &holder[1..] } else { holder };
    let led = matches!(after.first().zip(after.get(1)), Some((dash, led)) if dash.text == "-" && led.word() == "led");
    holder.first().filter(|_| !dealing).and_then(is_country).or_else(|| {
        let after = if led { &after[3.min(after.len())..] } else { &after[..] };
        let of = |word: &str| word == "of" || (word == "in" && led);
        let linked = after.first().is_some_and(|item| of(&item.word()));
        let the = usize::from(after.get(1).is_some_and(|item| item.word() == "the"));
        after.get(1 + the).filter(|_| linked).and_then(is_country)
    })
}

/// Whether the text tells of a body as one that governs: "the Taliban-led government", "Taliban rulers".
pub(super) fn rules(text: &Text<'_>, mention: usize) -> bool {
    let [_, after] = text.around(mention);
    let led = matches!(after.first().zip(after.get(1)), Some((dash, led)) if dash.text == "-" && matches!(led.word().as_str(), "led" | "run"));
    let after = if led { &after[2..] } else { &after[..] };
    after.first().is_some_and(|item| {
        matches!(item.word().as_str(), "government" | "administration" | "authorities" | "rulers" | "regime" | "cabinet")
    })
}

/// The country in the name of a body that governs, by its alpha-2 code: "Iraqi Ministry of Finance", "Government of Cuba".
pub(super) fn named(gazetteer: &Gazetteer, name: &str) -> Option<&'static str> {
    let whole = key(name);
    let words: Vec<&str> = whole.split(' ').collect();
    let sense = |words: &[&str]| {
        gazetteer
            .sense(words.join(" ").trim_end_matches("'s"))
            .filter(|sense| matches!(sense.how, How::Name | How::Demonym))
            .and_then(Sense::only)
    };
    let begins = (1..words.len().min(5)).rev().find_map(|cut| sense(&words[..cut]));
    let last_of = words.iter().rposition(|word| *word == "of");
    let ends = || {
        let rest = &words[last_of? + 1..];
        sense(rest).or_else(|| sense(rest.strip_prefix(&["the"])?))
    };
    begins.or_else(ends).filter(|_| governs(name))
}

/// Whether a thing can belong to a country in this sense.
pub(super) fn is_body(entity: &Entity) -> bool {
    entity.country.is_none() && matches!(entity.kind, EntityType::Org)
        || (entity.kind == EntityType::Norp && entity.country.is_none())
}
