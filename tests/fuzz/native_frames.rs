//! Any text is read or refused as a frame of the native socket, and breaks nothing.
#![no_main]

libfuzzer_sys::fuzz_target!(|frame: &str| {
    http_actix::read_frame(frame);
});
