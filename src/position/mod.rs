//! Positions: who stands where towards whom.
//!
//! Two steps. [`Judge::judge`] asks the engine about every pair of mentions that meet in a sentence; [`Judge::merge`] gathers
//! the answers over the article, one row an (actor, target). Between them stands the linker, which says which mentions
//! are one thing; the judge does not need to know, so an article of any length is judged passage by passage. A pronoun or nominal
//! that stands for a named thing is asked about like a mention, and counts for its antecedent.

mod act;
mod ask;
mod change;
mod merge;
mod quoted;
#[cfg(test)]
mod tests;

use crate::engine::{Curve, Models, STANCES};
use crate::mention::EntityType;
use crate::span::Span;
pub use act::{Act, ActKind};
pub use ask::{Numbered, Referred, probabilities};
pub use change::{Change, change, mark_changes};
pub use merge::balance;
pub use quoted::quoted;

/// How an actor stands towards a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stance {
    /// No position is taken.
    None,
    /// For it.
    Support,
    /// Against it.
    Oppose,
}

impl Stance {
    /// All stances, in the order of the model's labels.
    pub const ALL: [Self; 3] = [Self::None, Self::Support, Self::Oppose];

    /// The name in the record: `none`, `support` or `oppose`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Support => "support",
            Self::Oppose => "oppose",
        }
    }

    /// The stance of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stance| stance.name() == name)
    }
}

/// One sentence that tells of a position, by one mention of the actor and one of the target.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The number of the sentence in the article.
    pub sentence: usize,
    /// The number of the actor's mention in the article's list.
    pub actor_mention: usize,
    /// The number of the target's mention in the article's list.
    pub target_mention: usize,
    /// The numbers of the pronouns or nominals, in the article's list of references, by which this sentence speaks of actor
    /// and target; the mentions above are then their antecedents.
    pub references: [Option<usize>; 2],
    /// What this sentence says.
    pub stance: Stance,
    /// The calibrated probability of that stance, given this sentence.
    pub score: f32,
    /// The direct speech that says so, where its speaker is the actor.
    pub quote: Option<Span>,
    /// The kind of act, and the word that tells it, where one does.
    pub act: Option<Act>,
}

/// What an actor holds of a target over the whole article.
#[derive(Clone, Debug, PartialEq)]
pub struct Position {
    /// The number of the actor in the article's list of entities.
    pub actor: usize,
    /// The number of the target in the article's list of entities.
    pub target: usize,
    /// The stance over the whole article.
    pub stance: Stance,
    /// The calibrated probability of that stance, given the article.
    pub score: f32,
    /// Whether the text says that the actor stood otherwise before.
    pub changed: bool,
    /// What it rests on, in the order of the text; never empty.
    pub evidence: Vec<Evidence>,
}

/// What the text of one row says of two mentions, both ways.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The number of the sentence in the article.
    pub sentence: usize,
    /// The numbers of the two mentions in the article's list, the earlier first. Of a reference, that of its antecedent.
    pub mentions: [usize; 2],
    /// The numbers of the references by which the row speaks of the two, in the article's list.
    pub references: [Option<usize>; 2],
    /// The probability that these references are right.
    pub sure: f32,
    /// Calibrated probabilities, `[way][stance]`; way 0 is the earlier towards the later.
    pub ways: [[f32; STANCES]; 2],
}

/// The judge: pairs of mentions -> judgements.
#[derive(Clone, Copy, Debug)]
pub struct Judge {
    /// What the logits are divided by before they become probabilities.
    pub temperature: f32,
    /// How much the probability of no stance counts in [`Judge::choose`].
    pub none_weight: f32,
    /// What takes the log odds of a stance that is given to those of its score: a model is surer of what it chose than it is
    /// right.
    pub curve: Curve,
}

impl Judge {
    /// The judge of some models, as they are calibrated.
    pub const fn new(models: &Models) -> Self {
        Self { temperature: models.judge_temperature, none_weight: models.none_weight, curve: models.stance_curve }
    }

    /// The stance that a distribution speaks for, and its calibrated probability. Below 1, the weight of no stance lets a
    /// stance be chosen that is a little less probable than none: F1 is best there, and the score says how sure it is.
    pub fn choose(self, distribution: &[f32; STANCES]) -> (Stance, f32) {
        let [none, support, oppose] = *distribution;
        let (stance, probability) = if oppose > support { (Stance::Oppose, oppose) } else { (Stance::Support, support) };
        if probability > none * self.none_weight { (stance, self.scaled(probability)) } else { (Stance::None, none) }
    }

    fn scaled(self, probability: f32) -> f32 {
        let sure = probability.clamp(1e-6, 1.0 - 1e-6);
        1.0 / (1.0 + (-self.curve.at((sure / (1.0 - sure)).ln())).exp())
    }
}

/// Whether a thing of this type can hold a position; an event, a law or a work cannot.
pub const fn can_act(kind: EntityType) -> bool {
    !matches!(kind, EntityType::Misc)
}

/// Which positions reach the record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// Support and oppose only.
    #[default]
    Stanced,
    /// Every judged pair of entities, those without a position too.
    All,
}

/// Whether pronouns and nominals are resolved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refer {
    /// They are.
    #[default]
    Yes,
    /// Names alone count.
    No,
}
