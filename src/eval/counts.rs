//! Counts: hits, predictions and gold, from which precision, recall and F1 follow.

use std::ops::AddAssign;

use serde::Serialize;

/// How many were found, how many there are, and how many of both agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Predictions that are gold.
    pub hits: usize,
    /// All predictions.
    pub found: usize,
    /// All gold.
    pub gold: usize,
}

impl Counts {
    /// Counts one case that gold has or not, and the prediction has or not.
    pub fn see(&mut self, gold: bool, found: bool) {
        self.gold += usize::from(gold);
        self.found += usize::from(found);
        self.hits += usize::from(gold && found);
    }

    /// The figures; 0 where they are not defined.
    pub fn figures(self) -> Figures {
        Figures {
            p: ratio(self.hits, self.found),
            r: ratio(self.hits, self.gold),
            f1: ratio(2 * self.hits, self.found + self.gold),
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.hits += other.hits;
        self.found += other.found;
        self.gold += other.gold;
    }
}

/// Precision, recall and F1, with four decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Precision: hits among the predictions.
    pub p: f64,
    /// Recall: hits among the gold.
    pub r: f64,
    /// Their harmonic mean.
    pub f1: f64,
}

/// A share with four decimals; 0 of nothing.
pub fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64 * 1e4).round() / 1e4 }
}

/// One line of a table for people.
pub(super) fn row(name: &str, figures: Figures, gold: usize) -> String {
    format!("{name:<14} {:>9.4} {:>9.4} {:>9.4} {gold:>8}\n", figures.p, figures.r, figures.f1)
}

/// The head of such a table.
pub(super) fn head(what: &str) -> String {
    format!("{what:<14} {:>9} {:>9} {:>9} {:>8}\n", "precision", "recall", "F1", "gold")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_by_hand() {
        let mut counts = Counts { hits: 2, found: 4, gold: 3 };
        assert_eq!(counts.figures(), Figures { p: 0.5, r: 0.6667, f1: 0.5714 });
        counts += Counts { hits: 1, found: 0, gold: 1 };
        assert_eq!(counts, Counts { hits: 3, found: 4, gold: 4 });
        assert_eq!(Counts::default().figures(), Figures::default());
    }
}
