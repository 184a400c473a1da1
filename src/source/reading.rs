//! Reading: the records of a run with the place at which each ends, so that a later run can go on behind it.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::dedup::{Dedup, Seen};
use super::selection::Selection;
use super::{Input, Languages, Options, Records, Reject};
use crate::article::Article;

/// How far reading has come: so many inputs are read, and so many records of the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cursor {
    /// Inputs that are read to their ends.
    pub inputs: u64,
    /// Records, articles and rejects alike, of the one that follows.
    pub records: u64,
}

/// A record, and how far reading has come with it.
#[derive(Debug)]
pub struct Read {
    /// Behind the record.
    pub cursor: Cursor,
    /// The record.
    pub what: What,
}

/// What a record is.
#[derive(Debug)]
pub enum What {
    /// An article to annotate.
    Article(Article),
    /// An article that repeats one that came before.
    Copy {
        /// The copy.
        article: Article,
        /// The identifier of the first.
        of: String,
    },
    /// Input that is none.
    Reject(Reject),
}

/// The records of a run, in order.
pub struct Reading {
    records: Records,
    cursor: Cursor,
    selection: Option<Selection>,
    /// What came before, where copies are told.
    seen: Option<Seen>,
    /// What stands behind a reject and was read to know whether there is anything.
    ahead: VecDeque<Read>,
}

/// Why a run cannot go on.
#[derive(Debug, thiserror::Error)]
#[error("{path} has fewer records than when the run was begun: begin anew with --restart")]
pub struct Shrunk {
    path: String,
}

impl Reading {
    /// All records of the inputs, or those of a selection.
    pub fn new(inputs: Vec<Input>, options: Options, selection: Option<Selection>, dedup: Option<Dedup>) -> Self {
        let (records, seen) = (Records::new(inputs, options), dedup.map(Seen::new));
        Self { records, cursor: Cursor::default(), selection, seen, ahead: VecDeque::new() }
    }

    /// The records behind a cursor. Inputs that are read to their ends are not opened again, unless copies are told: then all is read
    /// once more, to know what came before.
    pub fn resume(mut self, cursor: Cursor) -> Result<Self, Shrunk> {
        if self.seen.is_some() {
            while self.cursor < cursor {
                if self.read().is_none() || self.cursor > cursor {
                    return Err(Shrunk { path: self.records.path });
                }
            }
            return Ok(self);
        }
        self.records.pass(cursor.inputs);
        // What language they are in does not matter, and takes most of the time.
        let languages = std::mem::replace(&mut self.records.options.languages, Languages::Any);
        for _ in 0..cursor.records {
            if self.records.next().is_none() || self.records.opened != cursor.inputs + 1 {
                return Err(Shrunk { path: self.records.path });
            }
        }
        self.records.options.languages = languages;
        self.cursor = cursor;
        Ok(self)
    }

    /// The records themselves, for their counter.
    pub const fn records(&self) -> &Records {
        &self.records
    }

    /// An article, or the copy of one.
    fn article(&mut self, article: Article) -> What {
        match self.seen.as_mut().and_then(|seen| seen.original(&article)) {
            Some(first) => What::Copy { of: first.to_owned(), article },
            None => What::Article(article),
        }
    }

    /// The next record that is wanted.
    fn read(&mut self) -> Option<Read> {
        loop {
            let record = self.records.next()?;
            let inputs = self.records.opened.saturating_sub(1);
            let records = if inputs == self.cursor.inputs { self.cursor.records } else { 0 } + 1;
            self.cursor = Cursor { inputs, records };
            let place = record.as_ref().map_or_else(|reject| &reject.place, |article| &article.place);
            if self.selection.as_ref().is_none_or(|selection| selection.wants(place)) {
                let what = record.map_or_else(What::Reject, |article| self.article(article));
                return Some(Read { cursor: self.cursor, what });
            }
        }
    }
}

impl Iterator for Reading {
    type Item = Read;

