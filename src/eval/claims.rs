//! Claims: the stance of a marked actor to a statement.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::counts::{Counts, Figures, head, ratio, row};
use super::{EvalError, read_checked};
use crate::position::Stance;
use crate::span::{CodePoints, Span};

#[derive(Deserialize)]
struct Wire {
    text: String,
    actor: [usize; 2],
    claim: String,
    stance: String,
}

/// One gold row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The text.
    pub text: String,
    /// The actor's mention, in bytes.
    pub actor: Span,
    /// The claim.
    pub claim: String,
    gold: Stance,
}

/// Reads rows of `{"text", "actor", "claim", "stance"}`, places in code points.
pub fn read(path: &Path) -> Result<Vec<Row>, EvalError> {
    read_checked(path, Row::new)
}

impl Row {
    fn new(wire: Wire) -> Result<Self, String> {
        let stance = Stance::from_name(&wire.stance);
        let gold = stance.ok_or_else(|| format!("{:?} is no stance: none, support or oppose", wire.stance))?;
        let points = CodePoints::new(&wire.text);
        let outside = || format!("the actor lies outside the text of {} code points", points.total());
        let actor = points.span(wire.actor).ok_or_else(outside)?;
        Ok(Self { text: wire.text, actor, claim: wire.claim, gold })
    }
}

/// The scores.
#[derive(Debug, PartialEq, Serialize)]
pub struct Report {
    accuracy: f64,
    macro_f1: f64,
    stances: BTreeMap<&'static str, Figures>,
    /// Expected calibration error of the scores, over ten bins.
    calibration_error: f64,
    claims: usize,
    rows: usize,
    #[serde(skip)]
    gold: BTreeMap<&'static str, usize>,
}

/// Scores one answer a row: the stance that was chosen, and its score.
pub fn score(rows: &[Row], answers: &[(Stance, f32)]) -> Report {
    let count = |stance: Stance| {
        let mut counts = Counts::default();
        for (row, (found, _)) in rows.iter().zip(answers) {
            counts.see(row.gold == stance, *found == stance);
        }
        counts
    };
    let stances = Stance::ALL.map(|stance| (stance.name(), count(stance)));
    let right = rows.iter().zip(answers).filter(|(row, (found, _))| row.gold == *found).count();
    let claims: std::collections::BTreeSet<&str> = rows.iter().map(|row| row.claim.as_str()).collect();
    let sum: f64 = stances.iter().map(|(_, counts)| counts.figures().f1).sum();
    Report {
        accuracy: ratio(right, rows.len()),
        macro_f1: (sum / stances.len() as f64 * 1e4).round() / 1e4,
        calibration_error: calibration_error(rows, answers),
        stances: stances.iter().map(|(name, counts)| (*name, counts.figures())).collect(),
        claims: claims.len(),
        rows: rows.len(),
        gold: stances.iter().map(|(name, counts)| (*name, counts.gold)).collect(),
    }
}

/// By how much scores are above or below the share that is right, bin by bin of a tenth, weighed by their answers.
fn calibration_error(rows: &[Row], answers: &[(Stance, f32)]) -> f64 {
    let mut bins = [(0.0, 0.0); 10];
    for (row, (found, score)) in rows.iter().zip(answers) {
        let bin = &mut bins[((score * 10.0) as usize).min(9)];
        bin.0 += f64::from(*score);
        bin.1 += f64::from(u8::from(row.gold == *found));
    }
    let apart: f64 = bins.iter().map(|(said, right)| (said - right).abs()).sum();
    (apart / rows.len().max(1) as f64 * 1e4).round() / 1e4
}

impl Report {
    /// The scores as a table.
    pub fn table(&self) -> String {
        let mut text = head("stance");
        for stance in Stance::ALL {
            text += &row(stance.name(), self.stances[stance.name()], self.gold[stance.name()]);
        }
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "accuracy {:.4}, macro F1 {:.4}, calibration error {:.4} over {} rows of {} claims",
            self.accuracy, self.macro_f1, self.calibration_error, self.rows, self.claims
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gold(stance: &str) -> Row {
        let wire = Wire { text: "é Kenya".to_owned(), actor: [2, 7], claim: "C".to_owned(), stance: stance.to_owned() };
        Row::new(wire).unwrap()
    }

    #[test]
    fn scores_by_hand() {
        assert_eq!(gold("none").actor.slice("é Kenya"), "Kenya");
        let rows = [gold("support"), gold("oppose"), gold("none"), gold("none")];
        let answers = [(Stance::Support, 0.95), (Stance::None, 0.55), (Stance::None, 0.55), (Stance::Support, 0.95)];
        let report = score(&rows, &answers);
        assert_eq!(report.accuracy, 0.5);
        // Support 2/3, oppose 0, none 1/2.
        assert_eq!(report.macro_f1, 0.3889);
        // Both bins: half right.
        assert_eq!(report.calibration_error, 0.25);
    }
}
