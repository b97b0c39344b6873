//! The promises of the ports, on both databases.
#![allow(clippy::unwrap_used, reason = "a panic is a test's verdict")]

mod common;

mod sqlite {
    testkit::contract_tests!(crate::common::sqlite);
}

mod postgres {
    testkit::contract_tests!(crate::common::postgres);
}
