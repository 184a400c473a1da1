use proptest::prelude::*;

use super::lexicon::Class;
use super::*;
use crate::mention::EntityType;
use crate::mention::Mention;
use crate::segment::{segment, tokenize};

/// The act of a sentence in which `[a ...]` marks the actor and `[t ...]` the target: its kind and cue.
fn act(finder: &Finder, marked: &str, stance: Stance) -> Option<(&'static str, String)> {
    let (mut text, mut places) = (String::new(), [Span::new(0, 0); 2]);
    let mut rest = marked;
    while let Some(at) = rest.find('[') {
        text += &rest[..at];
        let (role, inner) = rest[at + 1..].split_once(' ').unwrap();
        let (name, after) = inner.split_once(']').unwrap();
        places[usize::from(role == "t")] = Span::new(text.len(), text.len() + name.len());
        text += name;
        rest = after;
    }
    text += rest;
    let tokens = tokenize(&text, Span::new(0, text.len()));
    let [actor, target] = places;
    let (act, sure) = finder.find(&text, &tokens, Asked { actor, target, stance })?;
    assert!((CLEAR..=1.0).contains(&sure), "{sure}");
    Some((act.kind.name(), act.cue.slice(&text).to_owned()))
}

#[test]
fn clear_acts_are_told_with_their_words() {
    let finder = Finder::new();
    for (marked, stance, kind, cue) in [
        ("[a Lindqvist] praised [t Norberg] for the calm of the debate.", Stance::Support, "agree", "praised"),
        ("The [a Farmers' Union] backs [t Okello] in the run-off.", Stance::Support, "support", "backs"),
        (
            "[a Finland] will send 40 ambulances to [t Moldova], the ministry said.",
            Stance::Support,
            "aid",
            "send 40 ambulances",
        ),
        ("[a Bolivia] lifted the ban on [t Chilean] wine after nine years.", Stance::Support, "yield", "lifted the ban"),
        ("[a Karimi] condemned [t Vardania] over the shelling.", Stance::Oppose, "accuse", "condemned"),
        (
            "[a Greenwatch] filed a lawsuit against [t Petrolux] on Monday.",
            Stance::Oppose,
            "accuse",
            "filed a lawsuit against",
        ),
        ("[a Poland] vetoed the [t Nice Protocol] last week.", Stance::Oppose, "reject", "vetoed"),
        ("[a Moroz] threatened [t Estonia] with a second front.", Stance::Oppose, "threaten", "threatened"),
        (
            "Thousands of [a Peruvians] demonstrated against [t Salazar] in Lima.",
            Stance::Oppose,
            "protest",
            "demonstrated against",
        ),
        ("[a Norway] imposed new sanctions on [t Belarus].", Stance::Oppose, "sanction", "imposed new sanctions"),
        ("[t Amadi] was arrested by the [a Federal Police] at the airport.", Stance::Oppose, "coerce", "arrested"),
        ("[a Rebel Front] fighters attacked [t Kasanga] at dawn.", Stance::Oppose, "assault", "attacked"),
    ] {
        assert_eq!(act(&finder, marked, stance), Some((kind, cue.to_owned())), "{marked}");
    }
}

#[test]
fn the_stance_decides_between_cues() {
    let finder = Finder::new();
    let marked = "[a Haddad] thanked [t Cyprus] and condemned Vardania.";
    assert_eq!(act(&finder, marked, Stance::Support), Some(("agree", "thanked".to_owned())));
    assert_ne!(act(&finder, marked, Stance::Oppose).map(|(kind, _)| kind), Some("agree"));
    assert_eq!(act(&finder, marked, Stance::None), None);
}

#[test]
fn other_names_change_nothing() {
    let finder = Finder::new();
    for (actor, target) in [("Karimi", "Vardania"), ("Ōta", "U.S."), ("Attack", "Sanctions"), ("ПАО", "罢工")] {
        for (marked, stance) in [
            ("[a A] condemned [t T] on Monday for the shelling of Kova.", Stance::Oppose),
            ("The ban on [t T] was lifted by [a A].", Stance::Support),
            ("Last week [a A] attacked [t T] again.", Stance::Oppose),
        ] {
            let named = marked.replace("[a A]", &format!("[a {actor}]")).replace("[t T]", &format!("[t {target}]"));
            let plain = act(&finder, marked, stance);
            assert!(plain.is_some(), "{marked}");
            assert_eq!(act(&finder, &named, stance), plain, "{named}");
        }
    }
}

#[test]
fn nothing_is_told_where_no_word_tells_it() {
    let finder = Finder::new();
    for marked in ["[a Kova] and [t Lenz].", "In [a Ghana], as in [t Togo], it rained.", "[a A][t B]", "[a A] [t A]"] {
        for stance in [Stance::Support, Stance::Oppose] {
            assert_eq!(act(&finder, marked, stance), None, "{marked}");
        }
    }
}

