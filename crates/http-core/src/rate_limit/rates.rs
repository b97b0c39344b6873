//! The rates of all classes, as the operator set them.

use super::Class;
use domain::limits::Rate;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

/// The suffix of a class's word that means the rate of an address instead of an account.
const ADDRESS: &str = "-address";
/// The slowest that a rate may be: once an hour.
const SLOWEST: f64 = 1.0 / 3600.0;
/// The fastest that a rate may be, in requests a second.
const FASTEST: f64 = 1_000_000.0;

/// The rates of all classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates([ClassRates; Class::ALL.len()]);

/// The rates of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassRates {
    /// The class.
    pub class: Class,
    /// The limit for one account; `None` for a class in which there is no account yet.
    pub account: Option<Rate>,
    /// The limit for one address.
    pub address: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        Self(Class::ALL.map(|class| ClassRates {
            class,
            account: class.per_account(),
            address: class.per_address(),
        }))
    }
}

/// The text is no list of rates. The message says what is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "rates like send=20:5 (20 at once, then 5 a second), separated by commas; a rate is log_in, register-address, send, \
     upload, search or other, or one of these with -address; from 0.0003 to 1000000 a second"
)]
pub struct NotRates;

impl Rates {
    /// The rates of a class.
    pub fn of(&self, class: Class) -> ClassRates {
        let found = self.0.iter().find(|rates| rates.class == class);
        *found.expect("it has every class")
    }

    /// The rates of all classes.
    pub fn all(&self) -> &[ClassRates] {
        &self.0
    }

    fn set(&mut self, name: &str, rate: Rate) -> Result<(), NotRates> {
        let (word, of_address) = match name.strip_suffix(ADDRESS) {
            Some(word) => (word, true),
            None => (name, false),
        };
        let found = self.0.iter_mut().find(|rates| rates.class.word() == word).ok_or(NotRates)?;
        match (of_address, &mut found.account) {
            (true, _) => found.address = rate,
            (false, Some(account)) => *account = rate,
            (false, None) => return Err(NotRates),
        }
        Ok(())
    }
}

impl FromStr for Rates {
    type Err = NotRates;

    /// Reads the rates that differ from the defaults.
    fn from_str(text: &str) -> Result<Self, NotRates> {
        let mut rates = Self::default();
        for one in text.split(',').map(str::trim).filter(|one| !one.is_empty()) {
            let (name, rate) = one.split_once('=').ok_or(NotRates)?;
            rates.set(name.trim(), read(rate)?)?;
        }
        Ok(rates)
    }
}

/// Reads a rate: `20:5` means 20 at once, and one more after each fifth of a second.
fn read(rate: &str) -> Result<Rate, NotRates> {
    let (burst, per_second) = rate.split_once(':').ok_or(NotRates)?;
    let burst: NonZeroU32 = burst.trim().parse().map_err(|_| NotRates)?;
    let per_second: f64 = per_second.trim().parse().map_err(|_| NotRates)?;
    let known = (SLOWEST..=FASTEST).contains(&per_second);
    known.then(|| Rate { burst, every: Duration::from_secs_f64(1.0 / per_second) }).ok_or(NotRates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_stays() {
        assert_eq!("".parse(), Ok(Rates::default()));
        let rates: Rates = "send=20:4, upload-address = 7:0.5".parse().unwrap();
        let rate = |burst, millis| Rate {
            burst: NonZeroU32::new(burst).unwrap(),
            every: Duration::from_millis(millis),
        };
        let send = rates.of(Class::Send);
        assert_eq!((send.account, send.address), (Some(rate(20, 250)), Class::Send.per_address()));
        let upload = rates.of(Class::Upload);
        assert_eq!((upload.account, upload.address), (Class::Upload.per_account(), rate(7, 2_000)));
        let register: Rates = "register-address=1:1".parse().unwrap();
        assert_eq!(register.of(Class::Register).address, rate(1, 1_000));
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in [
            "send",
            "send=",
            "send=20",
            "send=0:5",
            "send=20:0",
            "send=20:-1",
            "send=20:NaN",
            "send=20:inf",
            "send=20:2000000",
            "send=1.5:5",
            "fly=1:1",
            "send-addresses=1:1",
            "register=1:1",
            "send=1:1;upload=1:1",
        ] {
            assert_eq!(text.parse::<Rates>(), Err(NotRates), "{text}");
        }
    }
}
