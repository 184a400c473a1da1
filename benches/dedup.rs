//! Memory, speed and sureness of the telling of duplicates, by simulation.
//!
//! `cargo bench --bench dedup` streams 10,000 synthetic articles of some 3.5 KB; `-- 1000000` a million. One article in ten repeats an
//! earlier one with a known Jaccard similarity of its shingles. Linux only, as memory is read from `/proc`.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::{Duration, Instant};

use demarche::article::{Article, Place};
use demarche::memory;
use demarche::source::dedup::{Dedup, Seen};

/// The words of an article, and how many of them stand in a shingle.
const WORDS: usize = 560;
const SHINGLE: usize = 3;
/// The similarities of planted copies, in hundredths.
const PLANTED: [u64; 10] = [30, 50, 60, 70, 75, 80, 85, 90, 95, 100];

fn main() -> std::io::Result<()> {
    // Cargo hands a bench `--bench`; the number is the only argument of its own.
    let articles = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(10_000);
    let only = std::env::args().find(|argument| ["exact", "near"].contains(&argument.as_str()));
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let mut out = std::io::stdout().lock();
    let cases = [("exact", Dedup::Exact), ("near", Dedup::Near { threshold: Dedup::THRESHOLD })];
    for (name, dedup) in cases.into_iter().filter(|(name, _)| wanted(name)) {
        let tally = stream(dedup, articles);
        writeln!(
            out,
            "{name}: {articles} articles, {} first; {:.0} articles/s; \
             {:.1} MB more resident, {:.0} bytes a first article, peak {:.1} MB; {} of other articles",
            tally.firsts,
            articles as f64 / tally.spent.as_secs_f64(),
            tally.resident as f64 / 1e6,
            tally.resident as f64 / tally.firsts as f64,
            tally.peak as f64 / 1e6,
            tally.wrong,
        )?;
        for (similarity, (told, of)) in &tally.planted {
            writeln!(out, "    similarity {similarity:3} %: {told} of {of} told, {:.4}", *told as f64 / *of as f64)?;
        }
    }
    Ok(())
}

/// What came of a stream.
#[derive(Default)]
struct Tally {
    firsts: u64,
    /// Articles said to repeat one that they were not made from.
    wrong: u64,
    /// By similarity, how many planted copies were told, and of how many.
    planted: BTreeMap<u64, (u64, u64)>,
    spent: Duration,
    /// Bytes that came to be resident, and the most above the start.
    resident: u64,
    peak: u64,
}

fn stream(dedup: Dedup, articles: u64) -> Tally {
    let mut tally = Tally::default();
    let _ = std::fs::write("/proc/self/clear_refs", "5"); // the peak begins anew
    let before = memory::resident().unwrap_or_default();
    let mut seen = Seen::new(dedup);
    for number in 0..articles {
        let planted = plan(number);
        let body = planted.map_or_else(|| body(number, number, 0), |(of, similarity)| body(of, number, shared(similarity)));
        let article = article(number, body);
        let start = Instant::now();
        let original = seen.original(&article);
        tally.spent += start.elapsed();
        tally.firsts += u64::from(original.is_none());
        // Another copy may be named that was too unlike the same article to be told.
        let named = original.and_then(|id| id.rsplit('/').next()?.parse().ok());
        let source = |number| plan(number).map_or(number, |(of, _)| of);
        let right = planted.is_some_and(|(of, _)| named.is_some_and(|named| source(named) == of));
        tally.wrong += u64::from(original.is_some() && !right);
        if let Some((_, similarity)) = planted {
            let (told, of) = tally.planted.entry(similarity).or_default();
            *told += u64::from(right);
            *of += 1;
        }
    }
    tally.resident = memory::resident().unwrap_or_default().saturating_sub(before);
    tally.peak = memory::peak().unwrap_or_default().saturating_sub(before);
    tally
}

/// Which article a tenth one repeats, always one before it that is none of the tenth, and with what similarity.
fn plan(number: u64) -> Option<(u64, u64)> {
    let of = (number % 10 == 9).then(|| draw(number) % number)?;
    Some((of - u64::from(of % 10 == 9), PLANTED[draw(!number) as usize % PLANTED.len()]))
}

/// An identifier of 40 bytes.
fn name(number: u64) -> String {
    format!("https://news.example/articles/{number:010}")
}

fn article(number: u64, body: String) -> Article {
    let place = Place { path: String::new(), record: number, offset: None };
    Article { id: name(number), title: None, body, published: None, outlet: None, url: None, place }
}

/// How many words two articles share at their beginning that are as similar as this: of `n` shingles each, `c` in both and the rest
/// in one, the similarity is `c / (2n - c)`.
fn shared(similarity: u64) -> usize {
    let similarity = similarity as f64 / 100.0;
    let shingles = 2.0 * (WORDS - SHINGLE + 1) as f64 * similarity / (1.0 + similarity);
    shingles.round() as usize + SHINGLE - 1
}

/// The first words of article `of`, then those of article `number`.
fn body(of: u64, number: u64, first: usize) -> String {
    let mut text = String::with_capacity(8 * WORDS);
    for at in 0..WORDS {
        let author = if at < first { of } else { number };
        let drawn = draw(author << 16 | at as u64);
        // The smaller, the commoner, as words are.
        let word = (drawn % 20_000) * (drawn >> 32) / (1 << 32);
        let letters = |mut left: u64| {
            std::iter::from_fn(move || {
                let letter = b'a' + (left % 26) as u8;
                left /= 26;
                (left > 0).then_some(char::from(letter))
            })
        };
        text.extend(letters(draw(word) >> (24 + word % 20)));
        text.push_str(if at % 17 == 16 { ".\n" } else { " " });
    }
    text
}

/// A number that looks random (`SplitMix64`).
const fn draw(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
