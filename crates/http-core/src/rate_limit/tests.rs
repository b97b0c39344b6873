use super::*;
use domain::failure::Kind;
use std::net::Ipv4Addr;

const CLASSES: [Class; 6] =
    [Class::LogIn, Class::Register, Class::Send, Class::Upload, Class::Search, Class::Other];

/// How many proxies are trusted: the address of a client is that of its connection.
const NO_PROXIES: usize = 0;

fn address(last: u8) -> ClientAddress {
    std::net::IpAddr::from(Ipv4Addr::new(1, 1, 1, last)).into()
}

fn user(id: i64) -> UserId {
    UserId::stored(id)
}

/// How often something works until it is refused; nothing here takes long enough to give back.
fn times(most: u32, mut what: impl FnMut() -> Result<(), Failure>) -> u32 {
    let passed = (0..most).take_while(|_| what().is_ok()).count();
    u32::try_from(passed).unwrap()
}

#[test]
fn each_class_has_its_own_count_for_each_account() {
    for class in CLASSES {
        let Some(rate) = class.per_account() else { continue };
        let limits = RateLimits::new(NO_PROXIES, Some(Rates::default()));
        let passed = times(10_000, || limits.check(class, user(1), address(1)));
        assert!((rate.burst.get()..10_000).contains(&passed), "{class:?}: {passed}");
        let refused = limits.check(class, user(1), address(2)).unwrap_err();
        assert_eq!((refused.kind, refused.code), (Kind::TooMany, "rate_limited"));
        limits.check(class, user(2), address(1)).expect("others go on");
        for other in CLASSES.into_iter().filter(|other| *other != class) {
            limits.check(other, user(1), address(1)).expect("other things go on");
        }
    }
}

#[test]
fn an_address_cannot_have_more_by_having_more_accounts() {
    for class in CLASSES {
        let (limits, rate) =
            (RateLimits::new(NO_PROXIES, Some(Rates::default())), class.per_address());
        let mut id = 0;
        let passed = times(20_000, || {
            id += 1;
            limits.check_frame(class, user(id), address(1))
        });
        assert!((rate.burst.get()..20_000).contains(&passed), "{class:?}: {passed}");
        limits.check_frame(class, user(id + 1), address(2)).expect("another address");
    }
}

#[test]
fn one_account_does_not_use_up_what_others_at_its_address_share() {
    let limits = RateLimits::new(NO_PROXIES, Some(Rates::default()));
    times(10_000, || limits.check(Class::Send, user(1), address(1)));
    for _ in 0..10_000 {
        assert!(limits.check(Class::Send, user(1), address(1)).is_err());
    }
    limits.check(Class::Send, user(2), address(1)).expect("the address is not used up");
}

#[test]
fn names_from_before_their_folded_length_was_limited_are_counted_apart() {
    let limits = RateLimits::new(NO_PROXIES, Some(Rates::default()));
    // U+2057, a quadruple prime, folds to four characters. So such a name is short enough as it is typed and too long
    // as it is folded, which was not limited once.
    let long = |last: char| format!("{}{last}", "\u{2057}".repeat(100));
    assert!(UserName::new(&long('a')).is_err() && UserName::sought(&long('a')).is_ok());
    for _ in 0..LOGINS_PER_ACCOUNT.burst.get() {
        limits.log_in(&long('a'), address(1)).expect("a guess");
    }
    limits.log_in(&long('a'), address(1)).expect_err("one too many");
    limits.log_in(&long('b'), address(1)).expect("another account");
}

#[test]
fn guesses_from_many_addresses_refuse_only_those_that_are_not_known() {
    let limits = RateLimits::new(NO_PROXIES, Some(Rates::default()));
    limits.signed_in("Ada", address(255));
    let mut last = 0;
    let passed = times(200, || {
        last += 1;
        limits.log_in("ada", address(last))
    });
    assert_eq!(passed, LOGINS_FROM_ELSEWHERE.burst.get());
    let refused = limits.log_in("ADA", address(254)).unwrap_err();
    assert_eq!((refused.kind, refused.code), (Kind::TooMany, "rate_limited"));
    assert!(refused.retry_after.unwrap() <= LOGINS_FROM_ELSEWHERE.every);
    for _ in 0..LOGINS_PER_ACCOUNT.burst.get() {
        limits.log_in("ada", address(255)).expect("its owner, from where they were before");
    }
    limits.log_in("ada", address(255)).expect_err("who is known is limited like anybody");
    limits.log_in("grace", address(254)).expect("another account");
}

#[test]
fn a_request_is_counted_before_it_is_known_whose_it_is() {
    for (class, rate) in [
        (Class::Register, Class::Register.per_address()),
        (Class::Send, Class::Other.per_address()),
    ] {
        let limits = RateLimits::new(NO_PROXIES, Some(Rates::default()));
        let passed = times(20_000, || limits.arrive(class, address(1)));
        assert!((rate.burst.get()..20_000).contains(&passed), "{class:?}: {passed}");
        limits.arrive(class, address(2)).expect("another address");
    }
}

#[test]
fn nothing_is_refused_when_they_are_off() {
    let limits = RateLimits::new(NO_PROXIES, None);
    let mut slots = Vec::new();
    for _ in 0..5_000 {
        limits.check(Class::Send, user(1), address(1)).unwrap();
        limits.arrive(Class::Register, address(1)).unwrap();
        limits.log_in("ada", address(1)).unwrap();
        let slot = limits.socket_from(address(1)).unwrap();
        slots.push(limits.socket_of(user(1), slot).unwrap());
    }
}
