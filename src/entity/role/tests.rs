use proptest::prelude::*;

use super::*;
use crate::segment::segment;
use crate::span::Span;

/// Links a text whose mentions are marked as `[text|TYPE]`, and tells its roles.
fn told(marked: &str) -> Vec<Entity> {
    let (mut body, mut spans) = (String::new(), Vec::new());
    for piece in marked.split('[') {
        let Some((mark, rest)) = piece.split_once(']') else {
            body.push_str(piece);
            continue;
        };
        let (text, kind) = mark.split_once('|').unwrap();
        spans.push((Span::new(body.len(), body.len() + text.len()), EntityType::from_name(kind).unwrap()));
        body.push_str(text);
        body.push_str(rest);
    }
    let sentences = segment(&body);
    let at = |span: Span| sentences.iter().position(|sentence| sentence.span.contains(span)).unwrap();
    let mentions: Vec<_> =
        spans.into_iter().map(|(span, kind)| Mention { span, kind, score: 0.9, sentence: at(span) }).collect();
    let linker = Linker::new();
    let mut entities = linker.link(&body, &mentions);
    linker.tell_roles(&body, &sentences, &mentions, &mut entities);
    entities
}

/// Persons with their roles as "name: title of holder", parted by bars.
fn roles(marked: &str) -> String {
    let entities = told(marked);
    let role = |entity: &Entity| {
        let Role { title, of } = entity.role.clone()?;
        let of = of.map(|of| format!(" of {}", entities[of].name)).unwrap_or_default();
        Some(format!("{}: {title}{of}", entity.name))
    };
    entities.iter().filter_map(role).collect::<Vec<_>>().join(" | ")
}

