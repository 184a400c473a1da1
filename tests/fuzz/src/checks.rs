//! What must hold for any input. The fuzz targets and the tests on their found cases (`tests/fuzz_cases.rs`) both call these.

use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use demarche::annotation::{Annotation, Parts};
use demarche::article::{Article, Place};
use demarche::engine::encode::Encoder;
use demarche::engine::{Batch, Curve, Engine, EngineError, LABELS, ModelId, Models, Pair, Reading, STANCES, StanceLogits};
use demarche::pipeline::{Findings, Pipeline};
use demarche::position::Keep;
use demarche::roll_up::RollUp;
use demarche::segment::segment;
use demarche::settings::IncludeText;
use demarche::source::{Charset, Input, Languages, Options, Reason, Records, Reject};
use demarche::span::Span;

/// The most characters of an article, so small that a fuzzer gets beyond it.
const MAX_CHARS: usize = 2_000;

/// The most records that are looked at: a dictionary makes many of a few bytes.
const RECORDS: usize = 5_000;

/// A check: it panics where something does not hold.
pub type Check = fn(&[u8]);

/// The formats by the names of their targets, with a file's name that tells them.
const FORMATS: [(&str, &str); 11] = [
    ("text", "a.txt"),
    ("lines", "a.jsonl"),
    ("json", "a.json"),
    ("table", "a.csv"),
    ("parquet", "a.parquet"),
    ("html", "a.html"),
    ("warc", "a.warc"),
    ("xml", "a.xml"),
    ("tar", "a.tar"),
    ("zip", "a.zip"),
    // Neither format nor compression is told but by the bytes.
    ("decode", "a"),
];

/// All checks by the names of their targets.
pub const CHECKS: &[(&str, Check)] = &[
    ("text", |bytes| source("text", bytes)),
    ("lines", |bytes| source("lines", bytes)),
    ("json", |bytes| source("json", bytes)),
    ("table", |bytes| source("table", bytes)),
    ("parquet", |bytes| source("parquet", bytes)),
    ("html", |bytes| source("html", bytes)),
    ("warc", |bytes| source("warc", bytes)),
    ("xml", |bytes| source("xml", bytes)),
    ("tar", |bytes| source("tar", bytes)),
    ("zip", |bytes| source("zip", bytes)),
    ("decode", |bytes| source("decode", bytes)),
    ("charset", charset),
    ("segment", |bytes| segments(&String::from_utf8_lossy(bytes))),
    ("bio", bio),
    ("swell", |bytes| {
        if let Some((name, swollen)) = swollen(bytes, SWOLLEN) {
            read_through(name, swollen);
        }
    }),
];

/// The name of a file that a target reads, if it reads one.
pub fn name(target: &str) -> Option<&'static str> {
    FORMATS.iter().find(|(known, _)| *known == target).map(|(_, name)| *name)
}

/// The processor time that something takes, where the system tells it, so that a busy machine does not count; else the time.
pub fn processor_time(what: impl FnOnce()) -> Duration {
    let told = || {
        let line = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        line.split(' ').next()?.parse().ok().map(Duration::from_nanos).filter(|time| !time.is_zero())
    };
    let (before, start) = (told(), Instant::now());
    what();
    let passed = start.elapsed();
    before.and_then(|before| told()?.checked_sub(before)).unwrap_or(passed)
}

/// The check of a target.
pub fn check(target: &str) -> Option<Check> {
    CHECKS.iter().find(|(name, _)| *name == target).map(|(_, check)| *check)
}

fn options(languages: Languages, encoding: Option<Charset>) -> Options {
    Options { max_article_chars: MAX_CHARS, encoding, languages, ..Options::default() }
}

/// Reads bytes in the format of a target.
fn source(target: &str, bytes: &[u8]) {
    file(name(target).expect("the target is in FORMATS"), bytes);
}

/// Reads bytes as a file of that name with the settings of the program, and looks at nothing.
pub fn read_through(name: &str, bytes: Vec<u8>) {
    let options = Options { max_article_chars: 1_000_000, ..options(Languages::English, None) };
    Records::new(vec![Input::memory(name, bytes)], options).for_each(drop);
}

