//! Any body is read or refused as a form in parts: as texts, or as a file with what is around it.
#![no_main]

use actix_web::FromRequest;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use actix_web::web::Payload;
use domain::limits::FORM_PARTS;
use http_core::parts::Parts;
use tokio::runtime::{Builder, Runtime};

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
}

async fn read(body: Vec<u8>, with_file: bool) {
    let request = TestRequest::post()
        .insert_header((CONTENT_TYPE, "multipart/form-data; boundary=b"))
        .set_payload(body);
    let (request, mut payload) = request.to_http_parts();
    let payload = Payload::from_request(&request, &mut payload).await.expect("a payload");
    let parts =
        if with_file { Parts::with_file(&request, payload) } else { Parts::of(&request, payload) };
    let Ok(mut parts) = parts else { return };
    let mut count = 0;
    while let Ok(Some((name, part))) = parts.next().await {
        count += 1;
        if parts.text(&name, part).await.is_err() {
            break;
        }
    }
    assert!(count <= FORM_PARTS);
}

libfuzzer_sys::fuzz_target!(|body: Vec<u8>| {
    // The first byte chooses, and the delimiter is put in where it says so, which no machine guesses quickly.
    let Some((first, rest)) = body.split_first() else { return };
    let mut whole = b"--b\r\n".to_vec();
    for piece in rest.split(|byte| *byte == 0xff) {
        whole.extend_from_slice(piece);
        whole.extend_from_slice(b"\r\n--b\r\n");
    }
    RUNTIME.with(|runtime| runtime.block_on(read(whole, first % 2 == 1)));
});
