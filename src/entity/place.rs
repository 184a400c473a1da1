//! Cities and houses that stand for a government: told from those that are places, by the words around them.
//!
//! In the news a capital that is no place is its government: "Moscow rejected", "ties with Moscow", "Moscow's envoy". So the rules list
//! what makes it a place: a preposition of place or a verb of motion or attack before it, a date line, "capital" beside it, a noun of
//! city life behind it, an article before it as in "a Beijing scholar".

use crate::span::Span;

/// Bytes that are looked at on each side: a line of text, and no more in text without lines.
const LOOK: usize = 96;

/// What stands around a name, in one line.
pub(super) struct Around<'a> {
    before: &'a str,
    after: &'a str,
    /// Whether the name opens its line.
    opens: bool,
}

impl<'a> Around<'a> {
    pub(super) fn of(body: &'a str, span: Span) -> Self {
        let from = body.ceil_char_boundary(span.start.saturating_sub(LOOK));
        let to = body.floor_char_boundary(span.end.saturating_add(LOOK));
        let before = body.get(from..span.start).unwrap_or_default();
        let after = body.get(span.end..to).unwrap_or_default();
        let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
        let opens = line.trim().is_empty() && (line.len() < before.len() || from == 0);
        Self { before: line, after: after.split(['\n', '\r']).next().unwrap_or_default(), opens }
    }

    /// The words before the name, small, the nearest first; a mark that ends a clause is a word of its own.
    pub(super) fn words_before(&self) -> Vec<String> {
        let mut words = words(self.before);
        words.reverse();
        words
    }

    /// The words behind it, as [`words_before`](Self::words_before).
    pub(super) fn words_after(&self) -> Vec<String> {
        words(self.after)
    }

    /// The word that stands directly before the name, if a space or hyphen alone parts them.
    pub(super) fn touching_before(&self) -> Option<&'a str> {
        let rest = self.before.strip_suffix([' ', '-'])?;
        let word = rest.rsplit(|c: char| !c.is_alphanumeric() && c != '.').next()?;
        (!word.is_empty()).then_some(word)
    }

    /// The word that stands directly behind it.
    pub(super) fn touching_after(&self) -> Option<&'a str> {
        let rest = self.after.strip_prefix([' ', '-'])?;
        let word = rest.split(|c: char| !c.is_alphanumeric()).next()?;
        (!word.is_empty()).then_some(word)
    }

    /// Whether the name says where the news comes from: "KABUL (Reuters) —" at the start of a line.
    fn is_dateline(&self) -> bool {
        let rest = self.after.trim_start();
        // "DAKAR, Senegal", "Nairobi, May 6", but not "Nairobi, however,".
        let named_on =
            rest.strip_prefix(", ").is_some_and(|rest| rest.starts_with(|c: char| c.is_uppercase() || c.is_numeric()));
        self.opens && (rest.starts_with(['—', '–', '-', '(', ':', '/']) || named_on)
    }
}

