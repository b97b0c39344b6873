//! What an imported record must keep to.

use super::ImportError;
use crate::limits::{IMPORT_BCRYPT_COST_MAX, IMPORT_ID_MAX, PBKDF2_ROUNDS_MAX};
use crate::user::PasswordHash;

/// Refuses an id that would leave too few for what is created later, which gets higher ids.
pub(super) fn leaves_room(id: i64) -> Result<(), ImportError> {
    if id <= IMPORT_ID_MAX {
        return Ok(());
    }
    Err(ImportError::Rule(format!("an id that is taken over is {IMPORT_ID_MAX} at most")))
}

/// Checks an imported hash. One that takes too long to compare is refused, because it would delay everybody's
/// sign-ins.
pub(super) fn known_hash(hash: &str) -> Result<PasswordHash, ImportError> {
    let (work, most, unit) = match (bcrypt_cost(hash), pbkdf2_rounds(hash)) {
        (Some(cost), _) => (cost, IMPORT_BCRYPT_COST_MAX, "cost"),
        (_, Some(rounds)) => (rounds, PBKDF2_ROUNDS_MAX, "rounds"),
        (None, None) => {
            let why = "password_hash is neither bcrypt nor pbkdf2_sha256";
            return Err(ImportError::Rule(why.to_owned()));
        }
    };
    if work > most {
        let why = format!("password_hash takes too long to compare: {unit} {work}, at most {most}");
        return Err(ImportError::Rule(why));
    }
    Ok(PasswordHash::stored(hash.to_owned()))
}

/// The cost of a bcrypt hash: `$2b$cost$` and 53 more characters.
fn bcrypt_cost(hash: &str) -> Option<u32> {
    let rest = ["$2a$", "$2b$", "$2y$"].iter().find_map(|prefix| hash.strip_prefix(prefix))?;
    let (cost, sum) = rest.split_once('$')?;
    let is_whole = hash.is_ascii() && cost.len() == 2 && sum.len() == 53;
    of_digits(cost).filter(|_| is_whole)
}

/// A number that is nothing but digits: parsing alone would take a sign as well.
fn of_digits(number: &str) -> Option<u32> {
    let is_plain = number.bytes().all(|digit| digit.is_ascii_digit());
    number.parse().ok().filter(|_| is_plain)
}

/// The rounds of Django's `pbkdf2_sha256$rounds$salt$hash`.
fn pbkdf2_rounds(hash: &str) -> Option<u32> {
    let parts: Vec<_> = hash.strip_prefix("pbkdf2_sha256$")?.split('$').collect();
    let [rounds, salt, sum] = parts.as_slice() else { return None };
    let of_base64 = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/');
    // 32 bytes in base64.
    let sum =
        sum.len() == 44 && sum.strip_suffix('=').is_some_and(|sum| sum.bytes().all(of_base64));
    let salt = (1..=128).contains(&salt.len()) && salt.bytes().all(|c| c.is_ascii_graphic());
    of_digits(rounds).filter(|rounds| *rounds > 0 && sum && salt)
}
