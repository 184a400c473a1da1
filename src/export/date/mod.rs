//! Dates as sources write them -> days and moments. Only what can be read in one way is read: `03/04/2026` is not.

mod free;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime};

/// A date of an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// The day where it was written, in days since 1970-01-01.
    pub day: i32,
    /// The moment, in microseconds since 1970-01-01, 0:00 UTC. Without a zone the time is taken for UTC, without a time it is midnight.
    pub moment: i64,
}

/// Days from the beginning of our calendar to 1970-01-01.
const EPOCH: i32 = 719_163;

const ZONED: [&str; 6] = [
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f %#z",
    "%Y-%m-%dT%H:%M%#z",
    "%Y%m%dT%H%M%S%#z",
    "%d %b %Y %H:%M:%S %#z",
];
const TIMED: [&str; 5] =
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y%m%dT%H%M%S"];
/// `%B` reads short names of months too.
const DAYS: [&str; 7] = ["%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d %B %Y", "%B %d, %Y", "%A, %d %B %Y", "%A, %B %d, %Y"];

/// Reads a date: ISO 8601 and RFC 3339 with or without a time and a zone, RFC 2822, days with the month in English, and what `free.rs` reads.
pub fn published(text: &str) -> Option<Published> {
    let text = text.trim();
    // Nothing longer is a date, and readers of formats walk all of it.
    if text.len() > 64 {
        return None;
    }
    let utc = text.strip_suffix(" UTC").or_else(|| text.strip_suffix(" GMT")).unwrap_or(text);
    let zoned = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_rfc2822(text))
        .ok()
        .or_else(|| ZONED.iter().find_map(|format| DateTime::parse_from_str(text, format).ok()));
    if let Some(zoned) = zoned {
        return made(zoned.date_naive(), zoned.naive_utc());
    }
    let timed = TIMED.iter().find_map(|format| NaiveDateTime::parse_from_str(utc, format).ok());
    if let Some(timed) = timed {
        return made(timed.date(), timed);
    }
    let day = DAYS.iter().find_map(|format| NaiveDate::parse_from_str(text, format).ok()).or_else(|| free::day(text))?;
    made(day, day.and_hms_opt(0, 0, 0)?)
}

/// Years of other than four digits are slips, and databases refuse some.
fn made(day: NaiveDate, moment: NaiveDateTime) -> Option<Published> {
    let sane = [day.year(), moment.year()].iter().all(|year| (1..=9999).contains(year));
    sane.then(|| Published { day: day.num_days_from_ce() - EPOCH, moment: moment.and_utc().timestamp_micros() })
}

/// A day as ISO 8601 writes it.
pub fn day_text(day: i32) -> String {
    NaiveDate::from_num_days_from_ce_opt(day.saturating_add(EPOCH)).map(|day| day.to_string()).unwrap_or_default()
}

/// A moment as ISO 8601 writes it, in UTC.
pub(crate) fn moment_text(moment: i64) -> String {
    let moment = DateTime::from_timestamp_micros(moment).unwrap_or_default();
    moment.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_many_hands_are_read() {
        let cases = [
            ("2026-01-05", "2026-01-05", "2026-01-05T00:00:00Z"),
            ("2026-01-05T23:30:00-05:00", "2026-01-05", "2026-01-06T04:30:00Z"),
            ("2026-01-05T10:00:00Z", "2026-01-05", "2026-01-05T10:00:00Z"),
            ("2026-01-05T10:00:00.25+0100", "2026-01-05", "2026-01-05T09:00:00.250Z"),
            ("2026-01-05 10:00:00", "2026-01-05", "2026-01-05T10:00:00Z"),
            ("2026-01-05 10:00:00 UTC", "2026-01-05", "2026-01-05T10:00:00Z"),
            ("2026-01-05T10:00", "2026-01-05", "2026-01-05T10:00:00Z"),
            ("20260105T100000Z", "2026-01-05", "2026-01-05T10:00:00Z"),
            ("20260105T100000+0200", "2026-01-05", "2026-01-05T08:00:00Z"),
            ("20260105", "2026-01-05", "2026-01-05T00:00:00Z"),
            ("Mon, 05 Jan 2026 10:00:00 GMT", "2026-01-05", "2026-01-05T10:00:00Z"),
            ("Mon, 5 Jan 2026 10:00:00 +0200", "2026-01-05", "2026-01-05T08:00:00Z"),
            ("5 January 2026", "2026-01-05", "2026-01-05T00:00:00Z"),
            ("Jan 5, 2026", "2026-01-05", "2026-01-05T00:00:00Z"),
            (" January 5, 2026\n", "2026-01-05", "2026-01-05T00:00:00Z"),
            ("1969-07-20T20:17:40Z", "1969-07-20", "1969-07-20T20:17:40Z"),
        ];
        for (text, day, moment) in cases {
            let got = published(text).map(|got| (day_text(got.day), moment_text(got.moment)));
            assert_eq!(got, Some((day.to_owned(), moment.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_or_none_is_not_read() {
        for text in [
            "",
            "03/04/2026",
            "2026",
            "yesterday",
            "2026-13-01",
            "2026-02-30",
            "+262143-01-01",
            "Jan 2026",
            "0000-01-01T00:00:00Z",
            "🐢",
        ] {
            assert_eq!(published(text), None, "{text}");
        }
        assert_eq!(published(&"2026-01-05 ".repeat(1000)), None);
    }
}
