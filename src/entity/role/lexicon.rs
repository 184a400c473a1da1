//! Words of offices and tasks: which nouns name one, which words go before them.

/// Nouns that name an office, a post or an occupation. Sorted.
#[rustfmt::skip]
const HEADS: &[&str] = &[
    "academic", "accountant", "activist", "actor", "actress", "adjutant", "administrator", "admiral", "adviser",
    "advisor", "advocate", "aide", "ambassador", "analyst", "anchor", "anthropologist", "apostle", "archaeologist",
    "archbishop", "architect", "artist", "assemblyman", "assemblywoman", "astronaut", "astronomer", "athlete",
    "attaché", "attorney", "auditor", "author", "ayatollah", "banker", "barrister", "biologist", "bishop", "blogger",
    "brigadier", "broadcaster", "bureaucrat", "businessman", "businessperson", "businesswoman", "campaigner",
    "candidate", "captain", "cardinal", "caretaker", "ceo", "cfo", "chair", "chairman", "chairperson", "chairwoman",
    "champion", "chancellor", "chaplain", "chef", "chemist", "chief", "chieftain", "choreographer", "climatologist",
    "coach", "colonel", "columnist", "comedian", "commandant", "commander", "commentator", "commissioner",
    "composer", "comptroller", "conductor", "congressman", "congresswoman", "constable", "consul", "consultant",
    "controller", "coo", "coordinator", "coroner", "correspondent", "councillor", "councilman", "councilor",
    "councilwoman", "counsel", "counsellor", "counselor", "count", "critic", "cto", "curator", "czar", "d'affaires",
    "dancer", "deacon", "dean", "defender", "delegate", "demographer", "dentist", "deputy", "designer", "detective",
    "developer", "diplomat", "director", "doctor", "driver", "duchess", "duke", "ecologist", "economist", "editor",
    "educator", "emir", "emperor", "empress", "engineer", "entrepreneur", "envoy", "epidemiologist", "executive",
    "expert", "farmer", "fellow", "filmmaker", "financier", "fisherman", "footballer", "forward", "founder",
    "general", "geographer", "geologist", "goalkeeper", "governor", "head", "headmaster", "headteacher", "historian",
    "imam", "industrialist", "inspector", "instructor", "investigator", "investor", "journalist", "judge", "jurist",
    "justice", "king", "lawmaker", "lawyer", "leader", "lecturer", "legislator", "librarian", "lieutenant",
    "linguist", "lobbyist", "magistrate", "magnate", "major", "manager", "marshal", "mathematician", "mayor", "md",
    "mediator", "member", "meteorologist", "midfielder", "minister", "missionary", "mk", "mla", "model", "monarch",
    "mp", "mufti", "musician", "negotiator", "novelist", "nun", "nurse", "officer", "official", "ombudsman",
    "ombudswoman", "organiser", "organizer", "owner", "painter", "paramedic", "parliamentarian", "pastor",
    "patriarch", "philanthropist", "philosopher", "photographer", "photojournalist", "physician", "physicist",
    "pilot", "planner", "player", "playwright", "pm", "poet", "policeman", "policewoman", "politician", "pontiff",
    "pope", "preacher", "premier", "president", "presidente", "priest", "prince", "princess", "principal",
    "producer", "professor", "programmer", "prosecutor", "provost", "psychiatrist", "psychologist", "publisher",
    "queen", "rabbi", "rapper", "rapporteur", "rector", "referee", "registrar", "reporter", "representative",
    "researcher", "rider", "ruler", "runner", "scholar", "scientist", "screenwriter", "sculptor", "secretary",
    "senator", "sergeant", "sheriff", "shopkeeper", "singer", "sociologist", "solicitor", "songwriter", "speaker",
    "specialist", "spokesman", "spokesperson", "spokeswoman", "sprinter", "statistician", "strategist", "striker",
    "student", "sultan", "superintendent", "surgeon", "teacher", "technocrat", "theologian", "trader", "trainer",
    "translator", "treasurer", "trustee", "tycoon", "undersecretary", "veterinarian", "viceroy", "virologist",
    "volunteer", "warden", "whistleblower", "winger", "worker", "writer",
];

