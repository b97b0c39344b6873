//! The list of all promises, and the macro that makes tests of them.

/// One test for each promise of the stores.
///
/// The argument names an `async fn()` that makes an empty database and answers its
/// [`Stores`](crate::contract::Stores), or anything that borrows as them and cleans up when
/// dropped. Attributes in front of it, such as `#[ignore = "needs a server"]`, go to every test.
///
/// The crate that calls this needs `tokio` with `rt-multi-thread` and `macros`.
#[macro_export]
macro_rules! contract_tests {
    ($(#[$attribute:meta])* $make:path) => {
        $crate::__promises! { [$(#[$attribute])*] $make;
        }
    };
}

/// A module of tests per noun.
#[doc(hidden)]
#[macro_export]
macro_rules! __promises {
    ($attributes:tt $make:path; $($noun:ident { $($promise:ident)* })*) => {
        $(mod $noun {
            #[allow(unused_imports, clippy::wildcard_imports)]
            use super::*;
            $($crate::__promise! { $attributes $make; $noun $promise })*
        })*
    };
}

/// One test.
#[doc(hidden)]
#[macro_export]
macro_rules! __promise {
    ([$(#[$attribute:meta])*] $make:path; $noun:ident $promise:ident) => {
        #[tokio::test(flavor = "multi_thread")]
        $(#[$attribute])*
        async fn $promise() {
            let made = $make().await;
            $crate::contract::$noun::$promise(::std::borrow::Borrow::borrow(&made)).await;
        }
    };
}