    fn next(&mut self) -> Option<Read> {
        let mut read = self.ahead.pop_front().or_else(|| self.read())?;
        if let What::Reject(reject) = &mut read.what {
            // Who waits on standard input shall not wait for the record behind.
            if self.ahead.is_empty() && reject.place.path != super::discover::STDIN {
                let behind = self.read();
                self.ahead.extend(behind);
            }
            let path = |read: &Read| match &read.what {
                What::Article(article) | What::Copy { article, .. } => article.place.path == reject.place.path,
                What::Reject(other) => other.place.path == reject.place.path,
            };
            reject.last = !self.ahead.front().is_some_and(path);
        }
        Some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::options;
    use super::*;

    fn inputs() -> Vec<Input> {
        let good = |id: &str| format!("{{\"id\":\"{id}\",\"text\":\"Kenya won.\"}}\n");
        let lines = |prefix: &str| {
            (0..4).map(|n| if n == 2 { "{\n".to_owned() } else { good(&format!("{prefix}{n}")) }).collect::<String>()
        };
        vec![
            Input::memory("a.jsonl", lines("a")),
            Input::memory("none.jsonl", String::new()),
            Input::memory("b.txt", "Kenya won."),
            Input::file("gone.txt".into()),
            Input::memory("c.jsonl", lines("c") + "{"),
        ]
    }

    fn all(reading: Reading) -> Vec<(Cursor, String)> {
        let name = |what| match what {
            What::Article(article) => article.id,
            What::Copy { article, of } => format!("{} of {of}", article.id),
            What::Reject(reject) => format!("{} {} {}", reject.place.path, reject.place.record, reject.last),
        };
        reading.map(|read| (read.cursor, name(read.what))).collect()
    }

    #[test]
    fn reading_goes_on_behind_any_record() {
        let whole = all(Reading::new(inputs(), options(), None, None));
        let names: Vec<&str> = whole.iter().map(|(_, name)| name.as_str()).collect();
        let expected = [
            "a0",
            "a1",
            "a.jsonl 2 false",
            "a3",
            "b",
            "gone.txt 0 true",
            "c0",
            "c1",
            "c.jsonl 2 false",
            "c3",
            "c.jsonl 4 true",
        ];
        assert_eq!(names, expected);
        assert!(whole.is_sorted_by_key(|(cursor, _)| *cursor));
        for (at, (cursor, _)) in whole.iter().enumerate() {
            let rest = all(Reading::new(inputs(), options(), None, None).resume(*cursor).unwrap());
            assert_eq!(rest, whole[at + 1..], "behind {cursor:?}");
        }
    }

    #[test]
    fn copies_are_told_behind_any_record() {
        let mut inputs = inputs();
        inputs.insert(
            0,
            Input::memory(
                "first.jsonl",
                "{\"id\":\"f0\",\"text\":\"Peru won.\"}\n{\"id\":\"f1\",\"text\":\"Kenya won.\"}\n",
            ),
        );
        let read = || Reading::new(inputs.clone(), options(), None, Some(Dedup::Exact));
        let whole = all(read());
        assert_eq!(whole.iter().filter(|(_, name)| name.ends_with(" of f1")).count(), 7);
        for (at, (cursor, _)) in whole.iter().enumerate() {
            assert_eq!(all(read().resume(*cursor).unwrap()), whole[at + 1..], "behind {cursor:?}");
        }
    }

    #[test]
    fn an_input_that_has_shrunk_is_told() {
        let cursor = Cursor { inputs: 0, records: 5 };
        let error = Reading::new(inputs(), options(), None, None).resume(cursor).err().unwrap();
        assert!(error.to_string().contains("a.jsonl") || error.to_string().contains("b.txt"), "{error}");
    }

    #[test]
    fn a_selection_is_read_and_the_cursor_counts_all() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rejects.jsonl");
        let lines = [r#"{"path":"a.jsonl","record":1,"last":false}"#, r#"{"path":"c.jsonl","record":2,"last":true}"#];
        std::fs::write(&file, lines.join("\n")).unwrap();
        let selection = Selection::read(&file).unwrap();
        let read = all(Reading::new(inputs(), options(), Some(selection), None));
        let names: Vec<&str> = read.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["a1", "c.jsonl 2 false", "c3", "c.jsonl 4 true"]);
        assert_eq!(read[0].0, Cursor { inputs: 0, records: 2 });
    }
}
