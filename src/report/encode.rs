//! The data of the page: bounded in every part, so that no archive makes a page of more than ten megabytes.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use chrono::{Datelike, Days, NaiveDate};
use serde::Serialize;

use super::gather::{BANDS, Cell, Gather, Shown, Source, cut, kinds};
use super::html::base64;
use super::survey::Entity;
use crate::identity::TOOL;
use crate::mention::EntityType;

/// The most bytes of cells, which are a third more in base64: about 450,000 cells.
const CELLS: usize = 2_800_000;
/// The most bytes of names and keys of entities.
const NAMES: usize = 1_200_000;
/// The most bytes of evidence, its articles included.
const EVIDENCE: usize = 3_400_000;
/// Of what the coarsest detail would hold, what a finer one must: else it is given up.
const ENOUGH: f64 = 0.7;

/// How exact the cells are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Detail {
    grain: Grain,
    /// How many outlets are shown by name.
    outlets: usize,
    /// How many bands of score are one.
    bands: u16,
}

/// From the finest to the coarsest: what readers miss least is given up first.
const DETAILS: [Detail; 7] = [
    Detail { grain: Grain::Day, outlets: 250, bands: 1 },
    Detail { grain: Grain::Week, outlets: 250, bands: 1 },
    Detail { grain: Grain::Week, outlets: 60, bands: 1 },
    Detail { grain: Grain::Week, outlets: 60, bands: 2 },
    Detail { grain: Grain::Month, outlets: 30, bands: 2 },
    Detail { grain: Grain::Month, outlets: 10, bands: 2 },
    Detail { grain: Grain::Year, outlets: 10, bands: 2 },
];

impl Detail {
    /// The cell that a cell lies in. Of `known` outlets those beyond the named ones are one.
    fn of(self, cell: Cell, known: usize) -> Cell {
        let outlet = if usize::from(cell.outlet) <= self.outlets { cell.outlet } else { self.outlets.min(known) as u16 + 1 };
        let band = cell.code % BANDS;
        Cell { pair: cell.pair, day: cell.day.map(|day| self.grain.start(day)), outlet, code: cell.code - band % self.bands }
    }
}

/// How exact the dates of the cells are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Grain {
    Day,
    Week,
    Month,
    Year,
}

impl Grain {
    /// The first day of what a day lies in. Weeks begin on Monday.
    fn start(self, day: i32) -> i32 {
        let epoch = NaiveDate::default();
        let date = if day < 0 {
            epoch.checked_sub_days(Days::new(u64::from(day.unsigned_abs())))
        } else {
            epoch.checked_add_days(Days::new(u64::from(day.unsigned_abs())))
        };
        let Some(date) = date else { return day };
        match self {
            Self::Day => day,
            Self::Week => day - date.weekday().num_days_from_monday().cast_signed(),
            Self::Month => day - date.day0().cast_signed(),
            Self::Year => day - date.ordinal0().cast_signed(),
        }
    }
}

#[derive(Serialize)]
struct Data<'a> {
    title: &'a str,
    tool: &'a str,
    articles: u64,
    duplicates: u64,
    dated: u64,
    support: u64,
    oppose: u64,
    /// The first and the last day, from 1 January 1970.
    days: Option<(i32, i32)>,
    grain: Grain,
    bands: u16,
    /// How many bands are one: the steps of the filter of scores.
    score_step: u16,
    kinds: Vec<&'a str>,
    types: Vec<&'a str>,
    /// 0 is not told; one more than there are names is all others.
    outlets: Vec<String>,
    outlets_in_all: u64,
    things: Things,
    pairs: Pairs,
    /// In base64 (`Cells`).
    cells: String,
    /// Title, address or 0, outlet, day from the first day or -1.
    sources: Vec<(String, Address, u16, i32)>,
    evidence: Vec<Evidence>,
    /// Whether evidence is told by its sentences, or for want of them by its mentions alone.
    sentences: bool,
}

/// Entities, by columns.
#[derive(Default, Serialize)]
struct Things {
    name: Vec<String>,
    key: Vec<String>,
    /// The number of the type.
    kind: Vec<u8>,
    /// 1 where it is a country.
    country: Vec<u8>,
}

/// Pairs, by columns.
#[derive(Default, Serialize)]
struct Pairs {
    actor: Vec<u32>,
    target: Vec<u32>,
    /// How many cells each has.
    cells: Vec<u32>,
}

/// The cells, in the order of their pairs: of each, days since the cell of its pair before it (of the first, one more than the days from the first
/// day; 0 is without a date), outlet, code and number of positions. Numbers stand in groups of seven bits, the lowest first, all but the last of a
/// number with the eighth bit set. Six bytes a cell, where plain JSON has sixteen.
#[derive(Default)]
struct Cells(Vec<u8>);

