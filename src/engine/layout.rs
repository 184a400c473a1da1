//! How rows of one batch are laid out for a run: which go together, and where each position stands.
//!
//! Text is packed, `[positions, width]` without padding, for every step but attention. There the graph gathers the packed
//! states into rows of one length and afterwards back; this file makes the places that it gathers by.

use std::ops::Range;

use super::{Batch, EngineError, Pair, STANCES, StanceLogits};

/// Rows that run together.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// Numbers into the list that was grouped.
    pub(super) members: Vec<usize>,
}

/// Puts rows of like cost together, the costs of a group at most `budget` in sum (or one row). The grouping is a function of
/// the costs alone.
pub(super) fn groups(costs: &[usize], budget: usize) -> Vec<Group> {
    let mut order: Vec<usize> = (0..costs.len()).collect();
    order.sort_by_key(|row| costs[*row]);
    let mut out: Vec<Group> = Vec::new();
    let mut sum = 0;
    for row in order {
        sum += costs[row];
        match out.last_mut() {
            Some(group) if sum <= budget => group.members.push(row),
            _ => {
                sum = costs[row];
                out.push(Group { members: vec![row] });
            }
        }
    }
    out
}

/// The places of packed rows.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Packed {
    /// How many positions there are in all.
    pub(super) positions: usize,
    /// The length of the longest row.
    pub(super) longest: usize,
    /// Where each row starts among the packed positions.
    pub(super) starts: Vec<usize>,
    /// `[rows, longest]`: the packed position of each place; 0 for padding.
    pub(super) rows: Vec<i32>,
    /// `[rows, longest]`: 1 where a position is, 0 for padding.
    pub(super) seen: Vec<f32>,
    /// `[positions]`: the place of each position in its row.
    pub(super) places: Vec<i32>,
    /// `[positions]`: the place of each position in `rows`.
    pub(super) flat: Vec<i32>,
}

impl Packed {
    /// Packs rows of the given lengths, in order.
    pub(super) fn new(lengths: &[usize]) -> Self {
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let size = lengths.len() * longest;
        let mut packed = Self { longest, rows: vec![0; size], seen: vec![0.0; size], ..Self::default() };
        for (row, length) in lengths.iter().enumerate() {
            packed.starts.push(packed.positions);
            for place in 0..*length {
                packed.rows[row * longest + place] = number(packed.positions + place);
                packed.seen[row * longest + place] = 1.0;
                packed.places.push(number(place));
                packed.flat.push(number(row * longest + place));
            }
            packed.positions += length;
        }
        packed
    }
}

/// The queries of pairs on packed rows: two a pair, one after the other.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Queries {
    /// How many queries the row with the most has.
    pub(super) most: usize,
    /// `[queries]`: the packed position of the first subword of each query's span.
    pub(super) firsts: Vec<i32>,
    /// `[queries]`: the packed position of its last subword.
    pub(super) lasts: Vec<i32>,
    /// `[rows, most]`: the query in each slot; 0 where none is.
    pub(super) slots: Vec<i32>,
    /// `[queries]`: the place of each query in `slots`.
    pub(super) back: Vec<i32>,
    /// `[queries]`: the other query of the pair.
    pub(super) partners: Vec<i32>,
    /// `[rows]`: the packed position of each row's opening mark.
    pub(super) opens: Vec<i32>,
    /// `[pairs]`: the row of each pair.
    pub(super) of: Vec<i32>,
}

impl Queries {
    /// The queries of each row's pairs, the rows as in `packed`.
    pub(super) fn new<'a>(packed: &Packed, pairs: impl Iterator<Item = Vec<&'a Pair>>) -> Self {
        let pairs: Vec<Vec<&Pair>> = pairs.collect();
        let most = 2 * pairs.iter().map(Vec::len).max().unwrap_or(0);
        let mut queries = Self { most, slots: vec![0; pairs.len() * most], ..Self::default() };
        for (row, pairs) in pairs.iter().enumerate() {
            let start = packed.starts[row];
            queries.opens.push(number(start));
            let spans = pairs.iter().flat_map(|pair| [(pair, pair.first), (pair, pair.second)]);
            for (at, (pair, span)) in spans.enumerate() {
                let query = queries.back.len();
                // The opening mark comes first, then what is seen.
                let [first, last] = span.map(|place| number(start + 1 + place.saturating_sub(pair.seen[0])));
                queries.firsts.push(first);
                queries.lasts.push(last);
                queries.slots[row * most + at] = number(query);
                queries.back.push(number(row * most + at));
                queries.partners.push(number(query ^ 1));
            }
            queries.of.extend(std::iter::repeat_n(number(row), pairs.len()));
        }
        queries
    }
}

