//! An annotation -> rows.

use Cell::{Bool, Long, Null, Text};
use sha2::{Digest, Sha256};

use super::super::date::published;
use super::schema::{Cell, Table};
use super::{TableSink, TablesError};
use crate::annotation::{Annotation, WireEntity, WireEvidence, WirePosition, WireSpan};
use crate::export::score;
use crate::span::CodePoints;

/// What an article is called in all tables: 20 hexadecimal digits, made of its identifier, its place and its text. The same article annotated
/// again keeps it.
pub fn article_key(annotation: &Annotation<'_>) -> String {
    let mut hash = Sha256::new();
    // Parted by NUL, which occurs in no path and no digest.
    let record = annotation.source.record.to_string();
    for part in [&annotation.id, &annotation.source.path, record.as_str(), &annotation.sha256] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hex(&hash.finalize()[..10])
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// One annotation on its way.
struct Rows<'a, S: ?Sized> {
    annotation: &'a Annotation<'a>,
    article: Cell<'a>,
    body: Option<CodePoints<'a>>,
    text: Option<&'a str>,
    sink: &'a mut S,
}

/// Hands the rows of a [`sound`](super::super::sound) annotation to a sink.
pub fn write<S: TableSink + ?Sized>(
    annotation: &Annotation<'_>,
    article: &str,
    body: Option<&str>,
    sink: &mut S,
) -> Result<(), TablesError> {
    let mut rows = Rows { annotation, article: Text(article), body: body.map(CodePoints::new), text: body, sink };
    rows.article()?;
    rows.parts()?;
    rows.positions()?;
    rows.drawn()
}

fn int(number: usize) -> Cell<'static> {
    Cell::Int(i32::try_from(number).unwrap_or(i32::MAX))
}

fn long(number: u64) -> Cell<'static> {
    Long(i64::try_from(number).unwrap_or(i64::MAX))
}