/// Words that belong to a title before its noun. Sorted.
#[rustfmt::skip]
const MODIFIERS: &[&str] = &[
    "acting", "additional", "adjunct", "affairs", "agriculture", "air", "army", "art", "artistic", "assistant",
    "associate", "authority", "aviation", "bank", "baseball", "basketball", "battalion", "board", "boxing",
    "brigade", "budget", "business", "cabinet", "campaign", "capital", "caretaker", "central", "chargé", "chess",
    "chief", "city", "civil", "climate", "club", "commerce", "commercial", "communication", "communications",
    "community", "company", "constitutional", "corporate", "council", "country", "county", "court", "creative",
    "cricket", "criminal", "crown", "culture", "currency", "de", "defence", "defense", "department", "deputy",
    "development", "digital", "diplomatic", "disaster", "district", "division", "economic", "economics", "economy",
    "education", "election", "electoral", "emergency", "employment", "energy", "environment", "environmental", "ex",
    "executive", "external", "facto", "faculty", "federal", "field", "film", "finance", "financial", "first",
    "fleet", "football", "foreign", "forestry", "former", "founding", "general", "global", "golf", "government",
    "grand", "group", "head", "health", "high", "higher", "hockey", "home", "honorary", "housing", "human",
    "indigenous", "industrial", "industry", "information", "infrastructure", "innovation", "intelligence", "interim",
    "interior", "internal", "international", "investment", "junior", "junta", "justice", "labor", "labour", "late",
    "lead", "legal", "liaison", "local", "majority", "managing", "maritime", "marketing", "media", "medical",
    "military", "mines", "mining", "ministry", "minority", "mission", "music", "national", "naval", "navy", "news",
    "nuclear", "oil", "operating", "operations", "opposition", "parish", "parliamentary", "party", "permanent",
    "petroleum", "planning", "police", "policy", "political", "power", "presidential", "press", "prime", "principal",
    "prison", "private", "privy", "program", "programme", "project", "provincial", "public", "rebel", "refugee",
    "regional", "relations", "religious", "research", "resident", "resources", "retired", "rights", "risk", "rugby",
    "rural", "sales", "school", "science", "second", "section", "security", "senate", "senior", "shadow", "soccer",
    "social", "special", "spiritual", "sport", "sports", "staff", "state", "strategy", "student", "studies",
    "supreme", "tax", "team", "technical", "technology", "tennis", "then", "third", "tourism", "town", "trade",
    "transition", "transitional", "transport", "transportation", "treasury", "tribal", "union", "university",
    "urban", "veterans", "vice", "village", "visiting", "volleyball", "water", "welfare", "wildlife", "women",
    "works", "youth",
];

/// Words that tell of the person and not of the office: they are passed over. Sorted.
#[rustfmt::skip]
const PASSED: &[&str] = &[
    "appointed", "arrived", "billionaire", "brand", "celebrated", "communist", "conservative", "controversial",
    "current", "disgraced", "elected", "embattled", "exiled", "famed", "famous", "hardline", "host", "hosting",
    "incumbent", "influential", "jailed", "leading", "left", "leftist", "liberal", "long", "longtime", "moderate",
    "nationalist", "new", "newly", "outgoing", "outspoken", "popular", "populist", "powerful", "prominent",
    "reformist", "renowned", "right", "ruling", "serving", "sitting", "slain", "socialist", "suspended", "top",
    "veteran", "well", "young",
];

/// What stands before a name and is no office. Sorted.
const HONORIFICS: &[&str] = &[
    "dato",
    "datuk",
    "dr",
    "excellency",
    "h.e",
    "her",
    "highness",
    "his",
    "hon",
    "honorable",
    "honourable",
    "lady",
    "lord",
    "madam",
    "majesty",
    "miss",
    "mr",
    "mrs",
    "ms",
    "prof",
    "royal",
    "sheikh",
    "sheikha",
    "sir",
    "sri",
    "tan",
    "tun",
];

/// Ranks and calls that go before a name beside an office. Sorted.
const RANKS: &[&str] = &[
    "admiral",
    "brig",
    "brigadier",
    "captain",
    "col",
    "colonel",
    "doctor",
    "gen",
    "general",
    "lieutenant",
    "lt",
    "maj",
    "major",
    "marshal",
    "mk",
    "mp",
    "professor",
    "sergeant",
];

/// Ranks as they are shortened, which count as nouns of an office too. Sorted.
const SHORT: &[&str] =
    &["brig", "capt", "cmdr", "col", "cpl", "gen", "gov", "insp", "lt", "maj", "rep", "sen", "sgt", "supt"];

/// Words that end what may stand before the noun of an apposition. Sorted.
const ENDS: &[&str] = &[
    "about", "after", "against", "also", "although", "and", "are", "as", "at", "because", "been", "before", "but", "by",
    "during", "for", "from", "had", "has", "have", "he", "if", "in", "into", "is", "it", "not", "of", "on", "or", "said",
    "says", "she", "since", "so", "than", "that", "they", "this", "to", "told", "until", "was", "we", "were", "when",
    "where", "which", "while", "who", "whom", "whose", "will", "with", "would",
];

fn holds(list: &[&str], word: &str) -> bool {
    list.binary_search(&word).is_ok()
}

/// Whether a word names an office or task: itself, as the end of a word with hyphens ("vice-president"), or as its start where the
/// rest is its kind ("secretary-general", "editor-in-chief").
pub(super) fn is_head(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    let [first, rest @ ..] = parts.as_slice() else { return false };
    match rest {
        [] => {
            let learned = ["ologist", "surgeon", "ographer", "ician"].iter().any(|end| word.ends_with(end));
            holds(HEADS, word) || holds(SHORT, word) || learned || matches!(word, "dg" | "oc")
        }
        [.., last] => {
            holds(HEADS, last)
                || (holds(HEADS, first) && matches!(*last, "chief" | "charge" | "elect" | "large" | "designate"))
        }
    }
}

