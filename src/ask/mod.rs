//! Questions to annotations of earlier runs: who stands where towards whom, how often, and by which sentences. A room beside the line.
//!
//! `names.rs` says which entity is meant by a name, [`Question`] which evidence is asked for, `summary.rs` counts.

mod names;
mod summary;
#[cfg(test)]
mod tests;

use serde::{Serialize, Serializer};
use serde_json::Value;

pub use names::{Manner, Name};
pub use summary::{Pair, Side, Summary, Told};

use crate::annotation::{Annotation, WireEvidence, WirePosition};
use crate::export::score;
use crate::export::tables::{Cell, Published, Table, TableSink, TablesError, article_key, day_text, published, write};

/// What is asked for. What is left open is not asked for; `none` counts as a stance only where it is asked for by name.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The actor is one of these.
    pub actors: Vec<Name>,
    /// The target is one of these.
    pub targets: Vec<Name>,
    /// The stance.
    pub stance: Option<String>,
    /// The kind of act is one of these.
    pub kinds: Vec<String>,
    /// The article's outlet is one of these.
    pub outlets: Vec<Name>,
    /// The first day, in days since 1970-01-01.
    pub since: Option<i32>,
    /// The last day.
    pub until: Option<i32>,
    /// The least score.
    pub min_score: f64,
}

impl Question {
    /// Whether an article may answer: its day and its outlet are those asked for. One without a date that can be read is of no day.
    pub fn is_of(&self, annotation: &Annotation<'_>) -> bool {
        let outlet = || annotation.outlet.as_deref().is_some_and(|outlet| self.outlets.iter().any(|name| name.is(outlet)));
        if !self.outlets.is_empty() && !outlet() {
            return false;
        }
        if self.since.is_none() && self.until.is_none() {
            return true;
        }
        let day = annotation.published.as_deref().and_then(published).map(|Published { day, .. }| day);
        day.is_some_and(|day| self.since.is_none_or(|since| since <= day) && self.until.is_none_or(|until| day <= until))
    }

    /// The positions of an article between the actors and targets that are asked for, by their numbers.
    fn between<'a>(&self, annotation: &'a Annotation<'_>) -> Vec<(usize, &'a WirePosition<'a>)> {
        if annotation.positions.is_empty() || !self.is_of(annotation) {
            return Vec::new();
        }
        let meant = |names: &[Name]| -> Vec<bool> {
            let means = |entity| names.is_empty() || names.iter().any(|name| name.means(annotation, entity));
            annotation.entities.iter().map(means).collect()
        };
        let (actors, targets) = (meant(&self.actors), meant(&self.targets));
        let positions = annotation.positions.iter().enumerate();
        positions.filter(|(_, position)| actors[position.actor_id] && targets[position.target_id]).collect()
    }

    /// The positions that answer: by their own stance and score, and one evidence at least of the kind.
    pub fn positions<'a>(&self, annotation: &'a Annotation<'_>) -> Vec<(usize, &'a WirePosition<'a>)> {
        let mut positions = self.between(annotation);
        positions.retain(|(_, position)| {
            self.holds(&position.stance, position.score) && position.evidence.iter().any(|evidence| self.is_kind(evidence))
        });
        positions
    }

    /// The evidence that answers, by its own stance, score and kind: numbers of a position and of an evidence in it.
    pub fn evidence(&self, annotation: &Annotation<'_>) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for (at, position) in self.between(annotation) {
            let evidence = position.evidence.iter().enumerate();
            let answers = |told: &WireEvidence<'_>| self.holds(&told.stance, told.score) && self.is_kind(told);
            found.extend(evidence.filter(|(_, told)| answers(told)).map(|(number, _)| (at, number)));
        }
        found
    }

    fn holds(&self, stance: &str, probability: f32) -> bool {
        let asked = self.stance.as_deref().map_or(stance != "none", |asked| stance == asked);
        asked && score(probability) >= self.min_score
    }

    fn is_kind(&self, evidence: &WireEvidence<'_>) -> bool {
        self.kinds.is_empty() || evidence.kind.as_deref().is_some_and(|kind| self.kinds.iter().any(|asked| asked == kind))
    }
}

/// A row that answers: names and values, in the order in which they are written.
pub struct Row(Vec<(&'static str, Value)>);

impl Row {
    /// A value by its name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(found, _)| *found == name).map(|(_, value)| value)
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// The rows of the table of evidence that answer, each with `id`, `title`, `published`, `published_on`, `outlet` and `url` of its
/// article. Places that belong to the body are filled where it is given.
pub fn rows(annotation: &Annotation<'_>, wanted: &[(usize, usize)], body: Option<&str>) -> Result<Vec<Row>, TablesError> {
    let mut answer = Answer { annotation, wanted, rows: Vec::with_capacity(wanted.len()) };
    write(annotation, &article_key(annotation), body, &mut answer)?;
    Ok(answer.rows)
}

struct Answer<'a> {
    annotation: &'a Annotation<'a>,
    wanted: &'a [(usize, usize)],
    rows: Vec<Row>,
}

impl TableSink for Answer<'_> {
    fn row(&mut self, table: Table, cells: &[Cell<'_>]) -> Result<(), TablesError> {
        // The key of the table: article, position, evidence.
        let (Table::Evidence, [_, Cell::Int(position), Cell::Int(evidence), ..]) = (table, cells) else { return Ok(()) };
        let number = |number: &i32| usize::try_from(*number).unwrap_or_default();
        if !self.wanted.contains(&(number(position), number(evidence))) {
            return Ok(());
        }
        let one = self.annotation;
        let text = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map_or(Value::Null, Value::from);
        let day = one.published.as_deref().and_then(published).map(|published| day_text(published.day));
        let mut row = vec![
            ("id", Value::from(one.id.as_ref())),
            ("title", text(&one.title)),
            ("published", text(&one.published)),
            ("published_on", day.map_or(Value::Null, Value::from)),
            ("outlet", text(&one.outlet)),
            ("url", text(&one.url)),
        ];
        row.extend(table.columns().iter().zip(cells).map(|(column, cell)| (column.name, value(*cell))));
        self.rows.push(Row(row));
        Ok(())
    }
}

fn value(cell: Cell<'_>) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Text(text) => text.into(),
        Cell::Int(number) => number.into(),
        Cell::Long(number) | Cell::Moment(number) => number.into(),
        Cell::Day(day) => day_text(day).into(),
        Cell::Score(score) => score.into(),
        Cell::Bool(value) => value.into(),
    }
}
