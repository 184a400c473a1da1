//! The second pass: the positions of the chosen pairs, counted in cells, and their strongest evidence.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::day;
use super::line::{Line, Position};
use super::sentence::{Part, sentence};
use super::survey::{Entity, Totals};
use crate::position::ActKind;

/// The most cells that are held while reading. Where there are more, pairs with few positions are left out.
const CELLS: usize = 1 << 21;
/// How many evidences a pair has of each sort, and from which pair on it has one.
const STRONGEST: usize = 3;
const MANY: u32 = 5_000;
/// Bands of score: 0 is [0, 0.05), 20 is 1.
pub(super) const BANDS: u16 = 21;
/// The kinds of acts, in the order of their numbers; the first is none.
pub(super) fn kinds() -> impl Iterator<Item = &'static str> {
    std::iter::once("").chain(ActKind::ALL.map(ActKind::name))
}

/// The longest address that is linked.
const LONGEST_URL: usize = 500;
/// The longest name or title, in code points.
pub(super) const LONGEST_NAME: usize = 100;

/// Where a position is counted: in one cell with all that have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cell {
    /// The place of the pair in the order of choice.
    pub(super) pair: u32,
    /// Days since 1 January 1970.
    pub(super) day: Option<i32>,
    /// 0 is not told, the last is all others.
    pub(super) outlet: u16,
    /// Kind, stance, change and band in one number ([`code`]).
    pub(super) code: u16,
}

/// Kind, stance, change and band of score in one number.
pub(super) fn code(kind: u16, oppose: bool, changed: bool, score: f32) -> u16 {
    // The scores of the record have four decimals: a ten-thousandth less than half of one keeps 0.15 in its band.
    let band = ((score.clamp(0.0, 1.0) * 20.0 + 1e-4).floor() as u16).min(BANDS - 1);
    ((kind * 2 + u16::from(oppose)) * 2 + u16::from(changed)) * BANDS + band
}

/// The article behind an evidence.
pub(super) struct Source {
    pub(super) title: String,
    pub(super) url: Option<String>,
    pub(super) outlet: u16,
    pub(super) day: Option<i32>,
}

/// An evidence of a pair.
pub(super) struct Shown {
    /// How surely the sentence says so.
    pub(super) told: f32,
    /// How surely the article says so.
    pub(super) score: f32,
    pub(super) kind: u16,
    pub(super) oppose: bool,
    pub(super) changed: bool,
    pub(super) quote: bool,
    pub(super) parts: Vec<Part>,
    pub(super) source: Rc<Source>,
}

/// The chosen pairs, in the second pass.
pub struct Gather {
    pub(super) totals: Totals,
    numbers: BTreeMap<String, u32>,
    pub(super) entities: Vec<Entity>,
    /// Actor and target of each, those with most positions first.
    pub(super) pairs: Vec<(u32, u32)>,
    places: BTreeMap<(u32, u32), u32>,
    /// Pairs from this place on were left out.
    limit: u32,
    pub(super) outlets: Vec<String>,
    outlet_numbers: BTreeMap<String, u16>,
    pub(super) cells: BTreeMap<Cell, u32>,
    /// By pair and sort (support, oppose, changed), the strongest first.
    pub(super) evidence: BTreeMap<(u32, u8), Vec<Shown>>,
    /// Whether sentences of articles may be shown.
    show_sentences: bool,
    /// Evidences that were wanted with their sentences, and those that have them.
    wanted: u64,
    had: u64,
}

impl Gather {
    pub(super) fn new(
        totals: Totals,
        numbers: BTreeMap<String, u32>,
        entities: Vec<Entity>,
        pairs: Vec<(u32, u32)>,
        outlets: Vec<String>,
    ) -> Self {
        let places = pairs.iter().enumerate().map(|(place, pair)| (*pair, place as u32)).collect();
        let outlet_numbers = outlets.iter().enumerate().map(|(at, name)| (name.clone(), at as u16 + 1)).collect();
        let limit = pairs.len() as u32;
        Self {
            totals,
            numbers,
            entities,
            pairs,
            places,
            limit,
            outlets,
            outlet_numbers,
            cells: BTreeMap::new(),
            evidence: BTreeMap::new(),
            show_sentences: true,
            wanted: 0,
            had: 0,
        }
    }

    /// The same without any sentence of an article: evidence is told by its names alone.
    #[must_use]
    pub fn without_sentences(self) -> Self {
        Self { show_sentences: false, ..self }
    }

