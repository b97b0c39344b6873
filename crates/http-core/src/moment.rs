//! Times as texts.

use domain::clock::Timestamp;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

const RFC_3339: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

/// A time in RFC 3339, in UTC with microseconds.
pub fn rfc_3339(at: Timestamp) -> String {
    let nanos = i128::from(at.as_micros()) * 1_000;
    let moment = OffsetDateTime::from_unix_timestamp_nanos(nanos);
    // This fails only for a time that is thousands of years away.
    moment.ok().and_then(|moment| moment.format(RFC_3339).ok()).unwrap_or_default()
}

/// Parses a time in RFC 3339, in any time zone.
pub fn moment(text: &str) -> Option<Timestamp> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(moment.unix_timestamp_nanos() / 1_000).ok().map(Timestamp::from_micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_microseconds() {
        assert_eq!(
            rfc_3339(Timestamp::from_micros(1_754_921_326_388_856)),
            "2025-08-11T14:08:46.388856Z"
        );
        assert_eq!(rfc_3339(Timestamp::from_micros(0)), "1970-01-01T00:00:00.000000Z");
    }

    #[test]
    fn a_moment_is_read_in_any_zone() {
        for text in ["2025-08-11T14:08:46.388856Z", "2025-08-11T17:08:46.388856+03:00"] {
            assert_eq!(moment(text), Some(Timestamp::from_micros(1_754_921_326_388_856)));
        }
        for bad in ["", "tomorrow", "2025-08-11", "2025-08-11T14:08:46", "1754921326"] {
            assert_eq!(moment(bad), None, "{bad}");
        }
    }
}
