//! Articles as the lines and objects of formats that are one file: CoNLL, spaCy, Prodigy, Label Studio.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::marked::{Marked, Name, Stance};
use super::text::{Word, is_blank};
use crate::export::score;

/// An article in columns: token, `-X-`, place and tag, parted by spaces, an empty line behind each sentence. The place is the article's identifier,
/// [`escaped`], a colon, and the token's first code point.
pub fn conll(article: &Marked<'_>) -> String {
    let id = escaped(&article.annotation.id);
    let mut out = String::from("-DOCSTART- -X- O O\n\n");
    for sentence in &article.cut.sentences {
        for (token, tag) in article.cut.tokens[sentence.tokens.clone()].iter().zip(article.tags(&sentence.tokens)) {
            let text = token.span.slice(article.body);
            let text: Cow<'_, str> = if text.contains(is_blank) { text.replace(is_blank, "_").into() } else { text.into() };
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{text} -X- {id}:{} {tag}", token.start);
        }
        out.push('\n');
    }
    out
}

/// A name without white space and colons: each byte of theirs, of per cent signs and of control characters is written as `%` and two hexadecimal digits.
pub fn escaped(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if is_blank(c) || c.is_control() || c == '%' || c == ':' {
            c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| {
                let _ = write!(out, "%{byte:02X}");
            });
        } else {
            out.push(c);
        }
    }
    out
}

/// The name that was [`escaped`]; `None` where it is none.
pub fn unescaped(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            out.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

/// An article for spaCy, in both of its forms in one object: `paragraphs` is what `spacy convert` reads, all else what `Doc.from_json` reads, but for
/// `id` and `positions`, for which spaCy has no place: those name mentions by their numbers.
pub fn spacy(article: &Marked<'_>) -> Value {
    let words = article.words();
    let name = |name: &Name| json!({"start": name.place.start, "end": name.place.end, "label": article.kind(name)});
    let names: Vec<Value> = article.names.iter().map(name).collect();
    let spans: Vec<Value> = article
        .names
        .iter()
        .map(|name| {
            json!({"start": name.place.start, "end": name.place.end, "label": article.kind(name), "kb_id": key(article, name), "id": ""})
        })
        .collect();
    let tokens: Vec<Value> = words
        .iter()
        .enumerate()
        .map(|(id, word)| json!({"id": id, "start": word.place.start, "end": word.place.end}))
        .collect();
    let sentences: Vec<Value> = article
        .cut
        .sentences
        .iter()
        .map(|sentence| json!({"start": sentence.place.start, "end": sentence.place.end}))
        .collect();
    let stance = |stance: &Stance<'_>| json!({"actor": stance.actor, "target": stance.target, "stance": stance.evidence.stance, "score": score(stance.evidence.score)});
    let stances: Vec<Value> = article.stances.iter().map(stance).collect();
    let annotation = article.annotation;
    json!({
        "id": annotation.id,
        "paragraphs": [{"raw": article.body, "sentences": spacy_sentences(article, &words), "cats": [], "links": []}],
        "text": article.body, "tokens": tokens, "ents": names, "sents": sentences, "spans": {"mentions": spans},
        "positions": stances,
    })
}

/// The sentences of spaCy's training JSON. White space belongs to the sentence before it, that at the beginning to the first one.
fn spacy_sentences(article: &Marked<'_>, words: &[Word]) -> Vec<Value> {
    let tags: Vec<String> = article.cut.sentences.iter().flat_map(|sentence| article.tags(&sentence.tokens)).collect();
    let next = |token: usize| tags.get(token + 1).is_some_and(|tag| tag.starts_with("I-"));
    let mut sentences: Vec<Vec<Value>> = Vec::new();
    let (mut begun, mut last) = (0, None);
    for (id, word) in words.iter().enumerate() {
        last = word.token.or(last);
        let ner: Cow<'_, str> = match word.token {
            // White space inside a name is part of it.
            None => last.filter(|token| next(*token)).map_or("O".into(), |token| format!("I{}", &tags[token][1..]).into()),
            Some(token) => match tags[token].split_once('-') {
                Some(("B", kind)) if next(token) => format!("B-{kind}").into(),
                Some(("B", kind)) => format!("U-{kind}").into(),
                Some((_, kind)) if next(token) => format!("I-{kind}").into(),
                Some((_, kind)) => format!("L-{kind}").into(),
                None => "O".into(),
            },
        };
        let starts =
            article.cut.sentences.get(begun).zip(word.token).is_some_and(|(next, token)| next.tokens.start == token);
        if starts && begun > 0 || sentences.is_empty() {
            sentences.push(Vec::new());
        }
        begun += usize::from(starts);
        if let Some(last) = sentences.last_mut() {
            let space = if word.space { " " } else { "" };
            last.push(json!({"id": id, "orth": word.place.span.slice(article.body), "space": space, "ner": ner}));
        }
    }
    sentences.into_iter().map(|tokens| json!({"tokens": tokens, "brackets": []})).collect()
}