/// Reads bytes as a file of that name, whose extension tells the format.
fn file(name: &str, bytes: &[u8]) {
    let read = records(name, bytes, &options(Languages::Any, None));
    assert_eq!(read, records(name, bytes, &options(Languages::Any, None)), "read again, it is another");
    // Articles in other languages become rejects in their places, and nothing else changes. Telling a language is slow, so that is
    // asked of one format.
    if std::path::Path::new(name).extension().is_some_and(|extension| extension == "txt") {
        let english = records(name, bytes, &options(Languages::English, None));
        assert_eq!(read.len(), english.len());
        let foreign = |record: &Result<Article, Reject>| record.as_ref().is_err_and(|it| it.reason == Reason::Language);
        assert!(read.iter().zip(&english).all(|(any, english)| any == english || foreign(english)));
    }
}

/// The first byte names an encoding and a format for the rest.
fn charset(bytes: &[u8]) {
    const LABELS: [&str; 12] = [
        "utf-8",
        "windows-1252",
        "utf-16le",
        "utf-16be",
        "shift_jis",
        "iso-2022-jp",
        "gb18030",
        "big5",
        "euc-kr",
        "koi8-r",
        "x-user-defined",
        "replacement",
    ];
    const NAMES: [&str; 5] = ["a.txt", "a.jsonl", "a.csv", "a.html", "a.xml"];
    let Some((choice, rest)) = bytes.split_first() else { return };
    let choice = usize::from(*choice);
    let options = options(Languages::Any, Charset::of(LABELS[choice % LABELS.len()]));
    let name = NAMES[choice / LABELS.len() % NAMES.len()];
    assert_eq!(records(name, rest, &options), records(name, rest, &options), "read again, it is another");
}

/// All that is read of a file, each record looked at.
fn records(name: &str, bytes: &[u8], options: &Options) -> Vec<Result<Article, Reject>> {
    let mut records = Records::new(vec![Input::memory(name, bytes.to_vec())], options.clone());
    let consumed = records.consumed();
    let read: Vec<_> = records.by_ref().take(RECORDS).collect();
    assert!(read.len() == RECORDS || records.next().is_none(), "more behind the end");
    // Of a zip, members and table of contents are read where they stand, which may be the same place.
    assert!(
        consumed.bytes() <= bytes.len() as u64 || bytes.starts_with(b"PK") || name == "a.zip",
        "more was read than there is"
    );
    let mut last = None;
    for record in &read {
        let place = match record {
            Ok(article) => sound(article, options),
            Err(reject) => told(reject),
        };
        if place.path != name {
            // Members of an archive may have one name, and are numbered each by itself.
            assert!(place.path.strip_prefix(name).is_some_and(|rest| rest.starts_with("!/")), "{}", place.path);
            continue;
        }
        assert!(last.is_none_or(|last| last < place.record), "records {last:?} and {} are not in order", place.record);
        last = Some(place.record);
    }
    read
}

fn sound<'a>(article: &'a Article, options: &Options) -> &'a Place {
    let body = &article.body;
    assert!(!body.trim().is_empty(), "an empty body");
    assert!(!body.contains('\0'), "a NUL in a body");
    assert!(body.chars().count() <= options.max_article_chars, "a body too long");
    &article.place
}

fn told(reject: &Reject) -> &Place {
    let place = &reject.place;
    assert!(reject.message.starts_with(&format!("{}, record {}: ", place.path, place.record)), "{}", reject.message);
    // The crate `parquet` panics on some damage. That is caught, and costs the rest of the file.
    let parquet = [".parquet", ".pq"].iter().any(|extension| place.path.to_lowercase().contains(extension));
    assert!(reject.reason != Reason::Internal || parquet, "a reader panicked: {}", reject.message);
    place
}

/// The bytes that a swollen input has.
pub const SWOLLEN: usize = 512 * 1024;

/// An input that is made long by its middle, which is what takes a parser whose time grows with the square of something: the first
/// three bytes say the format and which part of the rest is repeated up to `size` bytes. `None` where there is nothing to repeat.
pub fn swollen(bytes: &[u8], size: usize) -> Option<(&'static str, Vec<u8>)> {
    const NAMES: [&str; 7] = ["a.html", "a.xml", "a.warc", "a.csv", "a.jsonl", "a.json", "a.txt"];
    let (&[format, from, length], rest) = bytes.split_first_chunk()?;
    let (before, unit) = rest.split_at_checked(usize::from(from))?;
    let (unit, behind) = unit.split_at_checked(usize::from(length))?;
    if unit.is_empty() {
        return None;
    }
    let times = size.saturating_sub(before.len() + behind.len()) / unit.len();
    Some((NAMES[usize::from(format) % NAMES.len()], [before, &unit.repeat(times), behind].concat()))
}

