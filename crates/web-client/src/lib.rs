//! The page at the server's root: a client in plain JavaScript modules, HTML and CSS, which are embedded in the
//! binary from the folder `page`. It uses only the server's native API, so no other crate depends on it; `server`
//! registers its routes.

mod files;
mod lean;

use actix_web::guard::fn_guard;
use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY,
};
use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use files::FILES;
use flate2::Compression;
use flate2::write::GzEncoder;
use lean::lean;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::Write;
use std::sync::LazyLock;

/// The first page.
const INDEX: &str = "index.html";
/// The placeholder in the first page for the version of all files together.
const VERSION: &str = "version/";
/// The page may load its own files and call this server, and nothing else. Only its own files run as scripts, and
/// no text can become markup; the one allowed Trusted Types policy passes only the worker's address.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self'; manifest-src 'self'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types confab-worker";
/// For files that a browser does not show as documents: if one is opened as a document, it may do nothing.
const NO_POLICY: &str = "default-src 'none'";
/// The service worker, which has its own policy.
const WORKER: &str = "service-worker.js";
/// The worker may call this server, and nothing else.
const WORKER_POLICY: &str = "default-src 'none'; connect-src 'self'";
/// The cache control of addresses whose content changes with the server: browsers ask each time.
const ASK: &str = "no-cache";
/// The cache control of addresses that contain the version: browsers never ask again.
const KEEP: &str = "public, max-age=31536000, immutable";

/// A file, prepared for sending.
struct Ready {
    content_type: &'static str,
    /// Whether a browser may show it as a document.
    is_shown: bool,
    etag: String,
    plain: Bytes,
    gzip: Bytes,
}

/// The files by path, prepared once for all threads.
struct Page {
    files: HashMap<&'static str, Ready>,
    /// Scripts and styles without comments, as the page itself loads them.
    lean: HashMap<&'static str, Ready>,
    version: String,
}

/// Prepared when it is asked for first, since a server may never be asked for its page.
static PAGE: LazyLock<Page> = LazyLock::new(Page::prepare);

/// Serves the page at `/`, and each of its files at its path: `/confab.js` and so on. The page itself loads
/// its files from `/<version>/<path>`, where they have no comments and browsers cache them for ever.
pub fn configure(app: &mut ServiceConfig) {
    for (path, _) in FILES {
        let address = if *path == INDEX { "/".to_owned() } else { format!("/{path}") };
        let answer = move |request: HttpRequest| async move { PAGE.answer(path, None, &request) };
        let resource = web::resource(address);
        app.service(resource.route(web::get().to(answer)).route(web::head().to(answer)));
    }
    // One pattern for all files: each thread compiles it, and tries it at each request that comes this far.
    let answer = |request: HttpRequest| async move {
        let (version, path) = versioned(request.path()).unwrap_or_default();
        PAGE.answer(path, Some(version), &request)
    };
    let resource = web::resource("/{version:v-[0-9a-f]+}/{path:.+}");
    let resource =
        resource.guard(fn_guard(|context| versioned(context.head().uri.path()).is_some()));
    app.service(resource.route(web::get().to(answer)).route(web::head().to(answer)));
}

/// The version and the file of an address with both; `None` if there is no such file.
fn versioned(address: &str) -> Option<(&str, &str)> {
    let (version, path) = address.strip_prefix('/')?.split_once('/')?;
    let is_file = FILES.iter().any(|(name, _)| *name == path && path != INDEX);
    is_file.then_some((version, path))
}

impl Page {
    fn prepare() -> Self {
        let mut together = Sha256::new();
        for (path, bytes) in FILES {
            together.update(path);
            together.update(Sha256::digest(bytes));
        }
        let version = format!("v-{}", hex(&together.finalize()));
        let index = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            text.replace(&format!("\"{VERSION}"), &format!("\"{version}/")).into_bytes()
        };
        let files = FILES.iter().map(|(path, bytes)| {
            let bytes =
                if *path == INDEX { index(bytes).into() } else { Bytes::from_static(bytes) };
            (*path, Ready::new(path, bytes))
        });
        let loaded = FILES.iter().filter(|(path, _)| is_loaded(path));
        let lean = loaded.map(|(path, bytes)| {
            let text = lean(&String::from_utf8_lossy(bytes));
            (*path, Ready::new(path, text.into_bytes()))
        });
        Self { files: files.collect(), lean: lean.collect(), version }
    }

    fn answer(&self, path: &str, version: Option<&str>, request: &HttpRequest) -> HttpResponse {
        // Before or after an upgrade, a page may ask for another version. It gets this one, uncached.
        let is_ours = version == Some(&*self.version);
        let lean = self.lean.get(path).filter(|_| is_ours);
        let Some(file) = lean.or_else(|| self.files.get(path)) else {
            return HttpResponse::NotFound().finish();
        };
        let keep = if is_ours { KEEP } else { ASK };
        let is_known = header(request, IF_NONE_MATCH.as_str()).contains(&file.etag);
        let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response
            .insert_header((CACHE_CONTROL, keep))
            .insert_header((VARY, ACCEPT_ENCODING.as_str()));
        // The page consists of about eighty answers, so headers that are not needed are left out.
        if keep == ASK {
            response.insert_header((ETAG, file.etag.as_str()));
        }
        let policy = match path {
            WORKER => WORKER_POLICY,
            _ if file.is_shown => POLICY,
            _ => NO_POLICY,
        };
        response.insert_header((CONTENT_SECURITY_POLICY, policy));
        if is_known {
            return response.finish();
        }
        response.insert_header((CONTENT_TYPE, file.content_type));
        if header(request, ACCEPT_ENCODING.as_str()).contains("gzip") {
            response.insert_header((CONTENT_ENCODING, "gzip")).body(file.gzip.clone())
        } else {
            response.body(file.plain.clone())
        }
    }
}

impl Ready {
    fn new(path: &str, plain: impl Into<Bytes>) -> Self {
        let plain = plain.into();
        let etag = format!("\"{}\"", hex(&Sha256::digest(&plain)));
        let is_shown = !is_loaded(path);
        Self { content_type: content_type(path), is_shown, etag, gzip: gzip(&plain), plain }
    }
}

/// Whether it is a script or a style sheet, which the page loads.
fn is_loaded(path: &str) -> bool {
    path.ends_with(".js") || path.ends_with(".css")
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

fn gzip(plain: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let packed = encoder.write_all(plain).and_then(|()| encoder.finish());
    packed.expect("memory can be written to").into()
}

/// The first half of a hash, which is enough to tell versions apart.
fn hex(hash: &[u8]) -> String {
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> &'a str {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
