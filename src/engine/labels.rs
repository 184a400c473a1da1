//! Label names of other people's models -> our types and stances.
//!
//! A token label is a type, mostly behind the part of a name that the token is (`B-PERSON`). The built-in table knows the names of
//! the common data sets; a table of the settings is asked first. A name that neither knows is an error, since a guess would be
//! a silent change of what the output means.

use std::collections::BTreeMap;

use super::{EngineError, LABELS, STANCES};
use crate::mention::EntityType;
use crate::position::Stance;

/// What the settings say of label names: our name for theirs. `O` says that a type is not wanted.
pub type Table = BTreeMap<String, String>;

/// Type names of common data sets (CoNLL-2003, OntoNotes 5, WikiNER, Few-NERD, WNUT, Universal NER) and ours. Dates, quantities and
/// languages name no thing that could hold or meet a position.
const TYPES: [(&str, &[&str]); 7] = [
    ("PER", &["PER", "PERSON"]),
    ("ORG", &["ORG", "ORGANIZATION", "ORGANISATION", "CORPORATION", "GROUP"]),
    ("LOC", &["LOC", "LOCATION", "GPE"]),
    ("NORP", &["NORP"]),
    ("FAC", &["FAC", "FACILITY", "BUILDING"]),
    ("MISC", &["MISC", "EVENT", "LAW", "PRODUCT", "WORK_OF_ART", "CREATIVE-WORK", "ART"]),
    ("O", &["O", "DATE", "TIME", "CARDINAL", "ORDINAL", "QUANTITY", "PERCENT", "MONEY", "LANGUAGE"]),
];

/// Stance names of common data sets, those of natural language inference among them: a text that entails "A supports B" supports.
const STANCE_NAMES: [(&str, &[&str]); STANCES] = [
    ("none", &["none", "neutral", "neither", "unrelated", "comment"]),
    ("support", &["support", "favor", "favour", "for", "pro", "positive", "entailment"]),
    ("oppose", &["oppose", "against", "con", "deny", "negative", "contradiction"]),
];

/// What the labels of a token model are made of: for each of ours the numbers of theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenLabels([Vec<usize>; LABELS]);

/// What a label without any counterpart has: never the most probable.
const NEVER: f32 = -1e4;
/// How much less an inside label that continues nothing speaks for a beginning.
const OPENING: f32 = 1.0;

impl TokenLabels {
    /// Reads label names, in the order of the model's outputs. `model` is named where one of them is not known.
    pub fn new(names: &[String], table: &Table, model: &str) -> Result<Self, EngineError> {
        let mut sources: [Vec<usize>; LABELS] = std::array::from_fn(|_| Vec::new());
        for (number, name) in names.iter().enumerate() {
            let (begins, kind) = parts(name);
            let ours = ours(kind, table, &TYPES).ok_or_else(|| {
                unknown(names, &format!("{name:?} is not known"), model, "PER, ORG, LOC, NORP, FAC, MISC or O")
            })?;
            let place = EntityType::ALL
                .iter()
                .position(|kind| kind.name() == ours)
                .map_or(0, |at| 1 + 2 * at + usize::from(!begins));
            sources[place].push(number);
        }
        Ok(Self(sources))
    }

    /// Our logits from theirs. Several labels for one of ours add their probabilities. An inside label may also open a mention, as
    /// models have it that were trained without beginnings.
    pub fn logits(&self, theirs: &[f32]) -> [f32; LABELS] {
        let mut ours = [NEVER; LABELS];
        for (logit, sources) in ours.iter_mut().zip(&self.0) {
            let most = sources.iter().map(|at| theirs[*at]).fold(NEVER, f32::max);
            if most > NEVER {
                *logit = most + sources.iter().map(|at| (theirs[*at] - most).exp()).sum::<f32>().ln();
            }
        }
        for begin in (1..LABELS).step_by(2) {
            ours[begin] = ours[begin].max(ours[begin + 1] - OPENING);
        }
        ours
    }
}

/// What the labels of a pair model are: the number of theirs for each stance; none where it has no such label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StanceLabels([Option<usize>; STANCES]);

impl StanceLabels {
    /// Reads label names, in the order of the model's outputs. Support and oppose have to be among them.
    pub fn new(names: &[String], table: &Table, model: &str) -> Result<Self, EngineError> {
        let mut found = [None; STANCES];
        for (number, name) in names.iter().enumerate() {
            let ours = ours(name, table, &STANCE_NAMES).and_then(|ours| Stance::from_name(&ours));
            let ours =
                ours.ok_or_else(|| unknown(names, &format!("{name:?} is not known"), model, "support, oppose or none"))?;
            found[ours as usize] = Some(number);
        }
        match found {
            [_, Some(_), Some(_)] => Ok(Self(found)),
            _ => Err(unknown(names, "none stands for support, or none for oppose", model, "support, oppose or none")),
        }
    }

