//! Days as sources write them freely: numbers in any order that leaves no doubt, stamps, words in any order. A date that may be two days
//! (03/04/2025) is none.

use chrono::NaiveDate;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The day of a date; a time of day behind it is passed over.
pub(super) fn day(written: &str) -> Option<NaiveDate> {
    stamp(written).or_else(|| numbers(written)).or_else(|| words(written))
}

/// `20250926`, with or without a time behind it, or seconds or milliseconds since 1970.
fn stamp(written: &str) -> Option<NaiveDate> {
    let digits = &written[..written.find(|c: char| !c.is_ascii_digit()).unwrap_or(written.len())];
    let number: i64 = digits.parse().ok()?;
    let whole = digits.len() == written.len();
    match digits.len() {
        8 => {
            NaiveDate::from_ymd_opt(i32::try_from(number / 10_000).ok()?, (number / 100 % 100) as u32, (number % 100) as u32)
        }
        9 | 10 if whole => Some(chrono::DateTime::from_timestamp(number, 0)?.date_naive()),
        12 | 13 if whole => Some(chrono::DateTime::from_timestamp_millis(number)?.date_naive()),
        _ => None,
    }
}

/// `2025-09-26`, `2025/9/26`, `26.09.2025`, or `26/09/2025` where only one of the two can be the month; a time may follow.
fn numbers(written: &str) -> Option<NaiveDate> {
    let mut parts = written.splitn(3, ['-', '/', '.']);
    let (first, second, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let third = &rest[..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())];
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u32>().ok()).flatten();
    let (a, b, c) = (number(first)?, number(second)?, number(third)?);
    let date = |year: u32, month, day| NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day);
    match (first.len(), third.len()) {
        (4, 1 | 2) => date(a, b, c),
        (1 | 2, 4) if written.contains('.') || a > 12 || a == b => date(c, b, a),
        (1 | 2, 4) if b > 12 => date(c, a, b),
        _ => None,
    }
}

/// `Fri, 26 Sep 2025 10:00:00 GMT`, `September 26, 2025`, `26th of September 2025`.
fn words(written: &str) -> Option<NaiveDate> {
    let (mut day, mut month, mut year) = (None, None, None);
    for word in written.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let digits: String = word.chars().take_while(char::is_ascii_digit).collect();
        if digits.is_empty() {
            let name = word.to_lowercase();
            let named = || MONTHS.iter().position(|known| name.len() > 2 && known.starts_with(&name));
            month = month.or_else(named);
        } else if digits.len() == 4 && word.len() == 4 {
            year = year.or(digits.parse().ok());
        } else if digits.len() <= 2 && ["", "st", "nd", "rd", "th"].contains(&&word[digits.len()..]) {
            day = day.or(digits.parse().ok());
        }
    }
    NaiveDate::from_ymd_opt(year?, month? as u32 + 1, day?)
}

#[cfg(test)]
mod tests {
    use super::super::{day_text, published};
    use chrono::NaiveDate;
    use proptest::prelude::*;

    fn read(written: &str) -> Option<String> {
        published(written).map(|read| day_text(read.day))
    }

    #[test]
    fn dates_are_read_as_sources_write_them() {
        for written in [
            "2025-09-26",
            "2025-09-26T23:59:59+05:00",
            " 2025/9/26 ",
            "20250926",
            "20250926T101500Z",
            "Fri, 26 Sep 2025 10:00:00 GMT",
            "September 26, 2025 at 10:15",
            "26th of September 2025",
            "26.09.2025",
            "26/09/2025",
            "09/26/2025",
            "1758844800",
            "1758844800000",
        ] {
            assert_eq!(read(written).as_deref(), Some("2025-09-26"), "{written}");
        }
        for none in ["", "yesterday", "03/04/2025", "2025", "2025-13-01", "2025-02-30", "26 September", "99999999"] {
            assert_eq!(read(none), None, "{none}");
        }
        assert_eq!(read("04/04/2025").as_deref(), Some("2025-04-04"));
        assert_eq!(published("1970-01-01").map(|read| read.day), Some(0));
        assert_eq!(published("1969-12-31").map(|read| read.day), Some(-1));
    }

    proptest! {
        #[test]
        fn no_text_is_too_much(written in "\\PC{0,40}") {
            let _ = published(&written);
        }

        #[test]
        fn every_day_is_read_back(number in -20_000_i32..40_000) {
            let date = NaiveDate::default() + chrono::TimeDelta::days(i64::from(number));
            for written in [date.to_string(), date.format("%d.%m.%Y").to_string()] {
                prop_assert_eq!(published(&written).map(|read| read.day), Some(number));
            }
        }
    }
}