impl Cells {
    fn push(&mut self, numbers: [u32; 4]) {
        for mut number in numbers {
            while number >= 128 {
                self.0.push((number & 127 | 128) as u8);
                number >>= 7;
            }
            self.0.push(number as u8);
        }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Address {
    None(u8),
    Web(String),
}

/// Pair, flags (1 oppose, 2 changed, 4 quote), kind, score and surety of the sentence in thousandths, article, then marks and texts in turn.
#[derive(Serialize)]
struct Evidence(u32, u8, u16, u16, u16, u32, Vec<Piece>);

#[derive(Serialize)]
#[serde(untagged)]
enum Piece {
    Mark(u8),
    Text(String),
}

/// What was gathered, as JSON that may stand in a page.
pub(super) fn encode(gathered: &Gather, title: &str) -> serde_json::Result<String> {
    let (detail, cells) = fold(&gathered.cells, gathered.outlets.len());
    let grain = detail.grain;
    let fit = fitting(gathered, &cells);
    let mut things = Things::default();
    let mut numbers: BTreeMap<u32, u32> = BTreeMap::new();
    let mut pairs = Pairs::default();
    let shown = &gathered.pairs[..fit];
    for (actor, target) in shown {
        let mut number =
            |entity: u32| *numbers.entry(entity).or_insert_with(|| things.push(&gathered.entities[entity as usize]));
        pairs.actor.push(number(*actor));
        pairs.target.push(number(*target));
        pairs.cells.push(0);
    }
    let origin = gathered.totals.days.map_or(0, |(first, _)| grain.start(first));
    let coded = coded(&cells, fit, origin, &mut pairs.cells);
    let named = detail.outlets.min(gathered.outlets.len()) as u16;
    let (evidence, sources) = evidence(gathered, fit as u32, origin, named)?;
    let totals = &gathered.totals;
    let data = Data {
        title,
        tool: TOOL,
        articles: totals.articles,
        duplicates: totals.duplicates,
        dated: totals.dated,
        support: totals.support,
        oppose: totals.oppose,
        days: totals.days.map(|(_, last)| (origin, last)),
        grain,
        bands: BANDS,
        score_step: detail.bands,
        kinds: kinds().collect(),
        types: EntityType::ALL.map(EntityType::name).to_vec(),
        outlets: gathered.outlets.iter().take(detail.outlets).map(|name| cut(name)).collect(),
        outlets_in_all: totals.outlets,
        things,
        pairs,
        cells: base64(&coded.0),
        sources,
        evidence,
        sentences: gathered.sentences().1 > 0,
    };
    Ok(harmless(&serde_json::to_string(&data)?))
}

/// The cells of the first pairs; `counts` is told how many each has.
fn coded(cells: &BTreeMap<Cell, u32>, fit: usize, origin: i32, counts: &mut [u32]) -> Cells {
    let mut coded = Cells::default();
    let (mut before, mut spent) = (None, 0);
    for (cell, n) in cells.iter().take_while(|(cell, _)| (cell.pair as usize) < fit) {
        spent += weight(cell, *n);
        if spent > CELLS {
            break;
        }
        counts[cell.pair as usize] += 1;
        // Cells of a pair stand in the order of their days.
        let day = cell.day.map_or(0, |day| (day - origin + 1).unsigned_abs());
        let since = before.filter(|(pair, _)| *pair == cell.pair).map_or(day, |(_, last)| day - last);
        before = Some((cell.pair, day));
        coded.push([since, u32::from(cell.outlet), u32::from(cell.code), *n]);
    }
    coded
}

impl Things {
    /// Takes in an entity; its number.
    fn push(&mut self, entity: &Entity) -> u32 {
        self.name.push(cut(entity.name()));
        self.key.push(cut(&entity.key));
        self.kind.push(entity.kind() as u8);
        self.country.push(u8::from(entity.country));
        self.name.len() as u32 - 1
    }
}

/// JSON without any character that HTML or a script could read as its own. Outside of strings JSON has none of them.
pub(super) fn harmless(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + json.len() / 16);
    for c in json.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c => out.push(c),
        }
    }
    out
}

/// The length of a text in the page.
fn length(value: &impl Serialize) -> serde_json::Result<usize> {
    Ok(harmless(&serde_json::to_string(value)?).len() + 1)
}

/// The cells, as exact as the page can hold.
fn fold(cells: &BTreeMap<Cell, u32>, outlets: usize) -> (Detail, BTreeMap<Cell, u32>) {
    let folded = |detail: Detail| {
        let mut coarse: BTreeMap<Cell, u32> = BTreeMap::new();
        for (cell, n) in cells {
            let sum = coarse.entry(detail.of(*cell, outlets)).or_default();
            *sum = sum.saturating_add(*n);
        }
        coarse
    };
    let held = |cells: &BTreeMap<Cell, u32>| {
        let mut spent = 0;
        let fitting = cells.iter().take_while(|(cell, n)| {
            spent += weight(cell, **n);
            spent <= CELLS
        });
        fitting.map(|(_, n)| u64::from(*n)).sum::<u64>()
    };
    let coarsest = DETAILS[DETAILS.len() - 1];
    let whole = cells.iter().map(|(cell, n)| weight(cell, *n)).sum::<usize>() <= CELLS;
    let most = if whole { 0 } else { held(&folded(coarsest)) };
    for detail in DETAILS {
        let folded = folded(detail);
        if held(&folded) as f64 >= ENOUGH * most as f64 {
            return (detail, folded);
        }
    }
    (coarsest, folded(coarsest))
}

