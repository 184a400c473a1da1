//! Mentions: the named things of an article, found token by token.

use crate::span::Span;

/// The six types of a named thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntityType {
    /// A person.
    Per,
    /// An organisation: a party, a company, a ministry, an army, a team, a paper.
    Org,
    /// A place: a country, a city, a region, a sea.
    Loc,
    /// A nationality, or a religious, ethnic or political group.
    Norp,
    /// A building or work: an airport, a base, a bridge, a road.
    Fac,
    /// Another named thing: an event, a law, an agreement, a prize, a work.
    Misc,
}

impl EntityType {
    /// All types, in the order of the model's labels.
    pub const ALL: [Self; 6] = [Self::Per, Self::Org, Self::Loc, Self::Norp, Self::Fac, Self::Misc];

    /// The name in the record: `PER`, `ORG`, `LOC`, `NORP`, `FAC` or `MISC`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Per => "PER",
            Self::Org => "ORG",
            Self::Loc => "LOC",
            Self::Norp => "NORP",
            Self::Fac => "FAC",
            Self::Misc => "MISC",
        }
    }

    /// The type of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One place in the body that names something. It lies inside one sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    /// Where it stands in the body.
    pub span: Span,
    /// What kind of thing it names.
    pub kind: EntityType,
    /// The probability that the span and the type are right, 0 to 1.
    pub score: f32,
    /// The number of its sentence in the article, from 0.
    pub sentence: usize,
}
