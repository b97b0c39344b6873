//! Any text is read or refused by the dialect that the program is named after, and breaks nothing.
#![no_main]

libfuzzer_sys::fuzz_target!(|frame: &str| {
    dialects::read(env!("CARGO_BIN_NAME"), frame);
});
