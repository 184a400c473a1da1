//! Exports: annotations of earlier runs -> what other programs read. A room beside the line.
//!
//! `tables/` makes rows for databases, data frames and spreadsheets. What all exports share stands here: annotations are read back one at a
//! time ([`Annotations`]), each is [`sound`], and its body is found where it is ([`Bodies`]).

pub mod date;
pub mod tables;
#[cfg(test)]
pub(crate) mod tests;
pub mod training;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::annotation::{Annotation, VERSION, WireSpan};
use crate::revisit::{Articles, RevisitError};
use crate::sink::{Lines, LinesError};

/// The annotations of some files, in order. After an error the next one follows: that of the next line, or of the next file where the rest of a
/// file cannot be read. What it holds is one line.
pub struct Annotations {
    files: std::vec::IntoIter<PathBuf>,
    open: Option<Lines>,
    /// Bytes of the files that are done.
    done: u64,
}

/// Why a line gives no annotation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadLine {
    /// The file cannot be read, or the line is no text.
    #[error(transparent)]
    Read(#[from] LinesError),
    /// It is something else.
    #[error("{place}, line {line}: this is no annotation (see `demarche schema`)")]
    Parse {
        /// The file.
        place: String,
        /// The line, from 1.
        line: usize,
        /// Why.
        #[source]
        cause: serde_json::Error,
    },
    /// It is of another version, or its parts do not belong together.
    #[error("{place}, line {line}: {why}")]
    Unsound {
        /// The file.
        place: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        why: Unsound,
    },
}

/// What is wrong with an annotation that has the right shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsound {
    /// Another version of the record.
    #[error("the annotation is of version {0}; this program reads {VERSION}")]
    Version(String),
    /// A number that says which, and none has it.
    #[error("the annotation names {what} {number}, which it does not have")]
    Number {
        /// Of what.
        what: &'static str,
        /// The number.
        number: usize,
    },
    /// A list that names one thing twice.
    #[error("the annotation names {what} {number} twice in one list")]
    Twice {
        /// Of what.
        what: &'static str,
        /// The number.
        number: usize,
    },
    /// A place that is none.
    #[error("the annotation has a place from {start} to {end} in a body of {chars} characters")]
    Place {
        /// The first code point.
        start: usize,
        /// One past the last.
        end: usize,
        /// The length of the body.
        chars: usize,
    },
}

impl Annotations {
    /// The annotations of files, plain, `.gz` or `.zst`, or of standard input (`-`).
    pub fn new(files: Vec<PathBuf>) -> Self {
        Self { files: files.into_iter(), open: None, done: 0 }
    }

    /// How many bytes of the files, as they are stored, have been read.
    pub fn consumed(&self) -> u64 {
        self.done + self.open.as_ref().map_or(0, Lines::consumed)
    }
}

impl Iterator for Annotations {
    type Item = Result<Annotation<'static>, BadLine>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(lines) = &mut self.open else {
                match Lines::open(&self.files.next()?) {
                    Ok(lines) => self.open = Some(lines),
                    Err(error) => return Some(Err(error.into())),
                }
                continue;
            };
            if let Some(line) = lines.next() {
                let (place, number) = lines.place();
                return Some(line.map_err(BadLine::from).and_then(|line| parsed(&line, place, number)));
            }
            self.done += lines.consumed();
            self.open = None;
        }
    }
}

fn parsed(line: &str, place: &str, number: usize) -> Result<Annotation<'static>, BadLine> {
    let parsed: Result<Annotation<'static>, _> = serde_json::from_str(line);
    let annotation = parsed.map_err(|cause| BadLine::Parse { place: place.to_owned(), line: number, cause })?;
    sound(&annotation).map_err(|why| BadLine::Unsound { place: place.to_owned(), line: number, why })?;
    Ok(annotation)
}

