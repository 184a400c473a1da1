//! Positions: who stands where towards whom.

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
    /// What this sentence says.
    pub stance: Stance,
    /// The calibrated probability of that stance, given this sentence.
    pub score: f32,
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
    /// What it rests on, in the order of the text; never empty.
    pub evidence: Vec<Evidence>,
}
