//! Crates that take the article out of a page, scored on `tests/pages/`: tokens of the body found against the gold's.
//!
//! Each runs as its own first example has it, on text that is UTF-8 already. A page on which a crate fails or panics counts 0.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Instant;

use demarche::source::{Input, Languages, Options, Records};
use dom_smoothie::{Config, Readability, TextMode};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/pages");
/// How often each page is read for the time.
const ROUNDS: u32 = 10;
/// Below it a page counts as spoilt.
const SPOILT: f64 = 0.8;

struct Page {
    name: String,
    path: PathBuf,
    html: String,
    body: String,
}

type Extractor = fn(&Page) -> Option<String>;

const EXTRACTORS: [(&str, Extractor); 13] = [
    ("demarche", demarche),
    ("dom_smoothie, formatted, 140 characters", smoothie_short),
    ("dom_smoothie", |page| {
        Some(Readability::new(page.html.as_str(), None, None).ok()?.parse().ok()?.text_content.to_string())
    }),
    ("legible", |page| Some(legible::parse(&page.html, None, None).ok()?.text_content)),
    ("libreadability", |page| Some(libreadability::extract(&page.html, None).ok()?.text_content)),
    ("readabilityrs", |page| readabilityrs::Readability::new(&page.html, None, None).ok()?.parse()?.text_content),
    ("readability-rust", |page| readability_rust::Readability::new(&page.html, None).ok()?.parse()?.text_content),
    ("readability", |page| Some(readability::extractor::extract(&mut page.html.as_bytes(), &address()?).ok()?.text)),
    ("llm_readability", |page| Some(llm_readability::extractor::extract(&mut page.html.as_bytes(), &address()?).ok()?.text)),
    ("trafilatura", |page| Some(trafilatura::extract(&page.html, &trafilatura::Options::default()).ok()?.content_text)),
    ("rs-trafilatura", |page| Some(rs_trafilatura::extract(&page.html).ok()?.content_text)),
    ("dom-content-extraction, content", |page| dom_content_extraction::get_content(&tree(page)).ok()),
    ("dom-content-extraction, article", |page| dom_content_extraction::get_article(&tree(page)).ok()),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let asked = std::env::args().nth(1);
    let pages = pages()?;
    std::panic::set_hook(Box::new(|_| {}));
    println!("| extractor | F1 | precision | recall | least F1 | below {SPOILT} | ms a page |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for (name, extract) in EXTRACTORS {
        if asked.as_ref().is_some_and(|asked| asked != name) {
            continue;
        }
        let scores: Vec<Score> = pages.iter().map(|page| score(&found(extract, page), &page.body)).collect();
        let mean = |part: fn(&Score) -> f64| scores.iter().map(part).sum::<f64>() / scores.len() as f64;
        let least = scores.iter().map(|score| score.f1).fold(1.0, f64::min);
        let spoilt = scores.iter().filter(|score| score.f1 < SPOILT).count();
        let start = Instant::now();
        for page in pages.iter().cycle().take(pages.len() * ROUNDS as usize) {
            std::hint::black_box(found(extract, page));
        }
        let each = start.elapsed().as_secs_f64() * 1e3 / f64::from(ROUNDS) / pages.len() as f64;
        let (f1, precision, recall) = (mean(|score| score.f1), mean(|score| score.precision), mean(|score| score.recall));
        println!("| {name} | {f1:.4} | {precision:.4} | {recall:.4} | {least:.2} | {spoilt} | {each:.2} |");
        if asked.is_some() {
            for (page, score) in pages.iter().zip(&scores) {
                println!("{:16} {:.4} {:.4} {:.4}", page.name, score.f1, score.precision, score.recall);
            }
        }
    }
    Ok(())
}

fn pages() -> Result<Vec<Page>, Box<dyn std::error::Error>> {
    let mut pages = Vec::new();
    for file in Path::new(FOLDER).read_dir()? {
        let path = file?.path();
        if path.extension().is_some_and(|extension| extension == "html") {
            let bytes = std::fs::read(&path)?;
            let html = match String::from_utf8(bytes) {
                Ok(html) => html,
                Err(bytes) => encoding_rs::WINDOWS_1252.decode(bytes.as_bytes()).0.into_owned(),
            };
            let gold = std::fs::read_to_string(path.with_extension("txt"))?;
            let body = gold.split_once("\n\n").ok_or("a gold without a body")?.1.to_owned();
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            pages.push(Page { name, path, html, body });
        }
    }
    pages.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(pages)
}

fn found(extract: Extractor, page: &Page) -> String {
    catch_unwind(AssertUnwindSafe(|| extract(page))).ok().flatten().unwrap_or_default()
}

fn demarche(page: &Page) -> Option<String> {
    let input = Input::file(page.path.clone());
    let options = Options { max_article_chars: 1_000_000, languages: Languages::English, ..Options::default() };
    Some(Records::new(vec![input], options).next()?.ok()?.body)
}

fn smoothie_short(page: &Page) -> Option<String> {
    let config = Config { text_mode: TextMode::Formatted, char_threshold: 140, ..Config::default() };
    Some(Readability::new(page.html.as_str(), None, Some(config)).ok()?.parse().ok()?.text_content.to_string())
}

fn address() -> Option<url::Url> {
    url::Url::parse("https://news.example/story").ok()
}

fn tree(page: &Page) -> dom_content_extraction::scraper::Html {
    dom_content_extraction::scraper::Html::parse_document(&page.html)
}

struct Score {
    precision: f64,
    recall: f64,
    f1: f64,
}

/// Shares of tokens in common, each as often as it stands in both.
fn score(found: &str, gold: &str) -> Score {
    let (found, gold) = (tokens(found), tokens(gold));
    let common: usize = found.iter().map(|(token, count)| gold.get(token).map_or(0, |other| *count.min(other))).sum();
    let share = |of: &BTreeMap<String, usize>| common as f64 / of.values().sum::<usize>().max(1) as f64;
    let (precision, recall) = (share(&found), share(&gold));
    let f1 = if common == 0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) };
    Score { precision, recall, f1 }
}

fn tokens(text: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for token in text.split(|c: char| !c.is_alphanumeric()).filter(|token| !token.is_empty()) {
        *counts.entry(token.to_lowercase()).or_default() += 1;
    }
    counts
}
