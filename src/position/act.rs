//! Kinds of acts by which a position is taken.

use crate::span::Span;

/// The kind of act, after the event types of PLOVER (Halterman et al. 2023).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActKind {
    /// Approves, praises, endorses or votes for.
    Agree,
    /// Stands behind, defends, is allied or works together with.
    Support,
    /// Gives money, goods or help.
    Aid,
    /// Gives way: concedes, frees, lifts a sanction, steps down.
    Yield,
    /// Meets, talks or negotiates.
    Consult,
    /// Asks, appeals or calls for.
    Request,
    /// Criticises, condemns, blames, sues or charges.
    Accuse,
    /// Refuses, opposes, vetoes or votes against.
    Reject,
    /// Warns of harm, gives an ultimatum.
    Threaten,
    /// Demonstrates, strikes or boycotts in protest.
    Protest,
    /// Embargoes, bans, fines, expels or cuts ties.
    Sanction,
    /// Moves or readies forces.
    Mobilise,
    /// Arrests, seizes, restricts, raids or blockades.
    Coerce,
    /// Attacks, kills, bombs or fights.
    Assault,
}

impl ActKind {
    /// All kinds, from accord to violence.
    pub const ALL: [Self; 14] = [
        Self::Agree,
        Self::Support,
        Self::Aid,
        Self::Yield,
        Self::Consult,
        Self::Request,
        Self::Accuse,
        Self::Reject,
        Self::Threaten,
        Self::Protest,
        Self::Sanction,
        Self::Mobilise,
        Self::Coerce,
        Self::Assault,
    ];

    /// The name in the record.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Agree => "agree",
            Self::Support => "support",
            Self::Aid => "aid",
            Self::Yield => "yield",
            Self::Consult => "consult",
            Self::Request => "request",
            Self::Accuse => "accuse",
            Self::Reject => "reject",
            Self::Threaten => "threaten",
            Self::Protest => "protest",
            Self::Sanction => "sanction",
            Self::Mobilise => "mobilise",
            Self::Coerce => "coerce",
            Self::Assault => "assault",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What was done, and the words that say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act {
    /// The kind of act.
    pub kind: ActKind,
    /// The verb or noun that carries it, in the body.
    pub cue: Span,
}