/// The bytes of a cell: two for its day, two for its code.
fn weight(cell: &Cell, n: u32) -> usize {
    let long = |number: u32| (32 - number.leading_zeros()).div_ceil(7).max(1) as usize;
    4 + long(u32::from(cell.outlet)) + long(n)
}

/// How many pairs, from the first, fit into the page with all their cells and names; one does in any case.
fn fitting(gathered: &Gather, cells: &BTreeMap<Cell, u32>) -> usize {
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    for (cell, n) in cells {
        *counts.entry(cell.pair).or_default() += weight(cell, *n);
    }
    let (mut held, mut names) = (0, 0);
    let mut seen = BTreeSet::new();
    let mut fit = 0;
    for (place, (actor, target)) in gathered.pairs.iter().enumerate() {
        let Some(count) = counts.get(&(place as u32)) else { break };
        held += count;
        for entity in [actor, target] {
            if seen.insert(*entity) {
                let entity = &gathered.entities[*entity as usize];
                names += length(&cut(entity.name())).unwrap_or(NAMES) + length(&cut(&entity.key)).unwrap_or(NAMES) + 4;
            }
        }
        if fit > 0 && (held > CELLS || names > NAMES) {
            break;
        }
        fit = place + 1;
    }
    fit
}

type Sources = Vec<(String, Address, u16, i32)>;

/// The evidence that fits, by pairs, and its articles. The strongest of the pairs with most positions come first.
fn evidence(gathered: &Gather, pairs: u32, origin: i32, named: u16) -> serde_json::Result<(Vec<Evidence>, Sources)> {
    let mut candidates: Vec<(u64, u32, u8, usize, &Shown)> = Vec::new();
    for ((pair, sort), shown) in &gathered.evidence {
        for (rank, shown) in shown.iter().enumerate().filter(|_| *pair < pairs) {
            candidates.push(((u64::from(*pair) + 1) * (rank as u64 + 1), *pair, *sort, rank, shown));
        }
    }
    candidates.sort_by_key(|(order, pair, sort, rank, _)| (*order, *pair, *sort, *rank));
    let mut chosen: Vec<(u32, u8, usize, u32, &Shown)> = Vec::new();
    let mut sources: Sources = Vec::new();
    let mut numbers: BTreeMap<*const Source, u32> = BTreeMap::new();
    let mut spent = 0;
    // A changed position is among the evidence of its stance too.
    let mut once: BTreeSet<(u32, *const Source, bool)> = BTreeSet::new();
    for (_, pair, sort, rank, shown) in candidates {
        if shown.parts.is_empty() || !once.insert((pair, Rc::as_ptr(&shown.source), shown.oppose)) {
            continue;
        }
        spent += length(&wire(pair, 0, shown))? + 8;
        let known = numbers.get(&Rc::as_ptr(&shown.source)).copied();
        let row = || {
            let source = &shown.source;
            let url = source.url.clone().map_or(Address::None(0), Address::Web);
            (source.title.clone(), url, source.outlet.min(named + 1), source.day.map_or(-1, |day| day - origin))
        };
        if known.is_none() {
            spent += length(&row())?;
        }
        if spent > EVIDENCE {
            break;
        }
        let number = known.unwrap_or_else(|| {
            sources.push(row());
            let number = sources.len() as u32 - 1;
            numbers.insert(Rc::as_ptr(&shown.source), number);
            number
        });
        chosen.push((pair, sort, rank, number, shown));
    }
    chosen.sort_by_key(|(pair, sort, rank, ..)| (*pair, *sort, *rank));
    Ok((chosen.into_iter().map(|(pair, _, _, source, shown)| wire(pair, source, shown)).collect(), sources))
}

fn wire(pair: u32, source: u32, shown: &Shown) -> Evidence {
    // Rounded down, as bands are, so that evidence passes the filter of scores where its position does.
    let thousandths = |score: f32| (score.clamp(0.0, 1.0) * 1e3 + 0.01).floor() as u16;
    let flags = u8::from(shown.oppose) | u8::from(shown.changed) << 1 | u8::from(shown.quote) << 2;
    let pieces = shown.parts.iter().flat_map(|part| [Piece::Mark(part.mark as u8), Piece::Text(part.text.clone())]);
    Evidence(pair, flags, shown.kind, thousandths(shown.score), thousandths(shown.told), source, pieces.collect())
}