/// Words, small; of the marks between them those that part clauses stay.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for letter in text.chars() {
        if letter.is_alphanumeric() || letter == '-' && !word.is_empty() {
            word.extend(letter.to_lowercase());
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if !letter.is_whitespace() {
            words.push(if letter == '’' { "'".to_owned() } else { letter.to_string() });
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether a city is a place here, and not the government that sits in it.
pub(super) fn is_city(around: &Around<'_>) -> bool {
    let (before, after) = (around.words_before(), around.words_after());
    let word = |words: &[String], at: usize| words.get(at).cloned().unwrap_or_default();

    // "Tel Aviv's attacks", "Tehran's streets": the noun is behind the mark.
    let owns = word(&after, 0) == "'" && word(&after, 1) == "s";
    let noun = word(&after, if owns { 2 } else { 0 });
    let second = word(&after, if owns { 3 } else { 1 });
    if has(GOVERNMENT, &noun) {
        return false;
    }
    let nearest = usize::from(has(ARTICLES, &word(&before, 0)));
    let (one, two) = (word(&before, nearest), word(&before, nearest + 1));
    around.is_dateline()
        || around.after.strip_prefix('-').is_some_and(|rest| JOINED.split_whitespace().any(|joined| rest.starts_with(joined)))
        || has(CITY_NOUNS, &noun)
        || !owns && has(EVENTS, &noun)
        || owns && (has(CITY_NOUNS, &second) || after.iter().skip(2).take(5).any(|word| has(BUILT, word)))
        || nearest == 1 && !owns && is_noun(around)
        // "Indonesia's Jakarta" needs no noun behind it.
        || word(&before, 0) == "s" && word(&before, 1) == "'" && !owns
        || before.iter().take(3).take_while(|word| *word != ".").any(|word| has(CAPITAL, word))
        || before.first().is_some_and(|word| word.parse::<u32>().is_ok())
        || has(VERBS, &one)
        || has(PLACE_WORDS, &one)
        || one == "to" && !has(TO, &two)
        || one == "from" && !has(FROM, &two)
        || one == "of" && !has(OF, &two)
        || ["toward", "towards"].contains(&one.as_str()) && !has(STANCE, &two)
        || one == "for" && has(LEAVE, &two)
        || one == "on" && before.iter().take(nearest + 4).any(|word| has(ATTACK, word))
        || before.iter().take(7).any(|word| has(ROUTES, word)) && ["between", "and", "from", "to"].contains(&one.as_str())
}

/// Whether a list of words has a word.
fn has(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|held| held == word)
}

/// Whether a house of government is a place here.
pub(super) fn is_house(around: &Around<'_>) -> bool {
    let before = around.words_before();
    let at = usize::from(before.first().is_some_and(|word| word == "the"));
    let after = around.words_after();
    around.is_dateline()
        || before.get(at).is_some_and(|word| has(HOUSE_WORDS, word) || has(VERBS, word))
        || after.first().is_some_and(|word| has(HOUSE_NOUNS, word))
}

/// Whether a small word follows that is no verb, as in "the Beijing scholar": then the name only says which one.
fn is_noun(around: &Around<'_>) -> bool {
    around.after.strip_prefix(' ').is_some_and(|rest| rest.starts_with(char::is_alphanumeric))
        || around.after.starts_with('-')
}

const ARTICLES: &str = "\
    a an the its his her their our another every s two three several many most";
const CAPITAL: &str = "\
    capital capitals city cities town metropolis";
const GOVERNMENT: &str = "\
    government regime authorities administration leadership officials rulers policymakers junta ministry foreign \
    diplomats insiders envoy officialdom";
const JOINED: &str = "\
    based born area bound trained educated headquartered listed style raised native";
const CITY_NOUNS: &str = "\
    mayor mayoral gov citizens dwellers own people cyber deputy governor resident residents suburb suburbs airport \
    university museum museums hospital hotel street streets district districts police court stadium metro subway \
    skyline marathon zoo bureau branch office offices neighborhood neighbourhood neighborhoods neighbourhoods square \
    outskirts weather traffic slum slums downtown center centre city region province provincial area metropolitan \
    municipality municipal county population apartment apartments restaurant restaurants music scene café cafe cafes \
    bar bars shop shops club clubs school schools hotels team bourse stock exchange port harbour harbor bay river \
    station railway train flight flights highway road roads festival fair film fashion olympics games prison jail \
    high magistrate correspondent studio bazaar market markets mosque church cathedral temple synagogue philharmonic \
    opera theatre theater gallery library park garden gardens beach bridge tower time state headquarters chapter \
    edition campus hills valley night nights cemetery chamber taxi bus buses zone";
/// What happened in a city and bears its name.
const EVENTS: &str = "\
    attacks bombing bombings attack siege summit conference meeting talks agreement accord accords declaration \
    protocol process forum riots derby treaty massacre pogrom plan initiative";
const VERBS: &str = "\
    visit visits visited visiting leave leaves left leaving reach reached reaches reaching enter entered entering \
    hit hits struck strike bomb bombed bombing attack attacked capture captured capturing seize seized storm stormed \
    shell shelled shelling surround surrounded toured tour besiege besieged occupy occupied liberate liberated \
    overrun retake retook conquer conquered connect connects connecting linking flee fled fleeing arrived arriving \
    arrive explore greater downtown central east west north south eastern western northern southern old inner \
    suburban beautiful rebel-held";
const PLACE_WORDS: &str = "\
    in at near outside inside around across into through throughout via within beyond beneath surrounding upon off \
    overlooking where";
const HOUSE_WORDS: &str = "\
    in at near outside inside around across into through to via within beyond facing beside";
const HOUSE_NOUNS: &str = "\
    lawn grounds complex building gates gate wall walls garden gardens residence driveway ballroom museum tour tours \
    street road hotel";
/// What is built in a city, however long its name.
const BUILT: &str = "\
    university museum airport hospital stadium square street hotel college";
/// What is said, given or owed to a government.
const TO: &str = "\
    ties tie links link threat threats challenge challenges loyal loyalty message messages warning warnings close \
    closer response aid support arms weapons blow opposed opposition appeal appeals request according belongs belong \
    pressure sales concession concessions debt allegiance allied alternative signal signals assistance commitment \
    loans exports thanks important unacceptable hostile friendly sympathetic beholden subservient attractive \
    appeasement rebuke boost gift resistance aligned tilt pivot relation relations proposal proposals protest \
    complaint complained respond offer offered";
/// What comes from one.
const FROM: &str = "\
    pressure support independence independent orders order criticism condemnation response backing approval aid \
    loans loan signal signals demands demand protest protests assurances assurance threat threats denial denials \
    warning warnings reaction reactions permission guarantee guarantees concessions help assistance instructions \
    directive directives influence interference weapons arms funding ire anger rebuke distance away autonomy \
    sanctions commitment commitments rhetoric push pushback objections";
/// What a government has.
const OF: &str = "\
    support supporter supporters ally allies backing criticism critic critics critical policy policies enemy enemies \
    friend friends regime government behest interests interest goal goals view demands hands hand influence approval \
    position accusations claims ambitions intentions power proxy proxies part sovereignty recognition suspicion \
    suspicious wary puppet puppets diplomacy actions role accused condemnation threat fear aims strategy embrace \
    orbit pressure ahead independent";
const STANCE: &str = "\
    policy policies stance attitude attitudes approach hostile hostility line position animosity gesture tone \
    posture tougher stand tilt strategy rhetoric softer aggression enmity";
const LEAVE: &str = "\
    left leave leaves leaving flew headed bound departed departs heading embarked";
const ATTACK: &str = "\
    march marched strike strikes raid raids assault siege advance advanced missiles missile rockets airstrikes \
    bombing descended";
const ROUTES: &str = "\
    flight flights route routes train trains road highway railway rail distance travel traveling travelling shuttle \
    corridor pipeline bus buses ferry fly flying drive";

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the name between brackets is a city.
    fn city(marked: &str) -> bool {
        let (start, end) = (marked.find('[').unwrap(), marked.find(']').unwrap() - 1);
        is_city(&Around::of(&marked.replace(['[', ']'], ""), Span::new(start, end)))
    }

    #[test]
    fn governments() {
        for text in [
            "On Monday [Moscow] rejected it.",
            "ties with [Beijing] were bad",
            "It came under pressure from [Washington] to act.",
            "talks between [Tehran] and Riyadh",
            "The [Kabul] government fell.",
            "[Beijing]’s intentions were clear",
            "a new policy towards [Damascus]",
            "a threat to [Kyiv]",
            "The move was aimed at weakening support of [Ankara].",
        ] {
            assert!(!city(text), "{text}");
        }
    }

    #[test]
    fn cities() {
        for text in [
            "Crowds in [Moscow] cheered",
            "A [Beijing] research team said",
            "a [Nairobi]-based foundation",
            "the Kenyan capital, [Nairobi], was calm",
            "He flew to [Tehran] on Monday",
            "direct flights between [Algiers] and Caracas",
            "[KABUL] (News) — Troops left",
            "she visited [Seoul] twice",
            "[Taipei]'s streets were empty",
            "the mayor of [Ankara]",
            "She left for [Moscow].",
            "[Tehran] residents fled.",
        ] {
            assert!(city(text), "{text}");
        }
    }

    #[test]
    fn any_text_can_be_asked() {
        for text in ["[é]", "\u{301}[x]\u{301}", "a\r\n[b]\r\nc", "’[c]’s", "[d] "] {
            city(text);
        }
        let long = format!("{}[x]{}", "é".repeat(500), "語".repeat(500));
        assert!(!city(&long));
    }
}
