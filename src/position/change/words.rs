//! Words of change: what ends, what is ended, who was what.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::{Change, Stance};

/// Which side a word speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// For the target.
    For,
    /// Against it.
    Against,
}

impl Side {
    pub(super) const fn stance(self) -> Stance {
        match self {
            Self::For => Stance::Support,
            Self::Against => Stance::Oppose,
        }
    }
}

/// Verbs that end what follows them.
#[rustfmt::skip]
pub(super) const ENDING: &[&str] = &[
    "dropped", "drops", "dropping", "drop", "withdrew", "withdraws", "withdrawn", "withdrawing", "withdraw",
    "lifted", "lifts", "lift", "lifting", "ended", "ends", "end", "abandoned", "abandons", "abandon", "gave up",
    "gives up", "given up", "give up", "giving up", "called off", "calls off", "calling off", "call off",
    "took back", "takes back", "taken back", "renounced", "renounces", "rescinded", "rescinds", "retracted",
    "retracts", "revoked", "revokes", "backed out of", "backs out of", "walked out of", "pulled out of", "quit",
    "broke off", "breaks off", "broken off", "cancelled", "canceled", "scrapped", "waived", "waives", "pulled",
    "pulls", "left", "leaves", "forsook", "repudiated", "disowned", "recanted", "let go of", "overcame", "set aside",
    "put aside", "laid aside", "reversed", "reverses", "stopped",
];

/// Verbs that end the doing of what follows them.
pub(super) const STOPPING: &[&str] = &["no longer", "stopped", "ceased to", "quit", "stops"];

/// What leads from one part to another.
pub(super) const GOING: &[&str] =
    &["went from", "gone from", "turned from", "moved from", "shifted from", "switched from", "swung from", "going from"];

/// Words for support, as a thing.
#[rustfmt::skip]
const PRO: &[&str] = &[
    "support", "backing", "endorsement", "endorsements", "blessing", "approval", "alliance", "loyalty", "allegiance",
    "friendship", "recognition", "confidence", "sympathy", "defence", "defense", "advocacy", "faith", "trust",
    "patronage", "solidarity", "partnership", "coalition",
];
/// Words for opposition, as a thing.
#[rustfmt::skip]
const CON: &[&str] = &[
    "opposition", "veto", "vetoes", "boycott", "resistance", "objection", "objections", "lawsuit", "lawsuits",
    "suit", "campaign", "ban", "bans", "embargo", "sanctions", "criticism", "hostility", "fight", "blockade",
    "protest", "protests", "feud", "reservations", "enmity", "challenge", "rejection", "threat", "threats", "block",
    "quarrel", "strike", "complaint",
];
/// Who supports.
#[rustfmt::skip]
const FRIENDS: &[&str] = &[
    "ally", "allies", "supporter", "supporters", "backer", "backers", "champion", "champions", "friend", "friends",
    "defender", "defenders", "advocate", "advocates", "pillar", "admirer", "admirers", "fan", "fans", "partner",
    "partners", "enthusiast", "loyalist", "loyalists", "member", "cheerleader", "believer", "sponsor", "patron",
];
/// Who opposes.
#[rustfmt::skip]
const FOES: &[&str] = &[
    "critic", "critics", "opponent", "opponents", "foe", "foes", "enemy", "enemies", "adversary", "adversaries",
    "sceptic", "skeptic", "sceptics", "skeptics", "detractor", "rival",
];
/// The stems of verbs that support, and of those that oppose, without their endings.
const BACKING: &[&str] = &[
    "back", "support", "endors", "defend", "favour", "favor", "champion", "prais", "trust", "cheer", "recognis", "recogniz",
    "embrac", "applaud", "hail", "welcom", "celebrat", "approv", "bless", "protect", "admir", "advocat", "promot", "laud",
];
const FIGHTING: &[&str] = &[
    "oppos", "resist", "fight", "fought", "reject", "block", "criticis", "criticiz", "condemn", "boycott", "veto", "attack",
    "denounc", "shun", "obstruct", "blast", "su", "su", "battl", "contest", "decri", "deplor", "ridicul", "mock", "vilif",
];

/// The side of a thing that can be ended.
pub(super) fn noun(word: &str) -> Option<Side> {
    side(PRO, CON, word)
}

/// The side of somebody.
pub(super) fn person(word: &str) -> Option<Side> {
    side(FRIENDS, FOES, word)
}

fn side(friends: &[&str], foes: &[&str], word: &str) -> Option<Side> {
    if friends.contains(&word) {
        Some(Side::For)
    } else if foes.contains(&word) {
        Some(Side::Against)
    } else {
        None
    }
}

/// The side of a verb in any of its forms.
pub(super) fn verb(word: &str) -> Option<Side> {
    let is = |stems: &[&str]| {
        stems.iter().any(|stem| {
            word.strip_prefix(stem)
                .is_some_and(|end| matches!(end, "" | "s" | "es" | "e" | "ed" | "ing" | "ies" | "ied" | "y" | "d"))
        })
    };
    // "us", "sued": the stem of "sue" is short.
    if matches!(word, "su" | "suy" | "sud" | "sus") {
        None
    } else if is(BACKING) {
        Some(Side::For)
    } else if is(FIGHTING) {
        Some(Side::Against)
    } else {
        None
    }
}