/// Whether the numbers and places of an annotation are those of things that it has, so that whoever uses it may look them up unasked. Entities
/// are numbered as they stand.
pub fn sound(annotation: &Annotation<'_>) -> Result<(), Unsound> {
    if annotation.schema != VERSION {
        return Err(Unsound::Version(annotation.schema.to_string()));
    }
    let known = |what: &'static str, number: usize, of: usize| {
        if number < of { Ok(()) } else { Err(Unsound::Number { what, number }) }
    };
    let lengths = Lengths {
        sentences: annotation.sentences.len(),
        mentions: annotation.mentions.len(),
        entities: annotation.entities.len(),
        references: annotation.references.len(),
        positions: annotation.positions.len(),
    };
    let entity = |number: usize| known("entity", number, lengths.entities);
    let mention = |number: usize| known("mention", number, lengths.mentions);
    places(annotation)?;
    annotation.mentions.iter().try_for_each(|mention| entity(mention.entity))?;
    annotation.references.iter().try_for_each(|reference| entity(reference.entity))?;
    annotation.quotes.iter().try_for_each(|quote| entity(quote.speaker))?;
    for (at, one) in annotation.entities.iter().enumerate() {
        if one.id != at {
            return Err(Unsound::Number { what: "entity", number: one.id });
        }
        one.of.map_or(Ok(()), entity)?;
        one.mentions.iter().try_for_each(|number| mention(*number))?;
    }
    for position in &annotation.positions {
        entity(position.actor_id)?;
        entity(position.target_id)?;
        for evidence in &position.evidence {
            known("sentence", evidence.sentence, lengths.sentences)?;
            mention(evidence.actor_mention)?;
            mention(evidence.target_mention)?;
            for reference in [evidence.actor_reference, evidence.target_reference].into_iter().flatten() {
                known("reference", reference, lengths.references)?;
            }
        }
    }
    drawn(annotation, &lengths)
}

/// How much of everything there is.
struct Lengths {
    sentences: usize,
    mentions: usize,
    entities: usize,
    references: usize,
    positions: usize,
}

/// The same for what is drawn from positions.
fn drawn(annotation: &Annotation<'_>, lengths: &Lengths) -> Result<(), Unsound> {
    let known = |what: &'static str, number: usize, of: usize| {
        if number < of { Ok(()) } else { Err(Unsound::Number { what, number }) }
    };
    let all = |what: &'static str, numbers: &mut dyn Iterator<Item = usize>, of: usize| {
        let mut seen = BTreeSet::new();
        for number in numbers {
            known(what, number, of)?;
            if !seen.insert(number) {
                return Err(Unsound::Twice { what, number });
            }
        }
        Ok(())
    };
    let mention = |number: &usize| known("mention", *number, lengths.mentions);
    for rolled in annotation.roll_up.iter().flatten() {
        all("position", &mut rolled.positions.iter().copied(), lengths.positions)?;
    }
    for watched in annotation.watch.iter().flatten() {
        all("mention", &mut watched.mentions.iter().copied(), lengths.mentions)?;
        all("position", &mut watched.positions.iter().copied(), lengths.positions)?;
        let stances = watched.claim.iter().flat_map(|claim| &claim.stances);
        all("actor", &mut stances.clone().map(|held| held.actor_id), lengths.entities)?;
        for held in stances {
            for told in &held.evidence {
                mention(&told.actor_mention)?;
                told.sentences.iter().try_for_each(|number| known("sentence", *number, lengths.sentences))?;
            }
        }
    }
    Ok(())
}

/// Whether all places lie in the body.
fn places(annotation: &Annotation<'_>) -> Result<(), Unsound> {
    let chars = annotation.chars;
    let place = |start: usize, end: usize| {
        if start <= end && end <= chars { Ok(()) } else { Err(Unsound::Place { start, end, chars }) }
    };
    let span = |span: &WireSpan| place(span.start, span.end);
    annotation.sentences.iter().try_for_each(span)?;
    annotation.mentions.iter().try_for_each(|one| place(one.start, one.end))?;
    annotation.references.iter().try_for_each(|one| place(one.start, one.end))?;
    annotation.quotes.iter().try_for_each(|one| place(one.start, one.end))?;
    let evidence = annotation.positions.iter().flat_map(|position| &position.evidence);
    evidence.flat_map(|told| [told.quote_span, told.cue]).flatten().try_for_each(|one| span(&one))
}

/// Where the bodies of annotations are: in the annotations themselves, or in articles that are read again.
pub struct Bodies(Option<Articles>);

impl Bodies {
    /// The bodies that annotations hold, and for all others those of `articles`, if there are any.
    pub const fn new(articles: Option<Articles>) -> Self {
        Self(articles)
    }

    /// The body of an annotation; `None` where nobody has it. Annotations are best asked for in their order.
    pub fn of<'a>(&mut self, annotation: &'a Annotation<'_>) -> Result<Option<Cow<'a, str>>, RevisitError> {
        match (&annotation.text, &mut self.0) {
            (Some(text), _) => Ok(Some(Cow::Borrowed(text))),
            (None, Some(articles)) => Ok(Some(Cow::Owned(articles.of(annotation)?.body))),
            (None, None) => Ok(None),
        }
    }
}

/// A score as the record writes it: four decimals.
pub fn score(score: f32) -> f64 {
    (f64::from(score) * 1e4).round() / 1e4
}