    /// Takes in one line of annotations. `body` is asked for the text of the article where the line has none and a sentence of it is shown.
    pub fn see(&mut self, line: &str, mut body: impl FnMut() -> Option<String>) -> serde_json::Result<()> {
        let line = Line::read(line)?;
        let day = line.published.as_deref().and_then(day);
        let outlet = match line.outlet.as_deref() {
            None | Some("") => 0,
            Some(name) => self.outlet_numbers.get(name).copied().unwrap_or(self.outlets.len() as u16 + 1),
        };
        let show = self.show_sentences;
        let mut source = None;
        let mut text: Option<Option<Vec<char>>> = None;
        for position in &line.positions {
            let (Some(pair), Some(oppose)) = (self.place(&line, position), oppose(position)) else { continue };
            let kind = position.kind().and_then(|kind| kinds().position(|known| known == kind)).unwrap_or(0) as u16;
            let cell = Cell { pair, day, outlet, code: code(kind, oppose, position.changed, position.score) };
            let count = self.cells.entry(cell).or_default();
            *count = count.saturating_add(1);
            let sorts = [Some(u8::from(oppose)), position.changed.then_some(2)];
            for sort in sorts.into_iter().flatten() {
                let Some((told, at)) =
                    position.strongest().and_then(|told| Some((told, self.rank(pair, sort, told.score)?)))
                else {
                    continue;
                };
                let text = text.get_or_insert_with(|| if show { characters(&line, &mut body) } else { None });
                self.wanted += 1;
                self.had += u64::from(text.is_some());
                let source = source.get_or_insert_with(|| Rc::new(source_of(&line, outlet, day)));
                let parts = sentence(&line, told, text.as_deref());
                let shown = Shown {
                    told: told.score,
                    score: position.score,
                    kind,
                    oppose,
                    changed: position.changed,
                    quote: told.quote,
                    parts,
                    source: Rc::clone(source),
                };
                self.keep(pair, sort, at, shown, text.is_some());
            }
        }
        self.leave_out();
        Ok(())
    }

    /// How many evidences were wanted with their sentences, and how many of them have them.
    pub fn sentences(&self) -> (u64, u64) {
        (self.wanted, self.had)
    }

    /// The place of a position's pair among those that are shown.
    fn place(&self, line: &Line<'_>, position: &Position<'_>) -> Option<u32> {
        let number = |at: usize| self.numbers.get(line.entities.get(at)?.key().as_ref()).copied();
        let place = *self.places.get(&(number(position.actor_id)?, number(position.target_id)?))?;
        (place < self.limit).then_some(place)
    }

    /// Where an evidence of this score stands among those of its pair; none where it is too weak.
    fn rank(&self, pair: u32, sort: u8, score: f32) -> Option<usize> {
        let held = self.evidence.get(&(pair, sort)).map_or(&[][..], Vec::as_slice);
        let at = held.iter().position(|shown| shown.told < score).unwrap_or(held.len());
        (at < most(pair)).then_some(at)
    }

    /// Puts an evidence in its place. Agencies' sentences stand in many papers: each is shown once, where it is surest.
    fn keep(&mut self, pair: u32, sort: u8, at: usize, shown: Shown, is_sentence: bool) {
        let held = self.evidence.entry((pair, sort)).or_default();
        let same = |other: &Shown| is_sentence && other.parts == shown.parts;
        if held[..at].iter().any(same) {
            return;
        }
        if let Some(weaker) = held[at..].iter().position(same) {
            held.remove(at + weaker);
        }
        held.insert(at, shown);
        held.truncate(most(pair));
    }

    /// Leaves out pairs with few positions where there are too many cells.
    fn leave_out(&mut self) {
        while self.cells.len() > CELLS && self.limit > 1 {
            self.limit /= 2;
            let limit = self.limit;
            self.cells.retain(|cell, _| cell.pair < limit);
            self.evidence.retain(|(pair, _), _| *pair < limit);
        }
    }
}

/// How many evidences of a sort a pair has at the most.
fn most(pair: u32) -> usize {
    if pair < MANY { STRONGEST } else { 1 }
}

/// Whether a position is against its target; none where it is no position.
fn oppose(position: &Position<'_>) -> Option<bool> {
    match position.stance.as_ref() {
        "support" => Some(false),
        "oppose" => Some(true),
        _ => None,
    }
}

fn source_of(line: &Line<'_>, outlet: u16, day: Option<i32>) -> Source {
    let title = line.title.as_deref().filter(|title| !title.trim().is_empty()).unwrap_or(&line.id);
    let web = |url: &&str| (url.starts_with("https://") || url.starts_with("http://")) && url.len() <= LONGEST_URL;
    Source { title: cut(title), url: line.url.as_deref().filter(web).map(str::to_owned), outlet, day }
}

fn characters(line: &Line<'_>, body: &mut impl FnMut() -> Option<String>) -> Option<Vec<char>> {
    match &line.text {
        Some(text) => Some(text.chars().collect()),
        None => body().map(|text| text.chars().collect()),
    }
}

/// A name or title of bounded length.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_NAME) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
