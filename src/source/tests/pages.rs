//! Saved pages of many layouts (`tests/pages/`) against what a careful reader takes out of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use super::*;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pages");

fn tokens(text: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for token in text.split(|c: char| !c.is_alphanumeric()).filter(|token| !token.is_empty()) {
        *counts.entry(token.to_lowercase()).or_default() += 1;
    }
    counts
}

/// F1 of tokens, each as often as it stands in both.
fn f1(found: &str, gold: &str) -> f64 {
    let (found, gold) = (tokens(found), tokens(gold));
    let common: usize = found.iter().map(|(token, count)| gold.get(token).map_or(0, |other| *count.min(other))).sum();
    2.0 * common as f64 / (found.values().sum::<usize>() + gold.values().sum::<usize>()).max(1) as f64
}

#[test]
fn pages_give_their_articles_and_little_else() {
    let mut scores = Vec::new();
    let mut titles = 0;
    for file in Path::new(FOLDER).read_dir().unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "html") {
            continue;
        }
        let gold = std::fs::read_to_string(path.with_extension("txt")).unwrap();
        let (title, body) = gold.split_once("\n\n").unwrap();
        let options = Options { max_article_chars: 100_000, ..options() };
        let inputs = discover(&[path.to_string_lossy().into_owned()], &[]).unwrap();
        let article = Records::new(inputs, options).next().unwrap().unwrap_or_else(|reject| panic!("{}", reject.message));
        titles += usize::from(article.title.as_deref() == Some(title));
        scores.push((f1(&article.body, body), article.id));
    }
    scores.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mean = scores.iter().map(|(score, _)| score).sum::<f64>() / scores.len() as f64;
    assert!(scores.len() >= 40 && mean >= 0.93, "{mean:.4} on {} pages, the worst: {:?}", scores.len(), &scores[..5]);
    assert!(scores[0].0 >= 0.85, "{:?}", scores[0]);
    assert!(10 * titles >= 9 * scores.len(), "{titles} titles of {}", scores.len());
}

#[test]
fn names_inside_a_paragraph_are_part_of_it() {
    let long = "and it said so in a long note that it handed out to all who had come to the harbour that morning.";
    let page = format!(
        "<title>Malta blames the line</title><h1>Malta blames the line</h1><div><p><span class='dateline'>VALLETTA</span> - \
         <a class='meta-org' href='/t'>Malta</a> blamed the <span class='author'>line</span>, {long}</p><p class='caption'>A boat</p>\
         <p><a href='/1'>Sicily</a>, <a href='/2'>Tunisia</a> and <a href='/3'>Libya</a> agreed, {long}</p>\
         <p>Read more: <a href='/4'>Ten walks in Gozo</a></p></div>"
    );
    let article = read("malta.html", page.as_bytes()).remove(0).unwrap();
    assert_eq!(article.title.as_deref(), Some("Malta blames the line"));
    assert_eq!(
        article.body,
        format!("VALLETTA - Malta blamed the line, {long}\n\nSicily, Tunisia and Libya agreed, {long}")
    );
}

/// What is done for every element may not look at all the others.
#[test]
fn pages_made_to_be_slow_are_not() {
    let spans = "<span class=meta><a href=x></a></span>".repeat(10_000);
    let nested = format!("{}{}", "<div class=meta>".repeat(400), "<h2>a b<li>c".repeat(5_000));
    let articles = "<article><h1>One</h1><p>Two three".repeat(150);
    for page in [
        format!("<p>{spans}"),
        format!("<title>a b c</title>{nested}"),
        articles,
        "a<br>".repeat(20_000),
        "one two three four five.<p>".repeat(20_000),
    ] {
        let start = Instant::now();
        drop(read("slow.html", page.as_bytes()));
        assert!(start.elapsed() < Duration::from_mins(1), "{:?}: {}", start.elapsed(), &page[..40]);
    }
}
