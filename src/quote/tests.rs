use proptest::prelude::*;

use super::*;
use crate::mention::EntityType;
use crate::segment::segment;

/// A body whose names stand in brackets with their types: `[PER:Ann Lee] said`.
pub(crate) fn marked(text: &str) -> (String, Vec<Sentence>, Vec<Mention>) {
    let mut body = String::new();
    let mut spans = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        let (named, behind) = after.split_once(']').unwrap();
        let (kind, name) = named.split_once(':').unwrap();
        body += before;
        spans.push((body.len(), name.len(), EntityType::from_name(kind).unwrap()));
        body += name;
        rest = behind;
    }
    body += rest;
    let sentences = segment(&body);
    let mentions = spans.into_iter().map(|(start, length, kind)| {
        let sentence = sentences.partition_point(|sentence| sentence.span.end <= start);
        Mention { span: Span::new(start, start + length), kind, score: 1.0, sentence }
    });
    let mentions = mentions.collect();
    (body, sentences, mentions)
}

/// Each piece of speech of a marked text with its speaker.
fn spoken(text: &str) -> Vec<(String, String)> {
    let (body, sentences, mentions) = marked(text);
    let mut speeches = Speeches::new(&body, &sentences);
    let lines = lines(&body, (&sentences, 0), (&mentions, 0), speeches.spans());
    speeches.attribute(&lines, &mentions);
    let name = |speaker| match speaker {
        Speaker::Mention(number) => mentions[number].span,
        Speaker::Phrase(span) => span,
    };
    speeches.spoken().map(|(span, speaker)| (span.slice(&body).to_owned(), name(speaker).slice(&body).to_owned())).collect()
}

fn speakers(text: &str) -> Vec<String> {
    spoken(text).into_iter().map(|(_, speaker)| speaker).collect()
}

#[test]
fn the_speaker_is_told_behind_and_ahead() {
    for (text, speaker) in [
        ("“We will not sign this,” said [PER:Ann Lee].", "Ann Lee"),
        ("“We will not sign this,” [PER:Lee] told reporters on Monday.", "Lee"),
        ("\"We will not sign this,\" said the foreign minister of [LOC:Kenya], [PER:Ann Lee].", "the foreign minister"),
        ("\"We will not sign this,\" [NORP:Kenyan] Foreign Minister [PER:Ann Lee] said.", "Ann Lee"),
        ("[PER:Ann Lee], the foreign minister of [LOC:Kenya], said: “We will not sign this.”", "Ann Lee"),
        ("[PER:Lee] called it “a day of shame for all of us”.", "Lee"),
        ("“We will not sign this,” he added.", "he"),
        ("«We will not sign this», the minister warned.", "the minister"),
        ("According to [ORG:Interfax], “the plant was hit by a missile”.", "Interfax"),
        ("“We will not sign this,” said a spokesman for the [ORG:Foreign Ministry].", "Foreign Ministry"),
        ("“We will not sign this,” [LOC:Kenya]'s government said.", ""),
        ("“We will not sign this,” said [PER:Ann Lee] of the [ORG:Green Party].", "Ann Lee"),
        ("[PER:Bo Wu] left. [PER:Ann Lee] said in a statement:\n“We will not sign this.”", "Ann Lee"),
    ] {
        let expected: &[&str] = if speaker.is_empty() { &[] } else { &[speaker] };
        assert_eq!(speakers(text), expected, "{text}");
    }
}

#[test]
fn speech_is_carried_on() {
    let text =
        "“It is late,” said [PER:Ann Lee]. “We must go home now.”\n\n“It is late,” [PER:Bo Wu] said.\n\n[PER:Cy] left.";
    assert_eq!(speakers(text), ["Ann Lee", "Ann Lee", "Bo Wu"]);
    let text = "[PER:Ann Lee] said: “It is late.\n\n“We must go home now.”\n\nOthers went. “Nobody is told here.”";
    assert_eq!(speakers(text), ["Ann Lee", "Ann Lee"]);
    let text = "“It is late,” said [PER:Ann Lee], “and we must go home now.”";
    assert_eq!(speakers(text), ["Ann Lee", "Ann Lee"]);
}

#[test]
fn a_few_words_in_marks_are_no_speech_unless_somebody_says_them() {
    assert!(speakers("The “special operation” of [LOC:Russia] was told to end.").is_empty());
    assert!(speakers("[PER:Lee] said the so-called “safe zone” was none.").is_empty());
    assert_eq!(speakers("“Never,” said [PER:Lee]."), ["Lee"]);
}

#[test]
fn indirect_speech_has_its_span() {
    let (body, sentences, mentions) =
        marked("[PER:Ann Lee] said that [LOC:Kenya] would not sign. Prices rose, [PER:Bo Wu] said.");
    let mut speeches = Speeches::new(&body, &sentences);
    let lines = lines(&body, (&sentences, 0), (&mentions, 0), speeches.spans());
    let sayings = speeches.attribute(&lines, &mentions);
    let said: Vec<_> = sayings
        .iter()
        .map(|saying| (saying.speaker, saying.said.map(|span| span.map_or("", |span| span.slice(&body)))))
        .collect();
    assert_eq!(
        said,
        [(Speaker::Mention(0), ["", "that Kenya would not sign."]), (Speaker::Mention(2), ["Prices rose", "."]),]
    );
}

proptest! {
    #[test]
    fn speakers_of_any_text(text in "([a-zA-Z“”\"‘’.,:\n ]|said|\\PC){0,300}") {
        let sentences = segment(&text);
        let mut speeches = Speeches::new(&text, &sentences);
        let lines = lines(&text, (&sentences, 0), (&[], 0), speeches.spans());
        let sayings = speeches.attribute(&lines, &[]);
        for span in sayings.iter().flat_map(|saying| saying.said).flatten().chain(speeches.spoken().map(|(span, _)| span)) {
            prop_assert!(!span.slice(&text).is_empty());
        }
    }
}