#[track_caller]
fn all(cases: &[(&str, &str)]) {
    let wrong: Vec<_> =
        cases.iter().map(|(marked, role)| (*marked, roles(marked), *role)).filter(|(_, got, role)| got != role).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn titles_before_names() {
    all(&[
        ("Foreign Minister [Amir Khan Muttaqi|PER] said", "Amir Khan Muttaqi: foreign minister"),
        ("President [Ruto|PER] left [Kenya|LOC]. [Kenyan|NORP] police", "Ruto: president of Kenya"),
        ("President [Ruto|PER] left [Kenya|LOC] for [Uganda|LOC]", "Ruto: president"),
        ("[Kenya|LOC], [Kenya|LOC] and its president, [Juan González|PER],", "Juan González: president"),
        ("[Kenya|LOC]'s President [William Ruto|PER]", "William Ruto: president of Kenya"),
        ("[Iranian|NORP] Foreign Minister [Abbas Araghchi|PER]", "Abbas Araghchi: foreign minister of Iran"),
        ("[Rio Tinto|ORG] CEO [Jakob Stausholm|PER]", "Jakob Stausholm: ceo of Rio Tinto"),
        ("[Taliban|ORG] spokesman [Zabihullah Mujahid|PER]", "Zabihullah Mujahid: spokesman of Taliban"),
        ("former prime minister [Imran Khan|PER]", "Imran Khan: former prime minister"),
        ("former [Brazilian|NORP] President [Dilma Roussef|PER]", "Dilma Roussef: former president of Brazil"),
        ("Secretary of State [Antony Blinken|PER]", "Antony Blinken: secretary of state"),
        ("[U.S.|LOC] Secretary of State [Antony Blinken|PER]", "Antony Blinken: secretary of state of United States"),
        (
            "[South African|NORP] Employment and Labour Minister [Thulas Nxesi|PER]",
            "Thulas Nxesi: employment and labour minister of South Africa",
        ),
        ("the [Foreign Ministry|ORG] spokeswoman, [Mao Ning|PER], said", "Mao Ning: spokeswoman of Foreign Ministry"),
        ("[Israel|LOC]'s new Prime Minister, [Naftali Bennett|PER], is", "Naftali Bennett: prime minister of Israel"),
        ("[UN|ORG] Secretary-General [António Guterres|PER]", "António Guterres: secretary-general of UN"),
        ("[IISc|ORG] Director Professor [Govindan Rangarajan|PER]", "Govindan Rangarajan: director of IISc"),
        (
            "President of the [World Economic Forum|ORG] [Borge Brende|PER] to",
            "Borge Brende: president of World Economic Forum",
        ),
        (
            "[Israeli|NORP] ambassador to the [United States|LOC] [Michael Herzog|PER]",
            "Michael Herzog: ambassador of Israel",
        ),
        ("Ambassador to [Kenya|LOC] [Meg Whitman|PER]", "Meg Whitman: ambassador"),
        ("Yesterday President [Ruto|PER] left", "Ruto: president"),
        (
            "The Under-Secretary-General for the Affairs of the [Grand Mosque|LOC] Dr. [Saad Ali|PER], said",
            "Saad Ali: under-secretary-general for the affairs of Grand Mosque",
        ),
        (
            "([FAREI|ORG]), the Secretary General of the [Mauritius Chamber|ORG], Mrs. [Joy Ito|PER], C.S.K.,",
            "Joy Ito: secretary general of Mauritius Chamber",
        ),
        (
            "[Eastern Cape|LOC] police spokesperson, Brigadier [Tom Kinana|PER] said",
            "Tom Kinana: police spokesperson of Eastern Cape",
        ),
        (
            "[International Labour Organisation|ORG]([ILO|ORG]) DG [Guy Ryder|PER]",
            "Guy Ryder: dg of International Labour Organisation",
        ),
        ("[US|LOC] tennis player [Serena Williams|PER]", "Serena Williams: tennis player of United States"),
        ("Presidents [Joe Biden|PER] and [Xi Jinping|PER] met", "Joe Biden: president | Xi Jinping: president"),
        ("[King Abdullah|PER] met", "King Abdullah: king"),
        ("[Acme|ORG] said its president, [Joy Ito|PER], left.", "Joy Ito: president of Acme"),
        ("[Acme|ORG] lost. Its chairman, [Joy Ito|PER], left.", "Joy Ito: chairman of Acme"),
        ("[Acme|ORG] and [Bolt|ORG] lost. Its chairman, [Joy Ito|PER], left.", "Joy Ito: chairman"),
    ]);
}

#[test]
fn appositions_beside_names() {
    all(&[
        ("[William Ruto|PER], president of [Kenya|LOC], said", "William Ruto: president of Kenya"),
        (
            "[Jakob Stausholm|PER], the chief executive of [Rio Tinto|ORG], said",
            "Jakob Stausholm: chief executive of Rio Tinto",
        ),
        ("a spokesman for the [U.N.|ORG], [Stéphane Dujarric|PER], said", "Stéphane Dujarric: spokesman of U.N."),
        (
            "said [Ronald Lamola|PER], [South Africa|LOC]'s justice minister.",
            "Ronald Lamola: justice minister of South Africa",
        ),
        (
            "said [Salah Goudjil|PER], speaker of the [Algerian|NORP] parliament's upper house",
            "Salah Goudjil: speaker of the parliament of Algeria",
        ),
        (
            "[Juan Gonzalez|PER], the [US|LOC] [National Security Council|ORG]'s senior director for the [Western Hemisphere|LOC],",
            "Juan Gonzalez: senior director of National Security Council",
        ),
        ("[Han Zhiqiang|PER], [Chinese|NORP] ambassador to [Thailand|LOC].", "Han Zhiqiang: ambassador of China"),
        (
            "[Katherine Keenan|PER], [ABS|ORG] head of Finance and Wealth, said",
            "Katherine Keenan: head of finance and wealth of ABS",
        ),
        (
            "[Ann Mumbi|PER], 54, who is the deputy governor of the [Central Bank of Kenya|ORG], said",
            "Ann Mumbi: deputy governor of Central Bank of Kenya",
        ),
        ("[Shen Juan|PER], an analyst at [Huatai Securities|ORG] based in", "Shen Juan: analyst of Huatai Securities"),
        (
            "[Saif Ahmad|PER], minister of foreign affairs of [Yemen|LOC], said",
            "Saif Ahmad: minister of foreign affairs of Yemen",
        ),
        ("[Petra Kern|PER] (president of [Siemens|ORG])", "Petra Kern: president of Siemens"),
    ]);
}

#[test]
fn what_stands_beside_a_name_and_is_no_role() {
    all(&[
        ("The minister, [Ruto|PER] said, was late", ""),
        ("[Ruto|PER], his brother, left", ""),
        ("[Ruto|PER] told President [Joe Biden|PER]", "Joe Biden: president"),
        ("[Ann Mumbi|PER], [Israeli|NORP] Prime Minister [Yair Lapid|PER] and", "Yair Lapid: prime minister of Israel"),
        ("Mr [Ruto|PER] and Dr [Mumbi|PER] went", ""),
        ("in general [Ruto|PER] agrees", ""),
        ("[Kenya|LOC] told President [Joe Biden|PER] of [Oslo|LOC] and [Chad|LOC]", "Joe Biden: president"),
        ("[Joy Ito|PER], head of [Kiva|ORG], [Tom Oduor|PER] and", "Joy Ito: head of Kiva"),
    ]);
}

#[test]
fn the_first_telling_with_a_holder_counts() {
    all(&[
        (
            "President [William Ruto|PER] came. [William Ruto|PER], leader of [Kenya Kwanza|ORG], spoke. [Kenya|LOC]'s President [Ruto|PER] left.",
            "William Ruto: leader of Kenya Kwanza",
        ),
        ("President [William Ruto|PER] came. Deputy [Ruto|PER]", "William Ruto: president"),
    ]);
}

/// Who speaks for whom, as "name: code" parted by bars.
fn voices(marked: &str) -> String {
    let voice = |entity: &Entity| Some(format!("{}: {}", entity.name, entity.speaks_for.clone()?));
    told(marked).iter().filter(|entity| entity.country.is_none()).filter_map(voice).collect::<Vec<_>>().join(" | ")
}

#[test]
fn bodies_belong_to_countries() {
    let of = |marked: &str| {
        let entities = told(marked);
        let of = |entity: &Entity| Some(format!("{}: {}", entity.name, entities[entity.of?].name));
        entities.iter().filter_map(of).collect::<Vec<_>>().join(" | ")
    };
    assert_eq!(of("[Pakistan|LOC]'s [Foreign Ministry|ORG] said"), "Foreign Ministry: Pakistan");
    assert_eq!(
        of("[Kenyan|NORP] [Parliament|ORG] and [Ministry of Foreign Affairs|ORG] of [Russia|LOC]"),
        "Parliament: Kenya | Ministry of Foreign Affairs: Russia"
    );
    assert_eq!(of("[U.S.|LOC] said. The [U.S. State Department|ORG] said"), "U.S. State Department: United States");
    assert_eq!(of("the [Chinese|NORP] tech giant [Huawei|ORG] said"), "Huawei: China");
    assert_eq!(of("[Finland|LOC]'s [NATO|ORG] membership, [Kenya|LOC] [Equity|ORG] talks"), "");
}

#[test]
fn who_speaks_for_a_country_by_the_text() {
    assert_eq!(voices("[Kenya|LOC]'s President [William Ruto|PER]"), "William Ruto: KEN");
    assert_eq!(voices("former [Kenyan|NORP] President [Uhuru Kenyatta|PER]"), "");
    assert_eq!(voices("[Kenya|LOC] captain [Victor Wanyama|PER]"), "");
    assert_eq!(voices("[Rio Tinto|ORG] CEO [Jakob Stausholm|PER]"), "");
    assert_eq!(voices("The [US National Security Council|ORG] met"), "US National Security Council: USA");
    assert_eq!(
        voices("[China|LOC]'s [Foreign Ministry|ORG]. [Foreign Ministry|ORG] spokeswoman [Mao Ning|PER]"),
        "Foreign Ministry: CHN | Mao Ning: CHN"
    );
    assert_eq!(
        voices("the [Taliban|ORG]-led government of [Afghanistan|LOC]. [Taliban|ORG] spokesman [Zabihullah Mujahid|PER]"),
        "Taliban: AFG | Zabihullah Mujahid: AFG"
    );
    assert_eq!(voices("[Kenya|LOC]'s [Orange Party|ORG], [Kenyan|NORP] opposition leader [Raila Odinga|PER]"), "");
}

#[test]
fn any_number_of_mentions_is_read_at_once() {
    let marked = "President [Ann Bo|PER], chief of the [Kenyan|NORP] [Army|ORG], ".repeat(4_000);
    let began = std::time::Instant::now();
    assert!(!told(&marked).is_empty());
    assert!(began.elapsed().as_secs() < 20, "in a debug build: {:?}", began.elapsed());
}

proptest! {
    #[test]
    fn roles_are_of_others_and_change_nothing_else(
        body in "((president|minister|Kenya|of|the|'s|former|,|\\.|Ruto|spokesman|Army|for|and|-|é|’|\\(|\\)|who|is|ex)[ -]?){0,40}",
        picks in prop::collection::vec((any::<prop::sample::Index>(), 1_usize..3, 0_usize..6), 0..20),
    ) {
        let sentences = segment(&body);
        let tokens: Vec<(usize, Span)> = sentences.iter().enumerate().flat_map(|(at, s)| s.tokens.iter().map(move |t| (at, *t))).collect();
        prop_assume!(!tokens.is_empty());
        let mut mentions: Vec<Mention> = picks.into_iter().filter_map(|(start, length, kind)| {
            let from = start.index(tokens.len());
            let last = tokens[(from + length).min(tokens.len()) - 1];
            (last.0 == tokens[from].0).then(|| Mention { span: Span::new(tokens[from].1.start, last.1.end), kind: EntityType::ALL[kind], score: 0.5, sentence: last.0 })
        }).collect();
        mentions.sort_by_key(|mention| mention.span);
        mentions.dedup_by(|b, a| a.span.overlaps(b.span));
        let linker = Linker::new();
        let plain = linker.link(&body, &mentions);
        let mut entities = plain.clone();
        linker.tell_roles(&body, &sentences, &mentions, &mut entities);
        for (number, (before, after)) in plain.iter().zip(&entities).enumerate() {
            let role_of = after.role.as_ref().and_then(|role| role.of);
            prop_assert!(role_of != Some(number) && after.of != Some(number));
            prop_assert!(role_of.max(after.of).is_none_or(|of| of < entities.len()));
            prop_assert!(after.role.is_none() || after.kind == EntityType::Per);
            let title = after.role.as_ref().map(|role| role.title.clone()).unwrap_or_default();
            prop_assert_eq!(&title.to_lowercase(), &title);
            let stripped = Entity { role: None, of: None, speaks_for: None, ..after.clone() };
            prop_assert_eq!(&stripped, before);
        }
    }
}
