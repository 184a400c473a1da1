//! The scorer: a log-linear model over the candidates of a phrase and "none of them".

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
    SaidBy, SpokenBy, Spoke, InSaid,
    // Whether it fits.
    Gender, Per, Org, Loc, Norp, Fac, Misc, Country, InName, Described, Alone, NameClass, DescribedClass, OtherClass, Unknown, Group, PluralName,
    // Of none of them.
    None, NoneSubject, NoneOwner, NoneOblique, NoneModifiers, NoneOwned, NoneMany, NoneQuoted, NoneOpens, NoneReflexive, NoneThis,
    NoneCountry, NonePlace, NoneGroup, NoneGovernment, NoneEvent,
}

/// How many features there are.
pub(super) const FEATURES: usize = NAMES.len();

/// Their names in the table of weights, in their order.
#[rustfmt::skip]
pub(super) const NAMES: [&str; 60] = [
    "same", "previous", "two", "few", "far", "ahead", "nearest", "second", "rank", "between",
    "subject", "owner", "modifier", "oblique", "referred", "opens", "parallel", "bound", "own-subject",
    "seen", "most", "only", "lead",
    "said-by", "spoken-by", "spoke", "in-said",
    "gender", "per", "org", "loc", "norp", "fac", "misc", "country", "in-name", "described", "alone", "name-class", "described-class", "other-class", "unknown",
    "group", "plural-name",
    "none", "none-subject", "none-owner", "none-oblique", "none-modifiers", "none-owned", "none-many", "none-quoted",
    "none-opens", "none-reflexive", "none-this", "none-country", "none-place", "none-group", "none-government", "none-event",
];

use super::find::Form;

/// The features that are there, with their values.
#[derive(Clone, Debug, Default)]
pub(super) struct Told(pub(super) Vec<(Feature, f32)>);

impl Told {
    /// Tells a feature where it holds.
    pub(super) fn when(&mut self, holds: bool, feature: Feature) {
        if holds {
            self.0.push((feature, 1.0));
        }
    }

    /// Tells a feature with its value.
    pub(super) fn value(&mut self, feature: Feature, value: f32) {
        if value != 0.0 {
            self.0.push((feature, value));
        }
    }
}

const TABLE: &str = include_str!("weights.tsv");

/// The weights, `[form][feature]`.
pub(super) struct Weights([[f32; FEATURES]; Form::SCORED.len()]);

impl Weights {
    /// Reads the table; a feature that is not in it weighs nothing.
    pub(super) fn new() -> Self {
        let mut weights = [[0.0; FEATURES]; Form::SCORED.len()];
        for row in TABLE.lines() {
            let mut fields = row.split('\t');
            let [form, feature, weight] = std::array::from_fn(|_| fields.next().unwrap_or_default());
            let form = Form::SCORED.iter().position(|known| known.name() == form);
            let feature = NAMES.iter().position(|known| *known == feature);
            if let (Some(form), Some(feature), Ok(weight)) = (form, feature, weight.parse()) {
                weights[form][feature] = weight;
            }
        }
        Self(weights)
    }

    /// The probability of each candidate, the last of which is none of them.
    pub(super) fn probabilities(&self, form: Form, candidates: &[Told]) -> Vec<f32> {
        let Some(form) = Form::SCORED.iter().position(|known| *known == form) else { return vec![0.0; candidates.len()] };
        let weigh = |told: &Told| told.0.iter().map(|(feature, value)| self.0[form][*feature as usize] * value).sum::<f32>();
        let scores: Vec<f32> = candidates.iter().map(weigh).collect();
        let most = scores.iter().copied().fold(f32::MIN, f32::max);
        let raised: Vec<f32> = scores.iter().map(|score| (score - most).exp()).collect();
        let total: f32 = raised.iter().sum();
        raised.into_iter().map(|value| value / total).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_knows_every_form_and_no_other_feature() {
        assert_eq!(Feature::NoneEvent as usize + 1, FEATURES);
        for row in TABLE.lines() {
            let fields: Vec<_> = row.split('\t').collect();
            assert!(Form::SCORED.iter().any(|form| form.name() == fields[0]) && NAMES.contains(&fields[1]), "{row}");
            assert!(fields[2].parse::<f32>().is_ok_and(f32::is_finite), "{row}");
        }
    }

    #[test]
    fn probabilities_sum_to_one() {
        let mut near = Told::default();
        near.when(true, Feature::Same);
        let found = Weights::new().probabilities(Form::He, &[near, Told::default()]);
        assert!((found.iter().sum::<f32>() - 1.0).abs() < 1e-6, "{found:?}");
    }
}
