//! Features: what a candidate of a phrase, or "none of them", is told by.

/// What a candidate, or none, is told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[rustfmt::skip]
pub(super) enum Feature {
    // Of a candidate: where it was seen last.
    Same, Previous, Two, Few, Far, Ahead, Nearest, Second, Rank, Between,
    // What it was there.
    Subject, Owner, Modifier, Oblique, Referred, Opens, Parallel, Bound, OwnSubject,
    // How it stands in the article.
    Seen, Most, Only, Lead,
    // Who speaks.
    SaidBy, SpokenBy, SpokenFor, Spoke, InSaid,
    // Whether it fits.
    Gender, Suits, Per, Org, Loc, Norp, Fac, Misc, Country, InName, Described, Alone, NameClass, DescribedClass, OtherClass, Unknown, Group, PluralName, PluralNoun,
    // Of none of them.
    None, NoneSubject, NoneOwner, NoneOblique, NoneModifiers, NoneOwned, NoneMany, NoneQuoted, NoneOpens, NoneReflexive, NoneThis,
    NoneCountry, NonePlace, NoneGroup, NoneGovernment, NoneEvent,
}

/// How many features there are.
pub(super) const FEATURES: usize = NAMES.len();

/// Their names where they are trained on, in their order.
#[rustfmt::skip]
pub(super) const NAMES: [&str; 63] = [
    "same", "previous", "two", "few", "far", "ahead", "nearest", "second", "rank", "between",
    "subject", "owner", "modifier", "oblique", "referred", "opens", "parallel", "bound", "own-subject",
    "seen", "most", "only", "lead",
    "said-by", "spoken-by", "spoken-for", "spoke", "in-said",
    "gender", "suits", "per", "org", "loc", "norp", "fac", "misc", "country", "in-name", "described", "alone", "name-class", "described-class", "other-class", "unknown",
    "group", "plural-name", "plural-noun",
    "none", "none-subject", "none-owner", "none-oblique", "none-modifiers", "none-owned", "none-many", "none-quoted",
    "none-opens", "none-reflexive", "none-this", "none-country", "none-place", "none-group", "none-government", "none-event",
];

/// The features that are there, by their numbers, with their values.
#[derive(Clone, Debug, Default)]
pub(super) struct Told(pub(super) Vec<(usize, f32)>);

impl Told {
    /// Tells a feature where it holds.
    pub(super) fn when(&mut self, holds: bool, feature: Feature) {
        if holds {
            self.0.push((feature as usize, 1.0));
        }
    }

    /// Tells a feature with its value.
    pub(super) fn value(&mut self, feature: Feature, value: f32) {
        if value != 0.0 {
            self.0.push((feature as usize, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_has_a_name() {
        assert_eq!(Feature::NoneEvent as usize + 1, FEATURES);
    }
}
