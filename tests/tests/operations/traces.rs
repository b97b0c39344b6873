//! OpenTelemetry traces: what they tell, and what they do not.

use std::net::TcpListener;
use tests::{Collector, Engine, Method, Person, Server, Socket, attribute, json, on_both};

on_both!(a_request_is_traced_down_to_the_commit, a_collector_that_is_away_keeps_nobody_waiting,);

/// The trace of whoever calls, and their span (the example of W3C Trace Context).
const TRACE: u128 = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c;
const CALLER: u64 = 0xb7ad_6b71_6920_3331;

const SECRET: &str = "nobody else is to read this";

async fn a_request_is_traced_down_to_the_commit(engine: Engine) {
    let collector = Collector::start().await;
    let mut server = Server::start_with(engine, &[("CONFAB_TRACES_URL", &collector.url())]).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let path = format!("/chats/{chat}/messages");
    let request = ada.api.request(Method::POST, &path).bearer_auth(&ada.access);
    let request = request.header("traceparent", format!("00-{TRACE:032x}-{CALLER:016x}-01"));
    ada.api.answer_to(request.json(&json!({"text": SECRET}))).await.expect(201);
    let mut socket = Socket::open(server.address(), &ada.access).await.expect("a socket");
    socket.send(chat, SECRET).await;
    server.terminate();
    assert!(server.exit().await.success());

    let spans = collector.spans();
    let find = |name: &str, parent: &[u8]| {
        let found = spans.iter().find(|span| span.name == name && span.parent_span_id == parent);
        found.unwrap_or_else(|| panic!("no {name} in {spans:?}"))
    };
    let request = find("POST /api/v1/chats/{chat_id}/messages", &CALLER.to_be_bytes());
    assert_eq!(request.trace_id, TRACE.to_be_bytes());
    assert_eq!(attribute(request, "http.route"), Some("/api/v1/chats/{chat_id}/messages"));
    assert!(attribute(request, "request_id").is_some());
    let frame = spans.iter().find(|span| attribute(span, "class") == Some("send"));
    let frame = frame.expect("the request on the socket");
    assert_eq!(attribute(frame, "protocol"), Some("native"));
    for way in [request, frame] {
        let send = find("send", &way.span_id);
        let append = find("append", &send.span_id);
        assert_eq!((&send.trace_id, &append.trace_id), (&way.trace_id, &way.trace_id));
    }
    for word in [SECRET, &ada.access, &ada.refresh, tests::PASSWORD] {
        assert!(!collector.has(word), "{word}");
    }
}

async fn a_collector_that_is_away_keeps_nobody_waiting(engine: Engine) {
    let nobody =
        TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("it has one");
    let url = format!("http://{nobody}/v1/traces");
    let mut server = Server::start_with(engine, &[("CONFAB_TRACES_URL", &url)]).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    ada.send(chat, "Hello").await;
    server.terminate();
    assert!(server.exit().await.success());
}