#[test]
fn evidences_are_filled_in_their_own_sentences() {
    let finder = Finder::new();
    let body = "Rain fell. Karimi condemned Vardania. Lenz praised Norberg.";
    let sentences = segment(body);
    let mention = |name: &str, sentence| {
        let start = body.find(name).unwrap();
        Mention { span: Span::new(start, start + name.len()), kind: EntityType::Per, score: 1.0, sentence }
    };
    let mentions = [mention("Karimi", 1), mention("Vardania", 1), mention("Lenz", 2), mention("Norberg", 2)];
    let evidence = |sentence, [actor_mention, target_mention]: [usize; 2], stance| Evidence {
        sentence,
        actor_mention,
        target_mention,
        references: [None; 2],
        stance,
        score: 0.9,
        quote: None,
        act: None,
    };
    let position = |evidence: Vec<Evidence>| Position {
        actor: 0,
        target: 1,
        stance: Stance::Oppose,
        score: 0.9,
        changed: false,
        evidence,
    };
    let mut positions = [
        // The second names no actor in its sentence.
        position(vec![evidence(2, [2, 3], Stance::Support), evidence(2, [0, 3], Stance::Support)]),
        position(vec![evidence(1, [0, 1], Stance::Oppose), evidence(9, [0, 1], Stance::Oppose)]),
    ];
    finder.fill(body, &sentences, &mut positions, |told| {
        Some([mentions[told.actor_mention].span, mentions[told.target_mention].span])
    });
    let told: Vec<_> = positions
        .iter()
        .flat_map(|position| &position.evidence)
        .map(|told| told.act.map(|act| (act.kind, act.cue.slice(body))))
        .collect();
    assert_eq!(told, [Some((ActKind::Agree, "praised")), None, Some((ActKind::Accuse, "condemned")), None]);
}

#[test]
fn the_table_is_whole() {
    let lexicon = Lexicon::new();
    let table = include_str!("../../data/acts.tsv");
    assert_eq!(lexicon.entries().len(), table.lines().count(), "a row is no row");
    assert!(lexicon.entries().len() > 1200);
    let mut rows: Vec<_> = table.lines().map(|row| row.rsplit_once('\t').unwrap().0).collect();
    let sorted = rows.windows(2).all(|pair| pair[0] <= pair[1]);
    rows.dedup();
    assert!(sorted && rows.len() == lexicon.entries().len(), "rows are sorted, and none stands twice");
    for kind in ActKind::ALL {
        let first = lexicon.entries().iter().filter(|entry| entry.kinds.first() == Some(&kind)).count();
        assert!(first >= 40, "{} has {first} cues", kind.name());
    }
    assert!(lexicon.entries().iter().any(|entry| entry.class == Class::Noun));
}

proptest! {
    #[test]
    fn a_cue_is_a_run_of_tokens_apart_from_both_names(
        words in prop::collection::vec(
            prop_oneof![
                "[a-z]{1,9}",
                "\\PC{1,6}",
                prop::sample::select(vec![
                    "condemned", "praised", "attack", "by", "of", "sanctions", "impose", "to", "not", "'s", ",", "lifted", "the",
                    "ban", "support", "was", "Übermensch", "e\u{301}", "\u{202e}", "罢工", "on",
                ]).prop_map(str::to_owned),
            ],
            0..40,
        ),
        at in any::<[prop::sample::Index; 4]>(),
        support in any::<bool>(),
    ) {
        let text = words.join(" ");
        let tokens = tokenize(&text, Span::new(0, text.len()));
        let edges: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let place = |one: &prop::sample::Index, other: &prop::sample::Index| {
            let (one, other) = (*one.get(&edges), *other.get(&edges));
            Span::new(one.min(other), one.max(other))
        };
        let (actor, target) = (place(&at[0], &at[1]), place(&at[2], &at[3]));
        let stance = if support { Stance::Support } else { Stance::Oppose };
        let asked = Asked { actor, target, stance };
        thread_local!(static FINDER: Finder = Finder::new());
        let (all, found, again) = FINDER.with(|finder| {
            let found = finder.find(&text, &tokens, asked);
            (finder.candidates(&text, &tokens, asked), found, finder.find(&text, &tokens, asked))
        });
        prop_assert_eq!(found, again);
        prop_assert!(found.is_none_or(|(act, _)| all.iter().any(|one| one.act == act)));
        for one in &all {
            let cue = one.act.cue;
            prop_assert!(!cue.is_empty() && !cue.overlaps(actor) && !cue.overlaps(target));
            prop_assert!(tokens.iter().any(|token| token.start == cue.start) && tokens.iter().any(|token| token.end == cue.end));
            prop_assert!(suits(one.act.kind, stance));
        }
    }
}

#[test]
fn a_long_sentence_takes_no_square_of_its_length() {
    let finder = Finder::new();
    let text = format!("Karimi {} Vardania", "imposed sanctions on and attacked ".repeat(3000));
    let tokens = tokenize(&text, Span::new(0, text.len()));
    let asked = Asked { actor: Span::new(0, 6), target: Span::new(text.len() - 8, text.len()), stance: Stance::Oppose };
    let started = std::time::Instant::now();
    assert!(finder.candidates(&text, &tokens, asked).len() > 6000);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}
