mod rows;

use proptest::prelude::*;

use super::candidates::BEHIND;
use super::*;
use crate::quote::tests::marked;
use crate::segment::segment;

/// The resolver with the net that ships.
fn resolver() -> Resolver {
    let (_, weights) = crate::engine::store::references(&crate::engine::store::Origin::BuiltIn).unwrap();
    Resolver::new(Net::new(&weights).unwrap())
}

/// The references of a marked text, each with the names that it stands for.
fn found(text: &str) -> Vec<(String, Vec<String>)> {
    let (body, sentences, mentions) = marked(text);
    let resolver = resolver();
    let mut resolving = resolver.begin(&body, &sentences);
    let references = resolving.passage((&sentences, 0), (&mentions, 0), None);
    let mut out: Vec<(Span, Vec<String>)> = Vec::new();
    for reference in references {
        let name = mentions[reference.mention].span.slice(&body).to_owned();
        match out.last_mut() {
            Some((span, names)) if *span == reference.span => names.push(name),
            _ => out.push((reference.span, vec![name])),
        }
    }
    out.into_iter().map(|(span, names)| (span.slice(&body).to_owned(), names)).collect()
}

/// Asserts which phrases of a marked text stand for whom, in pairs of phrase and names.
fn stand_for(text: &str, expected: &[(&str, &str)]) {
    let found: Vec<_> = found(text).into_iter().map(|(phrase, names)| (phrase, names.join(" + "))).collect();
    let expected: Vec<_> = expected.iter().map(|(phrase, names)| ((*phrase).to_owned(), (*names).to_owned())).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn persons_are_told_by_gender_and_place() {
    stand_for(
        "[PER:Angela Merkel] met [PER:John Kerry] in [LOC:Berlin]. She said she was glad.",
        &[("She", "Angela Merkel"), ("she", "Angela Merkel")],
    );
    stand_for("[PER:John Kerry] told his aides that he would go.", &[("his", "John Kerry"), ("he", "John Kerry")]);
    stand_for("[LOC:Kenya] voted. He left.", &[]);
}

#[test]
fn a_title_tells_who_is_meant() {
    let text = "Foreign Minister [PER:Wang Yi] met President [PER:Juan Santos] on Monday. “We are friends,” the president said. \
                The foreign minister left.";
    stand_for(text, &[("the president", "Juan Santos"), ("The foreign minister", "Wang Yi")]);
}

#[test]
fn a_noun_of_the_name_tells_what_is_meant() {
    let text = "The [ORG:Supreme Court] heard the [ORG:Green Party] on Monday. The court ruled against the party.";
    stand_for(text, &[("The court", "Supreme Court"), ("the party", "Green Party")]);
}

#[test]
fn what_stands_for_nothing_named_is_left() {
    for text in [
        "[LOC:Kenya] is large. It is clear that the talks failed.",
        "[PER:Ann Lee] left. They say that the minister of [LOC:Kenya] is ill.",
        "[ORG:Acme] is the company. [PER:Bo Wu], the president, and the singer [PER:Ann Lee] met.",
        "The US and IT firms of [LOC:Kenya] grew.",
    ] {
        stand_for(text, &[]);
    }
}

#[test]
fn a_speaker_is_i_and_speaks_as_we_for_the_body() {
    let text = "“I will not go,” said [PER:Ann Lee].";
    stand_for(text, &[("I", "Ann Lee")]);
    let text = "“We will not go,” said [LOC:Kenya]'s foreign minister [PER:Ann Lee].";
    stand_for(text, &[("We", "Kenya")]);
    let text = "“We will not go,” said a spokesman for [ORG:Acme].";
    stand_for(text, &[("We", "Acme")]);
    stand_for("“We will not go,” said [PER:Ann Lee]. We know her.", &[("her", "Ann Lee")]);
}

#[test]
fn a_speaker_may_be_a_pronoun() {
    let (body, sentences, mentions) = marked("[PER:John Kerry] left. “We will not sign this treaty,” he said.");
    let resolver = resolver();
    let mut resolving = resolver.begin(&body, &sentences);
    resolving.passage((&sentences, 0), (&mentions, 0), None);
    assert_eq!(resolving.quotes().iter().map(|quote| quote.speaker).collect::<Vec<_>>(), [0]);
}

#[test]
fn passages_are_one_article() {
    let (body, sentences, mentions) =
        marked("[PER:John Kerry] left [LOC:Berlin] on Monday. He told nobody that he had gone.");
    let resolver = resolver();
    let whole = resolver.begin(&body, &sentences).passage((&sentences, 0), (&mentions, 0), None);
    let mut resolving = resolver.begin(&body, &sentences);
    let mut parts = resolving.passage((&sentences[..1], 0), (&mentions, 0), None);
    parts.extend(resolving.passage((&sentences[1..], 1), (&mentions, mentions.len()), None));
    assert_eq!(parts, whole);
    assert_eq!(whole.len(), 2);
}

#[test]
fn a_hundred_thousand_pronouns_take_linear_time() {
    let text =
        "[PER:John Kerry] said he saw it. They told him, and the minister of the two countries told her. ".repeat(20_000);
    let start = std::time::Instant::now();
    let few = found(&text[..text.len() / 20]).len();
    let first = start.elapsed();
    let start = std::time::Instant::now();
    assert!(few > 0 && found(&text).len() > few);
    assert!(start.elapsed() < 60 * first.max(std::time::Duration::from_millis(50)), "{:?} after {first:?}", start.elapsed());
}

/// Mentions of a text: its words with a capital, one by one.
fn capitals(body: &str, sentences: &[Sentence]) -> Vec<Mention> {
    let tokens = sentences
        .iter()
        .enumerate()
        .flat_map(|(number, sentence)| sentence.tokens.iter().map(move |token| (number, *token)));
    let named = tokens.filter(|(_, token)| token.slice(body).starts_with(char::is_uppercase));
    named
        .map(|(sentence, span)| {
            let kind = EntityType::ALL[span.slice(body).len() % EntityType::ALL.len()];
            Mention { span, kind, score: 1.0, sentence }
        })
        .collect()
}

proptest! {
    #[test]
    fn references_are_sound(text in "(he |she |They |the minister|The company|his |both countries |the two |said|Ann|Kenya|Abcd|[“”\"‘’.,\n ]|\\PC){0,120}") {
        let sentences = segment(&text);
        let mentions = capitals(&text, &sentences);
        let resolver = resolver();
        let mut resolving = resolver.begin(&text, &sentences);
        let references = resolving.passage((&sentences, 0), (&mentions, 0), None);
        for reference in &references {
            prop_assert!(!reference.span.slice(&text).is_empty());
            prop_assert!(sentences[reference.sentence].span.contains(reference.span));
            prop_assert!(mentions.iter().all(|mention| !mention.span.overlaps(reference.span)));
            // A noun may be named behind it, but not far; "I" and "we" by whoever speaks.
            let ahead = mentions[reference.mention].sentence.saturating_sub(reference.sentence);
            prop_assert!(ahead <= BEHIND || reference.span.slice(&text).len() < 10);
            prop_assert!((SURE..=1.0).contains(&reference.score));
        }
        prop_assert!(references.is_sorted_by_key(|reference| reference.span.start));
        for quote in resolving.quotes() {
            prop_assert!(quote.speaker < mentions.len() && !quote.span.slice(&text).is_empty());
        }
    }
}

#[test]
fn rows_for_training_are_whole() {
    let row = serde_json::json!({"id": "a", "text": "Ann Lee left. She said Kenya had won its case.",
        "mentions": [{"start": 0, "end": 7, "type": "PER"}, {"start": 23, "end": 28, "type": "LOC"}]});
    let rows = rows::rows(&row);
    assert_eq!(rows.iter().map(|row| &row["form"]).collect::<Vec<_>>(), ["sentences", "he", "it"]);
    assert!(rows[1..].iter().all(|row| row["candidates"].as_array().is_some_and(|candidates| candidates.len() == 2)));
    // models/train/references.py has the rows of whole files made: DEMARCHE_ROWS_OF=annotations.jsonl:rows.jsonl
    let Ok(paths) = std::env::var("DEMARCHE_ROWS_OF") else { return };
    let (from, to) = paths.split_once(':').unwrap();
    let text = std::fs::read_to_string(from).unwrap();
    let made = text.lines().flat_map(|line| rows::rows(&serde_json::from_str(line).unwrap()));
    std::fs::write(to, made.map(|row| row.to_string() + "\n").collect::<String>()).unwrap();
}