/// Turns, and where they lead.
#[rustfmt::skip]
pub(super) const TURNS: &[(&[&str], Change)] = &[
    (&[
        "reversed course on", "reverses course on", "reversed itself on", "reversed its position on", "reversed his position on", "reversed her position on", "reversed their position on", "reversed its stance on", "reversed his stance on", "reversed her stance on", "reversed their stance on",
        "changed course on", "changes course on", "changed tack on", "changed sides on", "changed its mind about", "changed his mind about", "changed her mind about", "changed their minds about", "changed their mind about", "changed its mind on", "changed his mind on", "changed her mind on", "changed their minds on",
        "changed its position on", "changed its stance on", "changed his position on", "changed her position on", "changed his stance on", "changed her stance on", "made a u - turn on", "did a u - turn on", "u - turn on", "about - face on", "about - turn on", "volte - face on", "flip - flopped on", "flipped on", "switched sides on", "backtracked on", "had a change of heart about", "had a change of heart on", "a change of heart on", "a change of heart about", "backpedalled on", "backpedaled on",
    ], Change::Turned),
    (&[
        "turned on", "turned against", "turns on", "turns against", "turned its back on", "turned his back on", "turned her back on", "turned their backs on", "broke with", "breaks with", "broken with", "fell out with", "fallen out with", "fallen out of love with", "fell out of love with",
        "soured on", "abandoned", "have abandoned", "has abandoned", "deserted", "disowned", "had second thoughts about", "having second thoughts about", "defected from", "parted ways with", "split with", "disavowed", "joined the ranks of those who oppose", "joined those who oppose", "joined the opponents of", "joined the critics of",
    ], Change::Now(Stance::Oppose)),
    (&[
        "swung behind", "swings behind", "came round to", "came around to", "come round to", "come around to", "warmed to", "made peace with", "made its peace with", "made his peace with", "made her peace with", "made their peace with", "reconciled with", "reconciled itself to", "been won over to", "was won over to", "won over by", "buried the hatchet with", "mended fences with",
        "joined the supporters of", "joined the ranks of those who support", "joined those who support", "dropped out of the fight against", "relented on", "gave in on",
    ], Change::Now(Stance::Support)),
];

/// What tells that somebody was something before.
#[rustfmt::skip]
pub(super) const FORMERLY: &[&str] = &[
    "once", "once a", "once an", "once the", "once one of the", "once among the", "formerly a", "formerly an",
    "formerly the", "previously a", "previously an", "until now a", "until now an", "until now the",
    "until recently a", "until recently an", "until recently the", "until last week a", "a former", "an erstwhile",
    "a onetime", "a one - time", "long a", "long an", "long the", "hitherto a", "hitherto an", "used to be a",
    "used to be an",
];

/// What tells that somebody did something for long, and then did so no more.
#[rustfmt::skip]
pub(super) const AFTER_LONG: &[&str] = &[
    "after years of", "after months of", "after weeks of", "after decades of", "after long", "after a year of",
    "after two years of", "after three years of", "after years spent", "after months spent", "after initially",
    "after first", "after previously", "after long years of", "after many years of", "after having long",
    "having once", "having long", "having previously", "having initially", "having first",
];

/// What puts a verb into the past.
#[rustfmt::skip]
pub(super) const TO_BACK: &[&str] = &[
    "once", "had", "had once", "had long", "had previously", "had earlier", "had initially", "had until now",
    "had until then", "had for years", "had always", "previously", "initially", "used to", "formerly", "at first",
    "had at first", "had so far", "has long", "has until now", "has so far", "have long", "long",
];

/// Who speaks of itself.
pub(super) const PRONOUNS: &[&str] = &["it", "they", "he", "she", "we", "i"];

/// Words by which what follows is no fact.
#[rustfmt::skip]
pub(super) const UNREAL: &[&str] = &[
    "not", "never", "no", "nor", "neither", "refused", "refuses", "refuse", "denied", "denies", "deny", "could",
    "may", "might", "should", "must", "if", "urged", "urges", "asked", "asks", "called", "wants", "want", "wanted",
    "demanded", "demands", "to", "threatened", "threatens", "considers", "considering", "considered", "hardly",
    "cannot", "said", "says", "told", "that", "who", "which", "whom", "without", "because", "accused", "accuses",
    "rather", "than", "declined", "helped", "saw", "after", "before", "while", "when", "as",
];

/// Words behind which a name is no subject.
pub(super) const GOVERNING: &[&str] = &["of", "from", "for", "by", "against", "with", "to", "at", "than", "in"];

/// Verbs whose "to" leads to a deed.
pub(super) const WILLING: &[&str] =
    &["decided", "agreed", "voted", "moved", "chose", "vowed", "pledged", "promised", "going", "set", "resolved", "opted"];

/// Words that begin another clause.
pub(super) const VAGUE: &[&str] =
    &["said", "says", "told", "that", "which", "who", "whom", "but", "and", "while", "because"];

/// Whether a phrase that is looked for at every place of a sentence begins with this word.
pub(super) fn opens(word: &str) -> bool {
    static OPENING: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
        let turns = TURNS.iter().map(|(phrases, _)| *phrases);
        let all = [ENDING, STOPPING, GOING, FORMERLY, AFTER_LONG].into_iter().chain(turns).flatten();
        all.filter_map(|phrase| phrase.split(' ').next()).collect()
    });
    OPENING.contains(word)
}

/// Whether a word can stand between a verb or noun and what it is about.
pub(super) fn is_filler(word: &str) -> bool {
    #[rustfmt::skip]
    let stops = [
        ",", ".", ";", ":", "(", ")", "—", "–", "and", "but", "or", "nor", "not", "that", "who", "which", "whom", "said", "says", "told", "is", "was", "are", "were", "has", "had", "have", "will", "would", "when", "while", "after", "before", "because", "as", "than", "if",
        "", "by", "with", "in", "at", "from", "against" ,
    ];
    // A word of a stance takes "against" or "with": they are told apart from place and time by what stands before.
    matches!(word, "against" | "with" | "from") || !stops.contains(&word)
}
