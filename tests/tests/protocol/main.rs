//! HTTP, WebSocket and Web Push at the edges: limits, refusals, descriptions.

mod abuse;
mod endless_bodies;
mod http;
mod log;
mod openapi;
mod output;
mod push;
mod push_refusals;
mod rate_limits;
mod requests;
mod socket;
mod socket_limits;
mod socket_opening;
mod socket_tokens;
