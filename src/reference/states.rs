//! States: what the tagger has made of the words of a passage.

use crate::mention::Read;
use crate::span::Span;

/// What was read of a passage, for the states of its words.
#[derive(Clone, Copy)]
pub(super) struct States<'a> {
    read: &'a Read<'a>,
    width: usize,
    /// How many numbers of each subword the judge takes: the states, and for a wide one the embeddings behind them.
    given: usize,
}

/// The states of a span, those of the shared layers before those of the last.
pub(super) struct Seen {
    /// Their mean over its subwords.
    pub(super) mean: Vec<f32>,
    /// Those of its last subword.
    pub(super) last: Vec<f32>,
}

impl<'a> States<'a> {
    /// The states of a passage; none where the engine gives none of this width.
    pub(super) fn new(read: &'a Read<'a>, width: usize) -> Option<Self> {
        let subwords = read.batch.ids.len();
        let given = read.reading.states.len().checked_div(subwords)?;
        let whole = read.reading.states.len() == subwords * given && read.reading.tops.len() == subwords * width;
        (whole && given >= width && width > 0).then_some(Self { read, width, given })
    }

    /// The states of a span of a sentence, which has its number in the article; none where no subword of it was read.
    pub(super) fn of(self, sentence: usize, span: Span) -> Option<Seen> {
        let rows = &self.read.rows;
        let first = rows.partition_point(|row| row.sentences.end <= sentence);
        let holding = (first..rows.len()).take_while(|number| rows[*number].sentences.contains(&sentence));
        let (number, within) = holding.map(|number| (number, rows[number].within(span))).find(|(number, within)| {
            // The row of a long sentence that answers for its beginning.
            within.start < within.end && rows[*number].answers.contains(&within.start)
        })?;
        // The opening mark stands before the first subword.
        let base = self.read.batch.row(number).start + 1;
        let mut mean = vec![0.0; 2 * self.width];
        for at in within.clone() {
            mean.iter_mut().zip(self.at(base + at)).for_each(|(sum, state)| *sum += state);
        }
        let count = within.len() as f32;
        for sum in &mut mean {
            *sum /= count;
        }
        Some(Seen { mean, last: self.at(base + within.end - 1).collect() })
    }

    fn at(self, place: usize) -> impl Iterator<Item = f32> {
        let both = [(&self.read.reading.states, self.given), (&self.read.reading.tops, self.width)];
        both.into_iter().flat_map(move |(states, each)| states[place * each..place * each + self.width].iter().copied())
    }
}
