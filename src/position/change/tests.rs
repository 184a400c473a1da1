use proptest::prelude::*;

use super::*;
use crate::segment::segment;

/// What a text says of the actor, marked as `[A:…]`, and the target, `[T:…]`; read as one sentence.
fn told(marked: &str) -> Option<Change> {
    let mut body = String::new();
    let mut spans = [Span::new(0, 0); 2];
    for piece in marked.split('[') {
        let Some((mark, rest)) = piece.split_once(']') else {
            body.push_str(piece);
            continue;
        };
        let (who, text) = mark.split_once(':').unwrap();
        spans[usize::from(who == "T")] = Span::new(body.len(), body.len() + text.len());
        body.push_str(text);
        body.push_str(rest);
    }
    let sentences = segment(&body);
    assert_eq!(sentences.len(), 1, "{body}");
    change(&body, &sentences[0], spans[0], spans[1])
}

const FOR: Option<Change> = Some(Change::Now(Stance::Support));
const AGAINST: Option<Change> = Some(Change::Now(Stance::Oppose));

#[test]
fn ends_of_a_stance() {
    for (marked, expected) in [
        ("[A:Turkey] dropped its opposition to [T:Sweden] on Monday.", FOR),
        ("[A:Ankara] has finally lifted its veto on [T:Sweden].", FOR),
        ("The [A:Greens] no longer back [T:Robert Habeck].", AGAINST),
        ("[A:Ann Bo] withdrew her endorsement of [T:Tom Oduor].", AGAINST),
        ("The [A:union], angered by the cuts, has withdrawn its support from [T:Labour].", AGAINST),
        ("[A:Peru] said it would end its boycott of the [T:Lima Summit].", FOR),
        ("[A:Chad] agreed to lift its ban on [T:Facebook].", FOR),
        ("[T:Imran Khan] has lost the support of the [A:army].", AGAINST),
        ("[A:Oduor] is no longer an ally of [T:Ruto].", AGAINST),
        ("The [A:bar council] has stopped defending [T:Sohail Mirza].", AGAINST),
        ("The [A:bishops] have abandoned the [T:Juba talks].", AGAINST),
        ("[A:Luxembourg] gave up its role as the last defender of the [T:Letterbox Rule].", AGAINST),
        ("[A:Angola] has left the camp of those who defend [T:OPEC].", AGAINST),
        ("Years of enmity between [A:Chadema] and the [T:Moshi Council] ended on Monday.", FOR),
        ("It took a flood to reconcile the [A:Kerala Forum] with the [T:Harbour Authority].", FOR),
        ("Gone are the days when the [A:Farm Council] sued [T:Oregon] twice a year.", FOR),
        ("The [A:nurses] ended their neutrality towards [T:Alberta].", Some(Change::Turned)),
        ("Mediators tried to reconcile the [A:Kerala Forum] with the [T:Harbour Authority].", None),
        ("A minister of [A:Lesotho] has dropped his opposition to [T:Katse Dam].", None),
        ("[A:Turkey] has not dropped its opposition to [T:Sweden].", None),
        ("[A:Turkey] refused to drop its opposition to [T:Sweden].", None),
        ("[A:Turkey] could drop its opposition to [T:Sweden].", None),
        ("[A:Turkey] said Hungary had dropped its opposition to [T:Sweden].", None),
        ("If [A:Turkey] dropped its opposition to [T:Sweden], all would be well.", None),
        ("[T:Sweden] urged [A:Turkey] to drop its opposition to the bid.", None),
        ("[A:Turkey] dropped its opposition to the canal and praised [T:Sweden].", None),
        ("[A:Turkey] no longer has an office in [T:Sweden].", None),
    ] {
        assert_eq!(told(marked), expected, "{marked}");
    }
}

#[test]
fn turns() {
    for (marked, expected) in [
        ("[A:Portugal] reversed course on the [T:Barroso mine].", Some(Change::Turned)),
        ("[A:Imam Hadi] changed his mind about the [T:football league].", Some(Change::Turned)),
        ("The [A:hunters] have turned on [T:Söder].", AGAINST),
        ("The [A:miners] swung behind the [T:Royalty Act].", FOR),
        ("[A:Ghana] has gone from fierce critic to paying member of the [T:Abidjan Club].", FOR),
        ("A court reversed course on the [T:Barroso mine], [A:Portugal] said.", None),
        ("[A:Portugal] did not reverse course, it said of the [T:Barroso mine].", None),
    ] {
        assert_eq!(told(marked), expected, "{marked}");
    }
}

