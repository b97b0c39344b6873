//! A shop with people of its own, who talk about their orders. docs/how-to/connect-your-product.md explains it.
#![expect(clippy::print_stdout, reason = "whoever starts it wants to know where it is")]

use axum::extract::{FromRequestParts, Path, State};
use axum::http::header::{CACHE_CONTROL, COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use std::env;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;

const ISSUER: &str = "https://shop.example.org";

/// What a product has in its database.
struct Person {
    id: &'static str,
    name: &'static str,
    email: &'static str,
}

const SELLER: Person = Person { id: "18", name: "Ben", email: "ben@example.org" };
const PEOPLE: [Person; 2] = [Person { id: "17", name: "Ada", email: "ada@example.org" }, SELLER];

struct Shop {
    url: String,
    key: String,
    secret: String,
    http: reqwest::Client,
    orders: AtomicUsize,
}

impl Shop {
    /// A JWT that says who somebody is, for a minute.
    fn token(&self, person: &Person) -> Result<String, Failed> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let claims = json!({
            "iss": ISSUER, "aud": "confab", "sub": person.id, "exp": now + 60,
            "preferred_username": person.name, "email": person.email,
        });
        let key = EncodingKey::from_secret(self.secret.as_bytes());
        Ok(encode(&Header::new(Algorithm::HS256), &claims, &key)?)
    }

    /// Calls Confab with the shop's key, perhaps as one of its people.
    async fn call(
        &self,
        (method, path): (Method, &str),
        body: Value,
        act_as: Option<&Person>,
    ) -> Result<(), Failed> {
        let request = self.http.request(method, format!("{}/api/v1{path}", self.url));
        let mut request = request.bearer_auth(&self.key).json(&body);
        if let Some(person) = act_as {
            request = request.header("confab-act-as", format!("ext:{}", person.id));
        }
        let answer = request.send().await?;
        if answer.status().is_success() {
            return Ok(());
        }
        Err(format!("{path}: {}", answer.text().await?).into())
    }
}

/// What went wrong with a call of Confab.
struct Failed(Box<dyn Error + Send + Sync>);

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (StatusCode::BAD_GATEWAY, self.0.to_string()).into_response()
    }
}

/// Who calls. It stands in for the shop's own log-in: whoever says that they are Ada is Ada.
struct SignedIn(Person);

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let cookies = parts.headers.get(COOKIE).and_then(|cookies| cookies.to_str().ok());
        let mut cookies = cookies.unwrap_or_default().split("; ");
        let id = cookies.find_map(|cookie| cookie.strip_prefix("person="));
        PEOPLE.into_iter().find(|one| Some(one.id) == id).map(Self).ok_or(StatusCode::UNAUTHORIZED)
    }
}

async fn page(State(shop): State<Arc<Shop>>) -> Html<String> {
    Html(include_str!("../../shop.html").replace("%CONFAB_URL%", &shop.url))
}

async fn log_in(Path(id): Path<String>) -> Response {
    if PEOPLE.iter().all(|person| person.id != id) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let cookie = format!("person={id}; Path=/; HttpOnly; SameSite=Strict");
    (StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)]).into_response()
}

async fn token(State(shop): State<Arc<Shop>>, by: SignedIn) -> Result<Response, Failed> {
    let token = json!({ "token": shop.token(&by.0)? });
    Ok(([(CACHE_CONTROL, "no-store")], Json(token)).into_response())
}

/// Each of these calls may be repeated, so a backend that stopped in the middle does all of it again.
async fn add_order(State(shop): State<Arc<Shop>>, by: SignedIn) -> Result<Response, Failed> {
    let order = shop.orders.fetch_add(1, Ordering::Relaxed) + 1;
    for person in [&SELLER, &by.0] {
        let said = json!({"username": person.name, "email": person.email});
        shop.call((Method::PUT, &format!("/users/ext:{}", person.id)), said, None).await?;
    }
    let members = [SELLER, by.0].map(|person| json!({"user_id": format!("ext:{}", person.id)}));
    let chat = json!({"title": format!("Order {order}"), "members": members});
    let path = format!("/chats/ext:order%2F{order}");
    shop.call((Method::PUT, &path), chat, None).await?;
    let id = format!("order-{order}-thanks");
    let thanks = json!({"text": "Thank you for your order.", "client_id": id});
    shop.call((Method::POST, &format!("{path}/messages")), thanks, Some(&SELLER)).await?;
    Ok((StatusCode::CREATED, Json(json!({ "order": order }))).into_response())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let set = |name: &str| env::var(name).map_err(|_| format!("{name} is not set"));
    let (url, key, secret) = (set("CONFAB_URL")?, set("CONFAB_KEY")?, set("CONFAB_SECRET")?);
    let (http, orders) = (reqwest::Client::new(), AtomicUsize::new(0));
    let shop = Router::new()
        .route("/", get(page))
        .route("/log-in/{person}", post(log_in))
        .route("/shop/confab-token", get(token))
        .route("/shop/orders", post(add_order))
        .with_state(Arc::new(Shop { url, key, secret, http, orders }));
    let port = env::var("PORT").unwrap_or_else(|_| "3000".to_owned());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, shop).await?)
}
