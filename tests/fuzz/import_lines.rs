//! Any text is read or refused as a line of an import, and breaks nothing.
#![no_main]

#[path = "../../crates/server/src/import/wire.rs"]
#[allow(dead_code, reason = "only reading is tried")]
mod wire;

libfuzzer_sys::fuzz_target!(|line: &str| {
    drop(serde_json::from_str::<wire::Line>(line));
});
