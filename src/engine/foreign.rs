//! The engine of a checkpoint: how rows and pairs are put to other people's models, and what their answers mean here.
//!
//! A token model labels the rows that its own tokenizer makes. A row model is asked once for each direction of a pair, in one of two
//! forms: where its vocabulary has `[E1] [/E1] [E2] [/E2]`, these mark actor and target in the sentence (Baldini Soares et al.
//! 2019, *Matching the Blanks*); where not, the sentence goes with a claim as second text, as in natural language inference.
//! Names in the claim are the subwords of the text.

use super::checkpoint::{Checkpoint, Task};
use super::encode::{Encoder, Marks};
use super::layout::groups;
use super::{Batch, Curve, Engine, EngineError, LABELS, ModelId, Models, POSITIONS, Pair, Reading, STANCES, StanceLogits};

/// One row of a model: its subwords and the token type of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) ids: Vec<u32>,
    pub(super) kinds: Vec<u8>,
}

/// The numbers behind a checkpoint.
pub(super) trait Net: Send + Sync {
    /// The logits of some rows, one after the other: of every position, `[positions, labels]`, or of a row as a whole, `[labels]`.
    fn logits(&self, rows: &[&Ask]) -> Result<Vec<f32>, EngineError>;

    /// How many positions a run takes.
    fn budget(&self) -> usize;
}

/// A checkpoint and the numbers behind it.
pub(super) struct Foreign {
    net: Box<dyn Net>,
    task: Task,
    labels: usize,
    models: Models,
    form: Form,
    marks: Marks,
}

impl Foreign {
    /// An engine of a checkpoint. `claim` says what a row model is asked where it knows no marks.
    pub(super) fn new(
        (checkpoint, id): (&Checkpoint, ModelId),
        net: Box<dyn Net>,
        encoder: &Encoder,
        claim: &str,
    ) -> Result<Self, EngineError> {
        let (tagger, judge) = (id.clone(), id);
        let models = Models {
            tagger,
            judge,
            tagger_temperature: 1.0,
            judge_temperature: 1.0,
            none_weight: 1.0,
            stance_curve: Curve::EVEN,
        };
        let (task, labels) = (checkpoint.task.clone(), checkpoint.labels);
        Ok(Self { net, task, labels, models, form: Form::new(encoder, claim)?, marks: encoder.marks().clone() })
    }

    /// Runs rows in groups of like length and hands each its answer.
    fn run(&self, rows: &[Ask], mut take: impl FnMut(usize, &[f32])) -> Result<(), EngineError> {
        let whole = matches!(self.task, Task::Stances(_));
        let lengths: Vec<usize> = rows.iter().map(|row| row.ids.len()).collect();
        for group in groups(&lengths, self.net.budget()) {
            let asked: Vec<&Ask> = group.members.iter().map(|row| &rows[*row]).collect();
            let numbers = self.net.logits(&asked)?;
            let sizes = group.members.iter().map(|row| self.labels * if whole { 1 } else { lengths[*row] });
            let expected: usize = sizes.clone().sum();
            if numbers.len() != expected {
                let what = format!("it gave {} numbers instead of {expected}", numbers.len());
                return Err(EngineError::Unfit { name: self.models.tagger.name.clone(), what });
            }
            let mut rest = numbers.as_slice();
            for (row, size) in group.members.iter().zip(sizes) {
                let (own, later) = rest.split_at(size);
                take(*row, own);
                rest = later;
            }
        }
        Ok(())
    }
}

impl Engine for Foreign {
    fn models(&self) -> &Models {
        &self.models
    }

    fn read(&self, batch: &Batch) -> Result<Reading, EngineError> {
        let Task::Mentions(labels) = &self.task else { return Ok(Reading::default()) };
        let row = |row| batch.ids[batch.row(row)].to_vec();
        let rows: Vec<Ask> = (0..batch.rows()).map(row).map(|ids| Ask { kinds: vec![0; ids.len()], ids }).collect();
        let mut out = vec![0.0; batch.ids.len() * LABELS];
        self.run(&rows, |row, theirs| {
            let ours = &mut out[batch.starts[row] * LABELS..batch.starts[row + 1] * LABELS];
            for (ours, theirs) in ours.chunks_exact_mut(LABELS).zip(theirs.chunks_exact(self.labels)) {
                ours.copy_from_slice(&labels.logits(theirs));
            }
        })?;
        Ok(Reading { labels: out, ..Reading::default() })
    }

    fn compare(&self, batch: &Batch, _: &Reading, pairs: &[Pair]) -> Result<Vec<StanceLogits>, EngineError> {
        let Task::Stances(labels) = &self.task else {
            let what = "it labels tokens, and was asked for a stance".to_owned();
            return Err(EngineError::Unfit { name: self.models.judge.name.clone(), what });
        };
        let ways = |pair: &Pair| {
            [(pair.first, pair.second), (pair.second, pair.first)].map(|way| self.form.ask(batch, pair, way, &self.marks))
        };
        let rows: Vec<Ask> = pairs.iter().flat_map(ways).collect();
        let mut out = vec![[[0.0; STANCES]; 2]; pairs.len()];
        self.run(&rows, |row, theirs| out[row / 2][row % 2] = labels.logits(theirs))?;
        Ok(out)
    }
}

/// The form in which a pair is put to a row model.
enum Form {
    /// Marks around actor and target: opening and closing of each.
    Marked([u32; 4]),
    /// A claim as second text: subwords before, between and behind the two names, and whether the actor comes first.
    Claimed { pieces: [Vec<u32>; 3], actor_first: bool },
}

