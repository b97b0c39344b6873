//! Days, as people type them.

use crate::clock::Timestamp;

/// The start of a day in UTC, given as `2026-08-11`.
pub(super) fn date(given: &str) -> Option<Timestamp> {
    let [year, month, day] = [0..4, 5..7, 8..10].map(|part| {
        let digits = given.get(part)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<i64>().ok())?
    });
    let (year, month, day) = (year?, month?, day?);
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let february = if leap { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let index = usize::try_from(month).ok()?.checked_sub(1)?;
    let length = *lengths.get(index)?;
    let is_day = given.len() == 10
        && given.as_bytes()[4] == b'-'
        && given.as_bytes()[7] == b'-'
        && (1..=length).contains(&day)
        && year >= 1970;
    let before = |year: i64| 365 * year + year / 4 - year / 100 + year / 400;
    let days = before(year - 1) - before(1969) + lengths[..index].iter().sum::<i64>() + day - 1;
    is_day.then(|| Timestamp::from_micros(days * 24 * 3600 * 1_000_000))
}
