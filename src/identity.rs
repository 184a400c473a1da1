//! Identity: what makes two runs the same. Equal ones give equal bytes, so one can go on where the other was stopped.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::engine::{Models, store::hex};
use crate::settings::Settings;
use crate::source::Input;

/// The program and its version.
pub const TOOL: &str = concat!("demarche ", env!("CARGO_PKG_VERSION"));

/// What makes two runs the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The program and its version.
    pub tool: String,
    /// All settings that reach the output, by name; the digests of models and of a rejects file among them.
    pub settings: BTreeMap<String, String>,
    /// The digest of the inputs' paths, sizes and times of change.
    pub inputs: String,
}

impl Identity {
    /// The identity of a run with these settings, models and inputs. `others` are settings that have no place in [`Settings`].
    pub fn new(settings: &Settings, models: &Models, inputs: &[Input], others: &[(&str, String)]) -> Self {
        let mut named = settings.that_reach_the_output();
        named.insert("models".to_owned(), models_in_words(models));
        named.extend(others.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let mut sha = Sha256::new();
        for input in inputs {
            sha.update(input.stamp());
            sha.update("\n");
        }
        Self { tool: TOOL.to_owned(), settings: named, inputs: hex(&sha.finalize()) }
    }

    /// How another run differs from this one, in words; `None` where it does not.
    pub fn difference(&self, other: &Self) -> Option<String> {
        if self.tool != other.tool {
            return Some(format!("it was begun by {}, this is {}", self.tool, other.tool));
        }
        let absent = "absent".to_owned();
        let names = self.settings.keys().chain(other.settings.keys());
        for name in names {
            let [was, is] = [self, other].map(|run| run.settings.get(name).unwrap_or(&absent));
            if was != is {
                return Some(format!("its {name} was {was}, and is {is} now"));
            }
        }
        (self.inputs != other.inputs)
            .then(|| "its inputs have changed: files came, went, grew or were written anew".to_owned())
    }
}

/// The models with their digests and the numbers that calibrate them.
fn models_in_words(models: &Models) -> String {
    let Models { tagger, tagger_temperature, judge, judge_temperature, none_weight, stance_curve } = models;
    format!(
        "{} {} at {tagger_temperature}, {} {} at {judge_temperature}, {none_weight}, {stance_curve:?}",
        tagger.name, tagger.sha256, judge.name, judge.sha256
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> Identity {
        let settings = [("keep-none", "false"), ("include-text", "true")];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Identity { tool: "demarche 1".to_owned(), settings: settings.into(), inputs: "ab".to_owned() }
    }

    #[test]
    fn what_changed_is_named() {
        let run = identity();
        assert_eq!(run.difference(&run), None);
        let mut other = identity();
        other.settings.insert("keep-none".to_owned(), "true".to_owned());
        assert_eq!(run.difference(&other).unwrap(), "its keep-none was false, and is true now");
        let other = Identity { inputs: "cd".to_owned(), ..identity() };
        assert!(run.difference(&other).unwrap().contains("inputs"));
        let other = Identity { tool: "demarche 2".to_owned(), ..identity() };
        assert!(run.difference(&other).unwrap().contains("demarche 2"));
    }
}