/// The key of a name's entity, the same in all articles.
fn key<'a>(article: &Marked<'a>, name: &Name) -> &'a str {
    &article.annotation.entities[article.entity(name)].key
}

/// An article as a task of Prodigy: `relations` lead from the last token of the actor to the last of the target.
pub fn prodigy(article: &Marked<'_>) -> Value {
    let words = article.words();
    let mut numbers = vec![0; article.cut.tokens.len()];
    words.iter().enumerate().for_each(|(id, word)| {
        if let Some(token) = word.token {
            numbers[token] = id;
        }
    });
    let token = |(id, word): (usize, &Word)| {
        let Word { place, space, .. } = word;
        json!({"text": place.span.slice(article.body), "start": place.start, "end": place.end, "id": id, "ws": space})
    };
    let tokens: Vec<Value> = words.iter().enumerate().map(token).collect();
    let ends = |name: &Name| (numbers[name.tokens.start], numbers[name.tokens.end - 1]);
    let span = |name: &Name| {
        let (first, last) = ends(name);
        json!({"start": name.place.start, "end": name.place.end, "token_start": first, "token_end": last, "label": article.kind(name)})
    };
    let scored = |name: &Name| {
        let mut span = span(name);
        span["score"] = article.score(name).into();
        span["entity"] = article.entity(name).into();
        span
    };
    let relation = |stance: &Stance<'_>| {
        let [actor, target] = [stance.actor, stance.target].map(|number| &article.names[number]);
        json!({"head": ends(actor).1, "child": ends(target).1, "head_span": span(actor), "child_span": span(target),
            "label": stance.evidence.stance, "score": score(stance.evidence.score)})
    };
    let annotation = article.annotation;
    json!({
        "text": article.body, "meta": {"id": annotation.id, "title": annotation.title, "outlet": annotation.outlet},
        "tokens": tokens,
        "spans": article.names.iter().map(scored).collect::<Vec<_>>(),
        "relations": article.stances.iter().map(relation).collect::<Vec<_>>(),
    })
}

/// The labelling configuration of Label Studio for [`label_studio`].
pub const LABEL_STUDIO: &str = r##"<View>
  <Style>.htx-text { white-space: pre-wrap; }</Style>
  <Header value="$title"/>
  <Labels name="mention" toName="text" showInline="true">
    <Label value="PER" background="#e377c2" hotkey="p"/>
    <Label value="ORG" background="#1f77b4" hotkey="o"/>
    <Label value="LOC" background="#2ca02c" hotkey="l"/>
    <Label value="NORP" background="#9467bd" hotkey="n"/>
    <Label value="FAC" background="#ff7f0e" hotkey="f"/>
    <Label value="MISC" background="#7f7f7f" hotkey="m"/>
  </Labels>
  <Relations>
    <Relation value="support" background="#2ca02c"/>
    <Relation value="oppose" background="#d62728"/>
    <Relation value="same" background="#7f7f7f"/>
  </Relations>
  <Text name="text" value="$text" granularity="symbol"/>
</View>
"##;

/// An article as a task of Label Studio with one prediction. Its score is the least of those in it, so that tasks can be sorted by doubt. The meta text of
/// a region tells its entity.
pub fn label_studio(article: &Marked<'_>) -> Value {
    let annotation = article.annotation;
    let region = |name: &Name| {
        let entity = &annotation.entities[article.entity(name)];
        json!({"id": format!("m{}", name.mention), "from_name": "mention", "to_name": "text", "type": "labels", "origin": "prediction",
            "value": {"start": name.place.start, "end": name.place.end, "text": name.place.span.slice(article.body),
                      "labels": [article.kind(name)]},
            "score": article.score(name), "meta": {"text": [format!("entity {}: {}", entity.id, entity.name)]}})
    };
    let relation = |stance: &Stance<'_>| {
        let id = |number: usize| format!("m{}", article.names[number].mention);
        json!({"type": "relation", "from_id": id(stance.actor), "to_id": id(stance.target), "direction": "right",
            "labels": [stance.evidence.stance], "score": score(stance.evidence.score)})
    };
    let result: Vec<Value> = article.names.iter().map(region).chain(article.stances.iter().map(relation)).collect();
    let scores = article.names.iter().map(|name| article.score(name));
    let least = scores.chain(article.stances.iter().map(|stance| score(stance.evidence.score))).fold(1.0, f64::min);
    let text = |field: &Option<Cow<'_, str>>| field.as_deref().unwrap_or_default().to_owned();
    json!({
        "data": {"text": article.body, "id": annotation.id, "title": text(&annotation.title), "published": text(&annotation.published),
                 "outlet": text(&annotation.outlet), "url": text(&annotation.url), "sha256": annotation.sha256},
        "predictions": [{"model_version": annotation.tool, "score": least, "result": result}],
    })
}
