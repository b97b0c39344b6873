//! How a list of promises becomes tests.

/// A module of tests per noun.
#[doc(hidden)]
#[macro_export]
macro_rules! __promises {
    ($attributes:tt $make:path; $($noun:ident { $($promise:ident)* })*) => {
        $(mod $noun {
            #[allow(unused_imports, clippy::wildcard_imports)]
            use super::*;
            $crate::__promises! { @each $attributes $make; $noun $($promise)* }
        })*
    };
    (@each $attributes:tt $make:path; $noun:ident $($promise:ident)*) => {
        $($crate::__promise! { $attributes $make; $noun $promise })*
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
