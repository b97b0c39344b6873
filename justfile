# Common tasks. `just` lists them.

_list:
    @just --list --unsorted

# Everything that must pass: formatting, lints, all tests on both databases.
check:
    tests/run

# Start the server on this machine.
run *arguments:
    cargo run --release --locked --bin confab -- {{arguments}}

# The tests alone; PostgreSQL must be named by CONFAB_TEST_POSTGRES.
test *arguments:
    cargo build --workspace --locked --bin confab
    cargo test --workspace --locked {{arguments}}

# The page in a browser: its types, then everything that it does.
page:
    cargo build --workspace --locked --bin confab
    bash -c '. tests/postgres.sh && . tests/browser.sh && install_browser'
    npm --prefix tests/browser run types
    npm --prefix tests/browser test

# The types of the page, made anew from the server's OpenAPI document.
page-types:
    cargo build --workspace --locked --bin confab
    node tests/browser/page-types.js

# Format everything.
fmt:
    cargo fmt --all

# Lints, as strict as `check`.
lint:
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Messages a second, beside one transaction for each; `bench search` reads and searches a million, `bench
# rooms` counts deliveries on one node and on two, `bench storm` has thousands come back at once.
bench *arguments:
    tests/bench {{arguments}}

# Try what reads texts of strangers with what a machine thinks up, a minute each (needs nightly and cargo-fuzz).
fuzz seconds="60":
    for name in $(cargo +nightly fuzz list --fuzz-dir tests/fuzz); do \
        cargo +nightly fuzz run --fuzz-dir tests/fuzz "$name" -- -max_total_time={{seconds}} || exit 1; \
    done

# Licences, bans and sources (needs cargo-deny).
deny:
    cargo deny check licenses bans sources

# The documentation of the code.
doc:
    cargo doc --workspace --no-deps --locked --open