impl Form {
    fn new(encoder: &Encoder, claim: &str) -> Result<Self, EngineError> {
        if let [Some(a), Some(b), Some(c), Some(d)] = ["[E1]", "[/E1]", "[E2]", "[/E2]"].map(|mark| encoder.number(mark)) {
            return Ok(Self::Marked([a, b, c, d]));
        }
        let unfit = || EngineError::Unfit {
            name: "claim".to_owned(),
            what: format!("{claim:?} does not hold {{actor}} and {{target}} once each"),
        };
        let (before, rest) = claim.split_once("{actor}").ok_or_else(unfit)?;
        let (actor_first, pieces) = match (before.split_once("{target}"), rest.split_once("{target}")) {
            (None, Some((between, behind))) => (true, [before, between, behind]),
            (Some((before, between)), None) => (false, [before, between, rest]),
            _ => return Err(unfit()),
        };
        if pieces.iter().any(|piece| piece.contains("{actor}") || piece.contains("{target}")) {
            return Err(unfit());
        }
        // A space belongs to the subword behind it, and so to the name.
        let [a, b, c] = [0, 1, 2].map(|number| encoder.numbers(pieces[number].trim_end(), number > 0));
        Ok(Self::Claimed { pieces: [a?, b?, c?], actor_first })
    }

    /// The row that asks how the span `actor` stands towards the span `target`.
    fn ask(&self, batch: &Batch, pair: &Pair, (actor, target): ([usize; 2], [usize; 2]), marks: &Marks) -> Ask {
        let row = &batch.ids[batch.row(pair.row)];
        let name = |[first, last]: [usize; 2]| &row[first..=last];
        match self {
            Self::Marked([open_actor, close_actor, open_target, close_target]) => {
                let seen = shown(pair, POSITIONS - 6);
                let mut ids = vec![marks.open];
                let at = |marked: [(usize, u32); 2], place| {
                    marked.into_iter().filter(move |(at, _)| *at == place).map(|(_, mark)| mark)
                };
                for (place, subword) in (seen.0..=seen.1).zip(&row[seen.0..=seen.1]) {
                    ids.extend(at([(actor[0], *open_actor), (target[0], *open_target)], place));
                    ids.push(*subword);
                    ids.extend(at([(actor[1], *close_actor), (target[1], *close_target)], place));
                }
                ids.push(marks.close);
                Ask { kinds: vec![0; ids.len()], ids }
            }
            Self::Claimed { pieces: [before, between, behind], actor_first } => {
                let (one, other) = if *actor_first { (actor, target) } else { (target, actor) };
                let claim = [before.as_slice(), name(one), between, name(other), behind].concat();
                let room = POSITIONS.saturating_sub(2 + marks.between.len() + claim.len());
                let (from, to) = shown(pair, room);
                let first = [&[marks.open], &row[from..=to], &marks.between].concat();
                let kinds = [vec![0; first.len()], vec![u8::try_from(marks.second).unwrap_or(0); claim.len() + 1]].concat();
                let mut ids = [first, claim, vec![marks.close]].concat();
                ids.truncate(POSITIONS);
                Ask { kinds: kinds[..ids.len()].to_vec(), ids }
            }
        }
    }
}

/// As much of the sentence as there is room for, the pair in its middle; at least one position.
fn shown(pair: &Pair, room: usize) -> (usize, usize) {
    let ([first, last], room) = (pair.seen, room.max(1));
    if last + 1 - first <= room {
        return (first, last);
    }
    let (from, to) = (pair.first[0].min(pair.second[0]), pair.first[1].max(pair.second[1]));
    let spare = room.saturating_sub(to + 1 - from);
    let start = from.saturating_sub(spare / 2).max(first).min(last + 1 - room);
    (start, start + room - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIR: Pair = Pair { row: 0, seen: [1, 5], first: [1, 1], second: [4, 5] };

    fn batch() -> Batch {
        Batch { starts: vec![0, 7], ids: vec![101, 11, 12, 13, 14, 15, 102], cases: vec![0; 7] }
    }

    fn marks() -> Marks {
        Marks { open: 1, close: 2, between: vec![2, 2], second: 1 }
    }

    #[test]
    fn marks_stand_around_actor_and_target() {
        let form = Form::Marked([71, 72, 81, 82]);
        let ask = |way| form.ask(&batch(), &PAIR, way, &marks()).ids;
        assert_eq!(ask(([1, 1], [4, 5])), [1, 71, 11, 72, 12, 13, 81, 14, 15, 82, 2]);
        assert_eq!(ask(([4, 5], [1, 1])), [1, 81, 11, 82, 12, 13, 71, 14, 15, 72, 2]);
    }

    #[test]
    fn a_claim_is_the_second_text() {
        let form = Form::Claimed { pieces: [vec![], vec![90, 91], vec![99]], actor_first: true };
        let ask = form.ask(&batch(), &PAIR, ([1, 1], [4, 5]), &marks());
        assert_eq!(ask.ids, [1, 11, 12, 13, 14, 15, 2, 2, 11, 90, 91, 14, 15, 99, 2]);
        assert_eq!(ask.kinds, [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1]);
    }

    #[test]
    fn a_long_sentence_is_shown_around_the_pair() {
        for room in [1, 3, 10, 50, 99, 100, 400] {
            for (one, other) in [(1, 3), (40, 60), (98, 100)] {
                let pair = Pair { row: 0, seen: [1, 100], first: [one, one], second: [other, other] };
                let (from, to) = shown(&pair, room);
                assert_eq!(to + 1 - from, room.min(100), "{room} {one}");
                assert!((1..=100).contains(&from) && to <= 100);
                assert!(
                    room < other + 1 - one || (from..=to).contains(&one) && (from..=to).contains(&other),
                    "{room} {one}: {from}..{to}"
                );
            }
        }
    }
}