fn or_null<T>(value: Option<T>, cell: impl FnOnce(T) -> Cell<'static>) -> Cell<'static> {
    value.map_or(Null, cell)
}

fn text_or_null<'a>(value: Option<&'a (impl AsRef<str> + ?Sized + 'a)>) -> Cell<'a> {
    value.map_or(Null, |text| Text(text.as_ref()))
}

fn number(score_of: f32) -> Cell<'static> {
    Cell::Score(score(score_of))
}

/// Records of the first days have no keys.
fn key<'a>(entity: &'a WireEntity<'_>) -> Cell<'a> {
    if entity.key.is_empty() { Null } else { Text(&entity.key) }
}

impl<'a, S: TableSink + ?Sized> Rows<'a, S> {
    fn article(&mut self) -> Result<(), TablesError> {
        let one = self.annotation;
        let date = one.published.as_deref().and_then(published);
        let (ner, stance) = (&one.models.ner, &one.models.stance);
        self.sink.row(
            Table::Articles,
            &[
                self.article,
                Text(&one.id),
                Text(&one.source.path),
                long(one.source.record),
                or_null(one.source.offset, long),
                text_or_null(one.title.as_ref()),
                text_or_null(one.published.as_ref()),
                or_null(date, |date| Cell::Moment(date.moment)),
                or_null(date, |date| Cell::Day(date.day)),
                text_or_null(one.outlet.as_ref()),
                text_or_null(one.url.as_ref()),
                int(one.chars),
                Text(&one.sha256),
                text_or_null(self.text),
                text_or_null(one.duplicate_of.as_ref()),
                int(one.sentences.len()),
                int(one.mentions.len()),
                int(one.entities.len()),
                int(one.positions.len()),
                Text(&ner.name),
                Text(&ner.sha256),
                Text(&stance.name),
                Text(&stance.sha256),
                Text(&one.tool),
            ],
        )
    }

    /// The body between two places, where there is one.
    fn slice(&self, start: usize, end: usize) -> Cell<'a> {
        let (Some(points), Some(text)) = (&self.body, self.text) else { return Null };
        points.span([start, end]).map_or(Text(""), |span| Text(span.slice(text)))
    }

    /// The number of the sentence that holds a place.
    fn sentence(&self, start: usize) -> Cell<'static> {
        let sentences = &self.annotation.sentences;
        let after = sentences.partition_point(|sentence| sentence.start <= start);
        or_null(after.checked_sub(1).filter(|at| start < sentences[*at].end), int)
    }

    fn parts(&mut self) -> Result<(), TablesError> {
        let (one, article) = (self.annotation, self.article);
        for (at, WireSpan { start, end }) in one.sentences.iter().enumerate() {
            let text = self.slice(*start, *end);
            self.sink.row(Table::Sentences, &[article, int(at), int(*start), int(*end), text])?;
        }
        for entity in &one.entities {
            let cells = [
                article,
                int(entity.id),
                Text(&entity.name),
                Text(&entity.kind),
                text_or_null(entity.subtype.as_ref()),
                text_or_null(entity.country.as_ref()),
                key(entity),
                text_or_null(entity.role.as_ref()),
                or_null(entity.of, int),
                int(entity.mentions.len()),
            ];
            self.sink.row(Table::Entities, &cells)?;
        }
        for (at, mention) in one.mentions.iter().enumerate() {
            let place = [self.sentence(mention.start), int(mention.start), int(mention.end)];
            let rest = [Text(&mention.text), Text(&mention.kind), number(mention.score), int(mention.entity)];
            self.sink.row(Table::Mentions, &[&[article, int(at)], &place[..], &rest[..]].concat())?;
        }
        for (at, reference) in one.references.iter().enumerate() {
            let place = [self.sentence(reference.start), int(reference.start), int(reference.end)];
            let rest = [Text(&reference.text), number(reference.score), int(reference.entity)];
            self.sink.row(Table::References, &[&[article, int(at)], &place[..], &rest[..]].concat())?;
        }
        for (at, quote) in one.quotes.iter().enumerate() {
            let speaker = &one.entities[quote.speaker];
            let place = [self.sentence(quote.start), int(quote.start), int(quote.end)];
            let text = self.slice(quote.start, quote.end);
            let rest = [int(quote.speaker), Text(&speaker.name), key(speaker), text];
            self.sink.row(Table::Quotes, &[&[article, int(at)], &place[..], &rest[..]].concat())?;
        }
        Ok(())
    }

    /// Number, name, key, type and country of one side of a position.
    fn side(&self, name: &'a str, entity: usize) -> [Cell<'a>; 5] {
        let of = &self.annotation.entities[entity];
        [int(entity), Text(name), key(of), Text(&of.kind), text_or_null(of.country.as_ref())]
    }

    fn positions(&mut self) -> Result<(), TablesError> {
        let one = self.annotation;
        for (at, position) in one.positions.iter().enumerate() {
            let about = [
                self.article,
                int(at),
                Text(&position.stance),
                number(position.score),
                Bool(position.changed),
                int(position.evidence.len()),
            ];
            let actor = self.side(&position.actor, position.actor_id);
            let target = self.side(&position.target, position.target_id);
            self.sink.row(Table::Positions, &[&about[..], &actor, &target].concat())?;
            for (number, evidence) in position.evidence.iter().enumerate() {
                self.evidence(position, evidence, [at, number])?;
            }
        }
        Ok(())
    }

    fn evidence(
        &mut self,
        position: &'a WirePosition<'_>,
        told: &'a WireEvidence<'_>,
        [at, place]: [usize; 2],
    ) -> Result<(), TablesError> {
        let one = self.annotation;
        let WireSpan { start, end } = one.sentences[told.sentence];
        let span =
            |span: Option<WireSpan>| [or_null(span.map(|span| span.start), int), or_null(span.map(|span| span.end), int)];
        let cue = told.cue.map_or(Null, |cue| self.slice(cue.start, cue.end));
        let about = [
            self.article,
            int(at),
            int(place),
            int(told.sentence),
            int(start),
            int(end),
            Text(&told.stance),
            number(told.score),
            Text(&position.stance),
            number(position.score),
            text_or_null(told.kind.as_ref()),
        ];
        let quote = [cue, Bool(told.quote)];
        let actor = self.side(&position.actor, position.actor_id);
        let target = self.side(&position.target, position.target_id);
        let cells = [
            &about[..],
            &span(told.cue),
            &quote,
            &span(told.quote_span),
            &actor,
            &self.words(told.actor_mention, told.actor_reference),
            &target,
            &self.words(told.target_mention, told.target_reference),
            &[self.slice(start, end)],
        ];
        self.sink.row(Table::Evidence, &cells.concat())
    }

    /// By which mention or reference, and which words of the sentence, an evidence speaks of one side.
    fn words(&self, mention: usize, reference: Option<usize>) -> [Cell<'a>; 5] {
        let one = self.annotation;
        let (start, end, text) = if let Some(number) = reference {
            let reference = &one.references[number];
            (reference.start, reference.end, &reference.text)
        } else {
            let mention = &one.mentions[mention];
            (mention.start, mention.end, &mention.text)
        };
        [int(mention), or_null(reference, int), int(start), int(end), Text(text)]
    }

    /// What is drawn from positions.
    fn drawn(&mut self) -> Result<(), TablesError> {
        let (one, article) = (self.annotation, self.article);
        for (at, rolled) in one.roll_up.iter().flatten().enumerate() {
            let sides = [Text(&rolled.actor), Text(&rolled.target), Text(&rolled.stance), number(rolled.score)];
            let cells = [&[article, int(at)], &sides[..], &[int(rolled.positions.len())]].concat();
            self.sink.row(Table::RollUp, &cells)?;
            for position in &rolled.positions {
                self.sink.row(Table::RollUpPositions, &[article, int(at), int(*position)])?;
            }
        }
        for (at, watched) in one.watch.iter().flatten().enumerate() {
            let claim = text_or_null(watched.claim.as_ref().map(|claim| &claim.text));
            let counts = [int(watched.mentions.len()), int(watched.positions.len())];
            let cells = [&[article, int(at), Text(&watched.target), claim], &counts[..]].concat();
            self.sink.row(Table::Watch, &cells)?;
            for position in &watched.positions {
                self.sink.row(Table::WatchPositions, &[article, int(at), int(*position)])?;
            }
            for mention in &watched.mentions {
                self.sink.row(Table::WatchMentions, &[article, int(at), int(*mention)])?;
            }
            for held in watched.claim.iter().flat_map(|claim| &claim.stances) {
                let actor = [int(held.actor_id), Text(&held.actor), key(&one.entities[held.actor_id])];
                let rest = [Text(&held.stance), number(held.score), int(held.evidence.len())];
                self.sink.row(Table::ClaimStances, &[&[article, int(at)], &actor[..], &rest[..]].concat())?;
            }
        }
        Ok(())
    }
}