/// Sentences and tokens are in order, do not overlap, and cover all text but white space.
pub fn segments(body: &str) {
    let mut at = 0;
    for sentence in segment(body) {
        assert!(!sentence.tokens.is_empty() && sentence.span.start == sentence.tokens[0].start);
        for token in &sentence.tokens {
            assert!(at <= token.start && token.start < token.end && sentence.span.contains(*token));
            assert!(body[at..token.start].chars().all(char::is_whitespace), "lost text");
            assert!(body.is_char_boundary(token.end));
            at = token.end;
        }
        assert_eq!(at, sentence.span.end);
    }
    assert!(body[at..].chars().all(char::is_whitespace), "lost text");
}

/// An engine whose answers are bytes: what a model that has gone mad might say.
struct Mad(Models);

/// What it says: the first byte tells which kinds of numbers there are, the rest are answers in turn.
static ANSWERS: Mutex<Vec<u8>> = Mutex::new(Vec::new());

impl Mad {
    fn new() -> Self {
        let id = |name: &str| ModelId { name: name.to_owned(), sha256: "0".repeat(64) };
        Self(Models {
            tagger: id("tagger"),
            judge: id("judge"),
            tagger_temperature: 1.5,
            judge_temperature: 0.95,
            none_weight: 0.5,
            stance_curve: Curve::EVEN,
        })
    }

    /// Some numbers. The few bytes are used again and again, each round beside other ones.
    fn logits(count: usize) -> Vec<f32> {
        let answers = ANSWERS.lock().unwrap_or_else(PoisonError::into_inner);
        let (kinds, rest) = answers.split_first().unwrap_or((&0, &[]));
        let logit = |place: usize| match rest.get((place + place / rest.len().max(1) * 7) % rest.len().max(1)).copied() {
            None => 0.0,
            Some(byte @ 250..) if kinds & 1 == 1 => {
                [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, -0.0][usize::from(byte - 250)]
            }
            Some(byte) if kinds & 2 == 2 => (f32::from(byte) - 128.0) * 1e3,
            Some(byte) => (f32::from(byte) - 128.0) / 8.0,
        };
        (0..count).map(logit).collect()
    }
}

/// The width of the states that the net of references reads.
const STATES: usize = 384;

impl Engine for Mad {
    fn models(&self) -> &Models {
        &self.0
    }

    fn read(&self, batch: &Batch) -> Result<Reading, EngineError> {
        Ok(Reading {
            labels: Self::logits(batch.ids.len() * LABELS),
            states: vec![0.1; batch.ids.len() * STATES],
            tops: vec![0.2; batch.ids.len() * STATES],
        })
    }

    fn compare(&self, batch: &Batch, _: &Reading, pairs: &[Pair]) -> Result<Vec<StanceLogits>, EngineError> {
        for pair in pairs {
            let row = batch.row(pair.row).len();
            for [first, last] in [pair.seen, pair.first, pair.second] {
                assert!(0 < first && first <= last && last + 1 < row, "{pair:?} in a row of {row}");
                assert!(pair.seen[0] <= first && last <= pair.seen[1], "{pair:?}");
            }
        }
        let logits = Self::logits(pairs.len() * 2 * STANCES);
        Ok(logits.as_chunks().0.as_chunks().0.to_vec())
    }
}