/// The noun of an office in its plural, as one: "presidents Biden and Xi".
pub(super) fn singular(word: &str) -> Option<String> {
    let one =
        word.strip_suffix("men").map(|stem| format!("{stem}man")).or_else(|| word.strip_suffix('s').map(str::to_owned))?;
    (is_head(&one) && !is_head(word)).then_some(one)
}

/// Whether a head needs more than itself: "in general", "students".
pub(super) fn is_weak(title: &[String]) -> bool {
    matches!(title, [only] if matches!(only.as_str(), "general" | "head" | "count" | "forward" | "model" | "major" | "right" | "left" | "deputy" | "md" | "fellow" | "member"))
}

pub(super) fn is_modifier(word: &str) -> bool {
    holds(MODIFIERS, word)
        || word == "women's"
        || word == "children's"
        || word.split_once('-').is_some_and(|(first, _)| matches!(first, "vice" | "co" | "deputy"))
}

pub(super) fn is_passed(word: &str) -> bool {
    let adjective =
        ["-wing", "-time", "-serving", "-based", "-born", "-old", "-winning", "-right", "-left", "-known", "-backed"];
    holds(PASSED, word) || adjective.iter().any(|end| word.ends_with(end))
}

pub(super) fn is_honorific(word: &str) -> bool {
    holds(HONORIFICS, word)
}

pub(super) fn is_rank(word: &str) -> bool {
    holds(RANKS, word) || holds(SHORT, word) && !matches!(word, "gov" | "rep" | "sen")
}

pub(super) fn is_short(word: &str) -> bool {
    holds(SHORT, word)
}

pub(super) fn is_end(word: &str) -> bool {
    holds(ENDS, word)
}

/// Offices whose field may be told by several words parted by "and", or by what follows "of".
pub(super) fn has_field(word: &str) -> bool {
    ["minister", "secretary", "undersecretary", "commissioner", "director", "head", "chief", "attorney"].contains(&word)
        || word.ends_with("-minister")
        || word.ends_with("-secretary")
        || word.ends_with("-general")
}

/// Nouns that name a body of a country after its adjective: "head of the Israeli army".
pub(super) fn is_body(word: &str) -> bool {
    #[rustfmt::skip]
    let bodies = [
        "army", "assembly", "cabinet", "central", "congress", "delegation", "government", "mission", "military",
        "navy", "opposition", "parliament", "parliamentary", "police", "senate", "team",
    ];
    bodies.contains(&word)
}

/// Nouns that have nothing of a country but its adjective: "president of a Swiss business group".
pub(super) fn is_trade(word: &str) -> bool {
    #[rustfmt::skip]
    let trades = [
        "agency", "association", "bank", "branch", "business", "chain", "chamber", "charity", "club", "company",
        "conglomerate", "energy", "firm", "giant", "group", "mining", "newspaper", "paper", "magazine", "oil",
        "startup", "state-owned", "subsidiary", "tech", "union", "university",
    ];
    trades.contains(&word)
}

/// Nouns that tell no field by themselves: "director of the department".
pub(super) fn is_vague(word: &str) -> bool {
    #[rustfmt::skip]
    let vague = [
        "board", "city", "club", "company", "council", "country", "county", "department", "district", "division",
        "faculty", "group", "ministry", "mission", "party", "project", "programme", "program", "school", "section",
        "staff", "team", "town", "union", "university", "village",
    ];
    vague.contains(&word)
}

/// Titles that stand inside a name as it is found: "King Abdullah".
pub(super) fn is_called(word: &str) -> bool {
    #[rustfmt::skip]
    let called = [
        "archbishop", "ayatollah", "cardinal", "colonel", "emir", "general", "governor", "king", "minister", "mk",
        "mp", "pope", "president", "princess", "professor", "queen", "rabbi", "senator", "sultan",
    ];
    called.contains(&word)
}

/// Offices that are held towards somebody: what follows "to" or "for" is not whose office it is.
pub(super) fn is_sent(word: &str) -> bool {
    matches!(
        word,
        "ambassador"
            | "envoy"
            | "delegate"
            | "diplomat"
            | "attaché"
            | "consul"
            | "commissioner"
            | "representative"
            | "rapporteur"
            | "correspondent"
            | "candidate"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted() {
        for list in [HEADS, MODIFIERS, PASSED, HONORIFICS, RANKS, SHORT, ENDS] {
            let unsorted: Vec<_> = list.windows(2).filter(|pair| pair[0] >= pair[1]).collect();
            assert!(unsorted.is_empty(), "{unsorted:?}");
        }
    }
}
