//! A folder that Hugging Face `datasets` loads: JSON Lines in three configurations, and the card that tells their features.

use std::fmt::Write as _;
use std::io::Result;

use serde_json::{Value, json};

use super::Counts;
use super::marked::{Marked, Stance};
use crate::export::score;
use crate::mention::EntityType;

/// The configurations: whole articles, tagged sentences, rows of stance.
const CONFIGS: [&str; 3] = ["articles", "sentences", "pairs"];

/// The labels of tokens, in the order of their numbers.
fn labels() -> Vec<String> {
    let types = EntityType::ALL.iter().flat_map(|kind| ["B", "I"].map(|place| format!("{place}-{}", kind.name())));
    std::iter::once("O".to_owned()).chain(types).collect()
}

/// The file of a configuration's part.
fn file(config: &str, part: &str) -> String {
    format!("{config}/{}.jsonl", if part.is_empty() { "train" } else { part })
}

/// Adds the rows of an article to all configurations, by `append`.
pub(super) fn append(
    part: &str,
    article: &Marked<'_>,
    rows: &[Value],
    mut append: impl FnMut(&str, &str) -> Result<()>,
) -> Result<()> {
    let labels = labels();
    append(&file("articles", part), &format!("{}\n", whole(article)))?;
    for (number, sentence) in article.cut.sentences.iter().enumerate() {
        let tokens: Vec<&str> =
            article.cut.tokens[sentence.tokens.clone()].iter().map(|token| token.span.slice(article.body)).collect();
        let number_of = |tag: &String| labels.iter().position(|label| label == tag).unwrap_or(0);
        let tags: Vec<usize> = article.tags(&sentence.tokens).iter().map(number_of).collect();
        let row = json!({"doc": article.annotation.id, "sent": number, "start": sentence.place.start, "end": sentence.place.end,
            "tokens": tokens, "ner_tags": tags});
        append(&file("sentences", part), &format!("{row}\n"))?;
    }
    for row in rows {
        let field = |name: &str| row.get(name).cloned().unwrap_or(Value::Null);
        let names = [
            "doc",
            "sent",
            "text",
            "a",
            "b",
            "a_type",
            "b_type",
            "a_to_b",
            "b_to_a",
            "a_to_b_score",
            "b_to_a_score",
            "kind",
        ];
        let row: Value =
            names.iter().map(|name| ((*name).to_owned(), field(name))).collect::<serde_json::Map<_, _>>().into();
        append(&file("pairs", part), &format!("{row}\n"))?;
    }
    Ok(())
}

/// The row of an article.
fn whole(article: &Marked<'_>) -> Value {
    let annotation = article.annotation;
    let mention = |name: &super::marked::Name| {
        json!({"start": name.place.start, "end": name.place.end, "text": name.place.span.slice(article.body),
            "type": article.kind(name), "score": article.score(name), "entity": article.entity(name)})
    };
    let entity = |entity: &crate::annotation::WireEntity<'_>| json!({"id": entity.id, "name": entity.name, "type": entity.kind, "key": entity.key, "country": entity.country});
    let stance = |stance: &Stance<'_>| {
        let end = |number: usize| article.entity(&article.names[number]);
        json!({"actor": end(stance.actor), "target": end(stance.target), "actor_mention": stance.actor,
            "target_mention": stance.target, "stance": stance.evidence.stance, "score": score(stance.evidence.score),
            "kind": stance.evidence.kind})
    };
    let sentence = |sentence: &super::text::Sentence| json!({"start": sentence.place.start, "end": sentence.place.end});
    json!({
        "id": annotation.id, "title": annotation.title, "published": annotation.published, "outlet": annotation.outlet,
        "url": annotation.url, "text": article.body,
        "sentences": article.cut.sentences.iter().map(sentence).collect::<Vec<_>>(),
        "mentions": article.names.iter().map(mention).collect::<Vec<_>>(),
        "entities": annotation.entities.iter().map(entity).collect::<Vec<_>>(),
        "positions": article.stances.iter().map(stance).collect::<Vec<_>>(),
    })
}

