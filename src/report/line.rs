//! What the report reads of a line of annotations: less than the record holds, so that a million lines are read fast.

use std::borrow::Cow;

use serde::Deserialize;

use crate::annotation::{VERSION, WireSpan};

/// One annotated article.
#[derive(Deserialize)]
pub(super) struct Line<'a> {
    #[serde(borrow)]
    schema: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    #[serde(default)]
    pub(super) title: Option<String>,
    #[serde(default)]
    pub(super) published: Option<String>,
    #[serde(default)]
    pub(super) outlet: Option<String>,
    #[serde(default)]
    pub(super) url: Option<String>,
    #[serde(default)]
    pub(super) text: Option<String>,
    #[serde(default)]
    pub(super) duplicate_of: Option<serde::de::IgnoredAny>,
    pub(super) sentences: Vec<WireSpan>,
    #[serde(borrow)]
    pub(super) mentions: Vec<Named<'a>>,
    #[serde(borrow)]
    pub(super) entities: Vec<Thing<'a>>,
    #[serde(borrow, default)]
    pub(super) references: Vec<Named<'a>>,
    #[serde(borrow)]
    pub(super) positions: Vec<Position<'a>>,
}

impl<'a> Line<'a> {
    /// A line that is an annotation of this version.
    pub(super) fn read(line: &'a str) -> serde_json::Result<Self> {
        let read: Self = serde_json::from_str(line)?;
        if read.schema == VERSION {
            Ok(read)
        } else {
            let other = format!("it is of version {}, and this program reads {VERSION}", read.schema);
            Err(serde::de::Error::custom(other))
        }
    }
}

/// A mention or a reference.
#[derive(Deserialize)]
pub(super) struct Named<'a> {
    pub(super) start: usize,
    pub(super) end: usize,
    #[serde(borrow)]
    pub(super) text: Cow<'a, str>,
}

/// An entity.
#[derive(Deserialize)]
pub(super) struct Thing<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Cow<'a, str>,
    #[serde(default)]
    pub(super) country: Option<serde::de::IgnoredAny>,
    #[serde(borrow, default)]
    key: Cow<'a, str>,
}

impl Thing<'_> {
    /// What it is called in every article alike. Records of early versions have no key; their names have to do.
    pub(super) fn key(&self) -> Cow<'_, str> {
        if self.key.is_empty() {
            format!("{}:{}", self.kind.to_lowercase(), self.name.to_lowercase()).into()
        } else {
            Cow::Borrowed(&self.key)
        }
    }
}

/// A position.
#[derive(Deserialize)]
pub(super) struct Position<'a> {
    pub(super) actor_id: usize,
    pub(super) target_id: usize,
    #[serde(borrow)]
    pub(super) stance: Cow<'a, str>,
    pub(super) score: f32,
    #[serde(default)]
    pub(super) changed: bool,
    #[serde(borrow)]
    pub(super) evidence: Vec<Told<'a>>,
}

/// One sentence that speaks for a position.
#[derive(Deserialize)]
pub(super) struct Told<'a> {
    pub(super) sentence: usize,
    pub(super) actor_mention: usize,
    pub(super) target_mention: usize,
    #[serde(default)]
    pub(super) actor_reference: Option<usize>,
    #[serde(default)]
    pub(super) target_reference: Option<usize>,
    #[serde(borrow)]
    pub(super) stance: Cow<'a, str>,
    pub(super) score: f32,
    #[serde(default)]
    pub(super) quote: bool,
    #[serde(borrow, default)]
    pub(super) kind: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(super) cue: Option<WireSpan>,
}

impl Position<'_> {
    /// The sentence that speaks most surely for its stance, the first of equals.
    pub(super) fn strongest(&self) -> Option<&Told<'_>> {
        let fitting = self.evidence.iter().filter(|told| told.stance == self.stance);
        fitting.reduce(|best, next| if next.score > best.score { next } else { best }).or(self.evidence.first())
    }

    /// The kind of act: that of the strongest sentence that has one.
    pub(super) fn kind(&self) -> Option<&str> {
        let fitting = self.evidence.iter().filter(|told| told.stance == self.stance && told.kind.is_some());
        fitting.reduce(|best, next| if next.score > best.score { next } else { best })?.kind.as_deref()
    }
}