/// The pairs of one sentence, each with its number in the caller's list.
pub(super) struct Asked<'a> {
    row: usize,
    seen: [usize; 2],
    pub(super) pairs: Vec<(usize, &'a Pair)>,
}

impl Asked<'_> {
    /// Where in the batch the opening mark of the row stands, and what is seen of it.
    pub(super) fn run(&self, batch: &Batch) -> (usize, Range<usize>) {
        let open = batch.row(self.row).start;
        (open, open + self.seen[0]..open + self.seen[1] + 1)
    }

    /// How many positions and queries there are.
    fn cost(&self) -> usize {
        2 + self.seen[1] - self.seen[0] + 2 * self.pairs.len()
    }
}

/// At most so many pairs of a sentence in one run; one with more is asked again, so that memory stays bounded.
const PAIRS: usize = 64;

/// The pairs by the sentences that they stand in, those in the order of the rows.
fn by_sentence(pairs: &[Pair]) -> Vec<Asked<'_>> {
    let mut order: Vec<(usize, &Pair)> = pairs.iter().enumerate().collect();
    order.sort_by_key(|(number, pair)| (pair.row, pair.seen, *number));
    order
        .chunk_by(|(_, one), (_, next)| (one.row, one.seen) == (next.row, next.seen))
        .flat_map(|sentence| sentence.chunks(PAIRS))
        .map(|chunk| Asked { row: chunk[0].1.row, seen: chunk[0].1.seen, pairs: chunk.to_vec() })
        .collect()
}

/// Judges pairs in runs of at most `budget` positions and queries: `run` gives a group's stance logits one pair after the other, and
/// they are handed out in the order of `pairs`.
pub(super) fn compared(
    pairs: &[Pair],
    budget: usize,
    run: impl Fn(&Group, &[Asked<'_>]) -> Result<Vec<f32>, EngineError>,
) -> Result<Vec<StanceLogits>, EngineError> {
    let asked = by_sentence(pairs);
    let costs: Vec<usize> = asked.iter().map(Asked::cost).collect();
    let mut out = vec![StanceLogits::default(); pairs.len()];
    for group in groups(&costs, budget) {
        let output = run(&group, &asked)?;
        let numbers = group.members.iter().flat_map(|member| &asked[*member].pairs).map(|(number, _)| *number);
        for (number, told) in numbers.zip(output.chunks_exact(2 * STANCES)) {
            for (way, logits) in out[number].iter_mut().zip(told.chunks_exact(STANCES)) {
                way.copy_from_slice(logits);
            }
        }
    }
    Ok(out)
}

/// A place as the graphs take it. A batch is far smaller than 2³¹ positions.
fn number(place: usize) -> i32 {
    i32::try_from(place).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_packed_and_found_again() {
        let packed = Packed::new(&[2, 3]);
        assert_eq!((packed.positions, packed.longest), (5, 3));
        assert_eq!(packed.rows, [0, 1, 0, 2, 3, 4]);
        assert_eq!(packed.places, [0, 1, 0, 1, 2]);
        let back: Vec<i32> = packed.flat.iter().map(|place| packed.rows[*place as usize]).collect();
        assert_eq!(back, [0, 1, 2, 3, 4]);
        assert_eq!(packed.seen, [1.0, 1.0, 0.0, 1.0, 1.0, 1.0]);
    }

    #[test]
    fn queries_know_their_partner_and_row() {
        let pair = |row, seen, first, second| Pair { row, seen, first, second };
        let pairs = [pair(0, [1, 1], [1, 1], [1, 1]), pair(1, [4, 5], [4, 5], [5, 5]), pair(1, [4, 5], [4, 4], [5, 5])];
        let packed = Packed::new(&[2, 3]);
        let queries = Queries::new(&packed, [vec![&pairs[0]], vec![&pairs[1], &pairs[2]]].into_iter());
        assert_eq!(queries.firsts, [1, 1, 3, 4, 3, 4]);
        assert_eq!(queries.lasts, [1, 1, 4, 4, 3, 4]);
        assert_eq!(queries.slots, [0, 1, 0, 0, 2, 3, 4, 5]);
        assert_eq!(queries.back, [0, 1, 4, 5, 6, 7]);
        assert_eq!(queries.partners, [1, 0, 3, 2, 5, 4]);
        assert_eq!((queries.opens, queries.of), (vec![0, 2], vec![0, 1, 1]));
    }

    #[test]
    fn a_group_holds_as_much_as_it_may() {
        let members: Vec<Vec<usize>> = groups(&[5, 1, 9, 3, 20], 9).into_iter().map(|group| group.members).collect();
        assert_eq!(members, [vec![1, 3, 0], vec![2], vec![4]]);
        assert!(groups(&[], 9).is_empty());
    }
}
