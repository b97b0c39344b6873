//! The promises of the ports, on both databases.

mod sqlite {
    testkit::contract_tests!(crate::common::sqlite);
}

mod postgres {
    testkit::contract_tests!(crate::common::postgres);
}