/// The whole line on made-up answers: a text, a zero byte, and the answers behind it.
fn bio(bytes: &[u8]) {
    static TOKENIZER: &[u8] = include_bytes!("../../../models/tokenizer.json");
    // One for all inputs, as the tokenizer takes long to read.
    static PIPELINE: LazyLock<Mutex<Pipeline>> = LazyLock::new(|| {
        let encoder = Encoder::new(TOKENIZER).expect("the tokenizer is whole");
        Mutex::new(
            Pipeline::new(Box::new(Mad::new()), encoder, Keep::All)
                .expect("the net is whole")
                .rolling_up(Some(RollUp::Country)),
        )
    });
    let pipeline = PIPELINE.lock().unwrap_or_else(PoisonError::into_inner);
    let at = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let (text, answers) = bytes.split_at(at);
    *ANSWERS.lock().unwrap_or_else(PoisonError::into_inner) = answers.get(1..).unwrap_or_default().to_vec();
    let body = String::from_utf8_lossy(text).into_owned();
    let place = Place { path: "a.txt".to_owned(), record: 0, offset: None };
    let article = Article { id: "a".to_owned(), title: None, body, published: None, outlet: None, url: None, place };
    let found = pipeline.annotate(&article).expect("no engine error was made up");
    assert!(found == pipeline.annotate(&article).expect("no engine error was made up"), "annotated again, it is another");
    findings(&article.body, &found);
    let parts = Parts {
        article: &article,
        sentences: &found.sentences,
        mentions: &found.mentions,
        entities: &found.entities,
        references: &found.references,
        quotes: &found.quotes,
        positions: &found.positions,
        roll_up: found.roll_up.as_deref(),
        models: pipeline.models(),
        include: IncludeText::Yes,
        duplicate_of: None,
        watch: None,
        resolver: pipeline.resolver(),
        claims: None,
    };
    let record = serde_json::to_string(&Annotation::new(&parts)).expect("a record can be written");
    let back: Annotation<'_> = serde_json::from_str(&record).expect("a record can be read");
    assert_eq!(serde_json::to_string(&back).expect("and written"), record);
}

/// Mentions lie inside their sentences, in order, from token to token; entities share them out; scores are probabilities.
fn findings(body: &str, found: &Findings) {
    let probability = |score: f32| assert!((0.0..=1.0).contains(&score), "a score of {score}");
    let mut last = Span::new(0, 0);
    for mention in &found.mentions {
        let sentence = &found.sentences[mention.sentence];
        assert!(last.end <= mention.span.start && mention.span.start < mention.span.end, "mentions overlap");
        assert!(!mention.span.slice(body).is_empty(), "a mention off the boundaries of characters");
        assert!(sentence.tokens.iter().any(|token| token.start == mention.span.start));
        assert!(sentence.tokens.iter().any(|token| token.end == mention.span.end));
        probability(mention.score);
        last = mention.span;
    }
    let mut owned: Vec<usize> = found.entities.iter().flat_map(|entity| entity.mentions.iter().copied()).collect();
    owned.sort_unstable();
    assert_eq!(owned, (0..found.mentions.len()).collect::<Vec<_>>(), "every mention is of one entity");
    assert!(found.entities.iter().all(|entity| !entity.name.is_empty()));
    let mut last = Span::new(0, 0);
    for reference in &found.references {
        assert!(last.start <= reference.span.start && !reference.span.slice(body).is_empty(), "references in order");
        assert!(found.sentences[reference.sentence].span.contains(reference.span), "a reference in one sentence");
        assert!(found.mentions[reference.mention].sentence <= reference.sentence, "an antecedent in a later sentence");
        let overlaps = found.mentions.partition_point(|mention| mention.span.end <= reference.span.start);
        let overlaps = found.mentions.get(overlaps).is_some_and(|mention| mention.span.overlaps(reference.span));
        assert!(!overlaps, "a reference that is a mention");
        probability(reference.score);
        last = reference.span;
    }
    let mut at = 0;
    for quote in &found.quotes {
        assert!(at <= quote.span.start && !quote.span.slice(body).is_empty() && quote.speaker < found.mentions.len());
        at = quote.span.end;
    }
    let mut pairs: Vec<_> = found.positions.iter().map(|position| (position.actor, position.target)).collect();
    for position in &found.positions {
        assert!(position.actor != position.target && !position.evidence.is_empty());
        probability(position.score);
        for told in &position.evidence {
            let [actor, target] = [told.actor_mention, told.target_mention];
            assert!(found.entities[position.actor].mentions.contains(&actor));
            assert!(found.entities[position.target].mentions.contains(&target));
            for (mention, reference) in [actor, target].into_iter().zip(told.references) {
                let stands = match reference {
                    None => found.mentions[mention].sentence,
                    Some(reference) => {
                        assert_eq!(found.references[reference].mention, mention);
                        found.references[reference].sentence
                    }
                };
                assert_eq!(stands, told.sentence);
            }
            assert!(told.quote.is_none_or(|span| found.quotes.iter().any(|quote| quote.span == span)));
            probability(told.score);
        }
    }
    assert!(pairs.is_sorted());
    pairs.dedup();
    assert_eq!(pairs.len(), found.positions.len(), "two positions of one actor and target");
}
