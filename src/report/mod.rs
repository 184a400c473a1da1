//! The report: one page that shows who stands where towards whom. A room beside the line: it reads annotations back.
//!
//! The annotations are read twice, a line at a time. The first pass ([`Survey`]) counts pairs and chooses those that are shown; the
//! second ([`Gather`]) counts their positions in cells of equal day, outlet, kind, stance and score, and keeps their strongest evidence.
//! All filters of the page add cells up, so what it shows of a pair is exact; a page over a large archive shows fewer pairs, and says so.

mod encode;
mod gather;
mod html;
mod line;
mod sentence;
mod survey;

pub use gather::Gather;
pub use survey::{Survey, Totals};

#[cfg(test)]
mod tests;

impl Gather {
    /// What the annotations hold, in sums.
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// The page. The same for the same annotations and title.
    pub fn page(&self, title: &str) -> serde_json::Result<String> {
        Ok(html::page(title, &encode::encode(self, title)?))
    }
}

/// The days of the years 1900 to 2100, counted from 1 January 1970: of another year a date is a slip, and would stretch the timeline.
const DAYS: std::ops::RangeInclusive<i32> = -25_567..=47_846;

/// The day of a date as the source writes it, counted from 1 January 1970.
fn day(written: &str) -> Option<i32> {
    crate::export::date::published(written).map(|read| read.day).filter(|day| DAYS.contains(day))
}

#[cfg(test)]
#[test]
fn a_slip_of_the_year_is_no_date() {
    assert_eq!(["0001-01-01", "1900-01-01", "2101-01-01"].map(day), [None, Some(-25_567), None]);
}
