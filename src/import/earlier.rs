//! The annotations that were exported: what they say of articles that people have worked on.

use std::collections::BTreeMap;

use crate::annotation::Annotation;
use crate::position::Stance;

/// What an annotation said.
#[derive(Clone, Debug, Default)]
pub struct Earlier {
    /// The entity of each mention, by its place.
    pub mentions: BTreeMap<[usize; 2], usize>,
    /// The entities' names.
    pub names: Vec<String>,
    /// The positions: actor, target, stance, and whether one sentence names both.
    pub positions: Vec<(usize, usize, Stance, bool)>,
    /// The text, where the annotation held it.
    pub text: Option<String>,
}

impl Earlier {
    /// What an annotation says.
    pub fn of(annotation: &Annotation<'_>) -> Self {
        let mentions = annotation.mentions.iter().map(|mention| ([mention.start, mention.end], mention.entity));
        let positions = annotation.positions.iter().filter_map(|position| {
            let stance = Stance::from_name(&position.stance).filter(|stance| *stance != Stance::None)?;
            let named =
                position.evidence.iter().any(|told| told.actor_reference.or(told.target_reference).is_none() && !told.quote);
            Some((position.actor_id, position.target_id, stance, named))
        });
        Self {
            mentions: mentions.collect(),
            names: annotation.entities.iter().map(|entity| entity.name.to_string()).collect(),
            positions: positions.collect(),
            text: annotation.text.as_deref().map(str::to_owned),
        }
    }
}