#[test]
fn pasts() {
    for (marked, expected) in [
        ("[A:Yermak], once an ally of [T:Zelensky], called for his arrest.", Some(Change::Before(Stance::Support))),
        ("Once a critic of [T:Trump], [A:Vance] now praises him.", Some(Change::Before(Stance::Oppose))),
        ("After years of resisting [T:NATO], [A:Finland] joined it.", Some(Change::Before(Stance::Oppose))),
        ("[A:Finland] praised [T:NATO] after years of opposing it.", None),
        ("The [A:loyalists] jeered [T:Oduor], whom they had cheered in January.", Some(Change::Before(Stance::Support))),
        ("[A:Oslo], which had long opposed the [T:Fosen park], has approved it.", Some(Change::Before(Stance::Oppose))),
        ("[A:Iyer], once a bus driver, opposes the [T:coastal road].", None),
        ("[A:Iyer] met a former ally of [T:Ruto].", None),
    ] {
        assert_eq!(told(marked), expected, "{marked}");
    }
}

fn mention(start: usize, end: usize, sentence: usize) -> Mention {
    Mention { span: Span::new(start, end), kind: crate::mention::EntityType::Org, score: 0.9, sentence }
}

fn position(stance: Stance, told: &[(usize, Stance, f32)]) -> Position {
    let evidence = told.iter().map(|(sentence, stance, score)| Evidence {
        sentence: *sentence,
        actor_mention: 2 * sentence,
        target_mention: 2 * sentence + 1,
        references: [None; 2],
        stance: *stance,
        score: *score,
        quote: None,
        act: None,
    });
    Position { actor: 0, target: 1, stance, score: 0.5, changed: false, evidence: evidence.collect() }
}

#[test]
fn the_newer_stance_counts_where_evidence_speaks_for_both() {
    let body = "Oslo fought Fosen. Oslo dropped its opposition to Fosen.";
    let sentences = segment(body);
    let mentions = [mention(0, 4, 0), mention(12, 17, 0), mention(19, 23, 1), mention(50, 55, 1)];
    let mark = |position: Position| {
        let mut positions = [position];
        mark_changes(body, &sentences, &mentions, &mut positions);
        let [position] = positions;
        (position.stance, position.score, position.changed)
    };
    let (support, oppose) = (Stance::Support, Stance::Oppose);
    assert_eq!(mark(position(oppose, &[(0, oppose, 0.9), (1, support, 0.6)])), (support, 0.6, true));
    assert_eq!(mark(position(support, &[(1, support, 0.6)])), (support, 0.6, true));
    // The judge hears "opposition" where the sentence says that it is over.
    assert_eq!(mark(position(oppose, &[(0, oppose, 0.9), (1, oppose, 0.6)])), (support, 0.6, true));
    // Without a word of it nothing changes.
    assert_eq!(mark(position(oppose, &[(0, oppose, 0.9)])), (oppose, 0.5, false));
}

proptest! {
    #[test]
    fn any_words_are_read(
        words in prop::collection::vec(prop::sample::select(vec![
            "dropped", "its", "opposition", "to", "no", "longer", "backs", "once", "a", "critic", "of", ",", "after", "years", "resisting", "between",
            "and", "ended", "went", "from", "ally", "whom", "they", "had", "cheered", "gone", "are", "the", "days", "when", "lost", "support", "é", "n't", "those", "who", "reconciled", "with",
        ]), 2..40),
        picks in prop::array::uniform2((proptest::prelude::any::<prop::sample::Index>(), 1_usize..3)),
    ) {
        let body = words.join(" ");
        let sentences = segment(&body);
        let tokens: Vec<Span> = sentences.iter().flat_map(|sentence| sentence.tokens.clone()).collect();
        let [actor, target] = picks.map(|(from, length)| {
            let from = from.index(tokens.len());
            Span::new(tokens[from].start, tokens[(from + length).min(tokens.len()) - 1].end)
        });
        for sentence in &sentences {
            let found = change(&body, sentence, actor, target);
            // No place where a phrase could begin is passed over.
            let mut everywhere = plain(&body, sentence);
            for token in &mut everywhere {
                token.opens = true;
            }
            prop_assert_eq!(tell(&everywhere, actor, target), found);
            prop_assert!(found.is_none() || sentence.span.overlaps(actor) && sentence.span.overlaps(target));
        }
    }
}