    /// Our logits from theirs.
    pub fn logits(&self, theirs: &[f32]) -> [f32; STANCES] {
        self.0.map(|source| source.map_or(NEVER, |at| theirs[at]))
    }
}

/// Whether a token label begins a name, and its type. Single tokens (S, U) begin one; the last (E, L) continue it.
fn parts(label: &str) -> (bool, &str) {
    match label.split_at_checked(2) {
        Some(("B-" | "S-" | "U-" | "B_" | "S_" | "U_", kind)) => (true, kind),
        Some(("I-" | "E-" | "L-" | "M-" | "I_" | "E_" | "L_" | "M_", kind)) => (false, kind),
        _ => (false, label),
    }
}

/// Our name for theirs: the settings' table first, then the built-in one, in which letter case does not count.
fn ours(name: &str, table: &Table, built_in: &[(&str, &[&str])]) -> Option<String> {
    let known = || built_in.iter().find(|(_, theirs)| theirs.iter().any(|known| known.eq_ignore_ascii_case(name)));
    let given = table.get(name).cloned().or_else(|| known().map(|(ours, _)| (*ours).to_owned()))?;
    built_in.iter().any(|(ours, _)| *ours == given).then_some(given)
}

fn unknown(names: &[String], unknown: &str, model: &str, ours: &'static str) -> EngineError {
    let mut found: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    found.truncate(100);
    EngineError::Labels { model: model.to_owned(), unknown: unknown.to_owned(), found: found.join(", "), ours }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn parts_and_types_find_their_place() {
        let labels =
            TokenLabels::new(&names(&["O", "B-PERSON", "I-PERSON", "E-GPE", "S-GPE", "B-DATE"]), &Table::new(), "m")
                .unwrap();
        let logits = labels.logits(&[0.0, 1.0, 2.0, 3.0, 4.0, 1.0]);
        // O and B-DATE are one label: ln(e^0 + e^1).
        assert!((logits[0] - 1.313_262).abs() < 1e-5, "{logits:?}");
        // I-PERSON may begin where B-PERSON is less probable.
        assert_eq!(logits[1..3], [1.0, 2.0]);
        assert_eq!(logits[5..7], [4.0, 3.0]);
        assert_eq!(logits[3], NEVER);
    }

    #[test]
    fn a_type_without_beginnings_opens_by_its_inside() {
        let labels = TokenLabels::new(&names(&["PER", "O"]), &Table::new(), "m").unwrap();
        assert_eq!(labels.logits(&[5.0, 0.0])[..3], [0.0, 4.0, 5.0]);
    }

    #[test]
    fn the_table_of_the_settings_comes_first() {
        let table = Table::from([("TICKER".to_owned(), "ORG".to_owned()), ("MISC".to_owned(), "O".to_owned())]);
        let labels = TokenLabels::new(&names(&["B-TICKER", "B-MISC"]), &table, "m").unwrap();
        assert_eq!(
            labels,
            TokenLabels(
                std::array::from_fn(|at| match at {
                    0 => vec![1],
                    3 => vec![0],
                    _ => vec![],
                })
                .map(|mut list: Vec<usize>| {
                    list.sort_unstable();
                    list
                })
            )
        );
    }

    #[test]
    fn a_foreign_label_is_named_and_all_are_listed() {
        for (list, unknown) in [(["O", "B-GENE"], "B-GENE"), (["O", "LABEL_0"], "LABEL_0")] {
            let error = TokenLabels::new(&names(&list), &Table::new(), "dir/model").unwrap_err().to_string();
            assert!(error.contains(unknown) && error.contains("\"O\"") && error.contains("dir/model"), "{error}");
        }
        let error = StanceLabels::new(&names(&["favor", "none"]), &Table::new(), "m").unwrap_err().to_string();
        assert!(error.contains("oppose"), "{error}");
        // A table that names no type of ours helps nobody.
        let table = Table::from([("GENE".to_owned(), "THING".to_owned())]);
        assert!(TokenLabels::new(&names(&["B-GENE"]), &table, "m").is_err());
    }

    #[test]
    fn stances_of_inference_are_ours() {
        let labels = StanceLabels::new(&names(&["CONTRADICTION", "NEUTRAL", "ENTAILMENT"]), &Table::new(), "m").unwrap();
        assert_eq!(labels.logits(&[1.0, 2.0, 3.0]), [2.0, 3.0, 1.0]);
    }
}