/// The features of each configuration, as `name: type`; a type in brackets is a list of such.
const FEATURES: [&[(&str, &str)]; 3] = [
    &[
        ("id", "string"),
        ("title", "string"),
        ("published", "string"),
        ("outlet", "string"),
        ("url", "string"),
        ("text", "string"),
        ("sentences", "[start int64, end int64]"),
        ("mentions", "[start int64, end int64, text string, type string, score float64, entity int64]"),
        ("entities", "[id int64, name string, type string, key string, country string]"),
        (
            "positions",
            "[actor int64, target int64, actor_mention int64, target_mention int64, stance string, score float64, kind string]",
        ),
    ],
    &[
        ("doc", "string"),
        ("sent", "int64"),
        ("start", "int64"),
        ("end", "int64"),
        ("tokens", "[string]"),
        ("ner_tags", "labels"),
    ],
    &[
        ("doc", "string"),
        ("sent", "int64"),
        ("text", "string"),
        ("a", "[int64]"),
        ("b", "[int64]"),
        ("a_type", "string"),
        ("b_type", "string"),
        ("a_to_b", "string"),
        ("b_to_a", "string"),
        ("a_to_b_score", "float64"),
        ("b_to_a_score", "float64"),
        ("kind", "string"),
    ],
];

/// The dataset card. Parts without an article, and configurations without a row, are not named in it, as loaders fail on what is empty.
pub(super) fn card(parts: &[Counts]) -> String {
    let mut out = String::from(
        "---\nlanguage:\n- en\ntask_categories:\n- token-classification\n- text-classification\npretty_name: News with positions\n",
    );
    let mut configs = String::from("configs:\n");
    out += "dataset_info:\n";
    for (config, features) in CONFIGS.iter().zip(FEATURES) {
        let files: Vec<&Counts> = parts
            .iter()
            .filter(|counts| match *config {
                "pairs" => counts.pairs > 0,
                "sentences" => counts.sentences > 0,
                _ => counts.articles > 0,
            })
            .collect();
        if files.is_empty() {
            continue;
        }
        // Writing to a String cannot fail.
        let _ = writeln!(out, "- config_name: {config}\n  features:");
        for (name, kind) in features {
            feature(&mut out, name, kind);
        }
        let _ = writeln!(
            configs,
            "- config_name: {config}{}\n  data_files:",
            if *config == "articles" { "\n  default: true" } else { "" }
        );
        for counts in files {
            let part = if counts.part.is_empty() { "train" } else { &counts.part };
            let _ = writeln!(configs, "  - split: {part}\n    path: {}", file(config, &counts.part));
        }
    }
    out + &configs + "---\n" + &prose(parts)
}

fn feature(out: &mut String, name: &str, kind: &str) {
    let _ = writeln!(out, "  - name: {name}");
    match kind.strip_prefix('[').and_then(|kind| kind.strip_suffix(']')) {
        None if kind == "labels" => {
            *out += "    list:\n      class_label:\n        names:\n";
            for (number, label) in labels().iter().enumerate() {
                let _ = writeln!(out, "          '{number}': {label}");
            }
        }
        None => {
            let _ = writeln!(out, "    dtype: {kind}");
        }
        Some(inner) if !inner.contains(' ') => {
            let _ = writeln!(out, "    list: {inner}");
        }
        Some(inner) => {
            *out += "    list:\n";
            for (name, kind) in inner.split(", ").filter_map(|field| field.split_once(' ')) {
                let _ = writeln!(out, "    - name: {name}\n      dtype: {kind}");
            }
        }
    }
}

fn prose(parts: &[Counts]) -> String {
    let mut out = String::from(PROSE);
    out += "\n| part | articles | sentences | mentions | stances | pairs |\n| --- | --- | --- | --- | --- | --- |\n";
    for counts in parts {
        let part = if counts.part.is_empty() { "train" } else { &counts.part };
        let Counts { articles, sentences, mentions, stances, pairs, .. } = counts;
        let _ = writeln!(out, "| {part} | {articles} | {sentences} | {mentions} | {stances} | {pairs} |");
    }
    out
}

const PROSE: &str = "
# News with positions

News articles in which a program has marked names and who stands where towards whom. Written by `demarche export hf`. The labels are a model's: take
them as a first guess, and mind the scores. The texts belong to their publishers.

| configuration | a row |
| --- | --- |
| `articles` | an article: text, sentences, mentions, entities, positions |
| `sentences` | a sentence: tokens with BIO tags over PER, ORG, LOC, NORP, FAC, MISC |
| `pairs` | two names in a sentence: `a_to_b` and `b_to_a` are none, support or oppose |

`start`, `end`, `a` and `b` are half-open and count Unicode code points, as Python slices: of the article's text, in `pairs` of the sentence's.
A position's `actor` and `target` are entities; `actor_mention` and `target_mention` are places in the list of mentions.
";
