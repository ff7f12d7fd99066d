//! Which request gets which answer.

use std::{convert::Infallible, sync::Arc, time::Duration};

use http_body_util::{BodyExt as _, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{ALLOW, CONTENT_SECURITY_POLICY, HeaderValue, LOCATION, SET_COOKIE},
};
use mien_core::clock;
use tokio::time::timeout;

use super::{
    Site, command,
    feed::Kind,
    guard::{Head, Refusal, cookie_name},
    metrics::{self, Clients},
    reply::{Body, JSON, refuse, reply},
    stream,
};

/// How long a client may take to send a command.
const PATIENCE: Duration = Duration::from_secs(5);

/// Answers one request.
pub(super) async fn answer(
    site: Arc<Site>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let (parts, body) = request.into_parts();
    let head = Head { method: &parts.method, uri: &parts.uri, headers: &parts.headers };
    if let Err(refusal) = head.check(&site.options) {
        return Ok(refusal.into());
    }
    if let Some(answer) = log_in(&site, head) {
        return Ok(answer);
    }
    if let Err(refusal) = head.check_token(&site.options) {
        return Ok(refusal.into());
    }
    Ok(match (head.method.as_str(), head.uri.path()) {
        ("GET" | "HEAD", path) => get(&site, head, path).await,
        ("POST", "/command") => post_command(&site, body).await,
        (_, "/command") => not_allowed("POST"),
        _ => not_allowed("GET, HEAD"),
    })
}

async fn get(site: &Arc<Site>, head: Head<'_>, path: &str) -> Response<Body> {
    match path {
        "/" => page(site),
        "/events" => events(site, head),
        "/reading" => latest(site, Kind::Reading),
        "/status" => latest(site, Kind::Status),
        "/metrics" => metrics(site),
        "/healthz" => health(site),
        "/preview.jpg" => preview(site).await,
        "/command" => not_allowed("POST"),
        _ => refuse(StatusCode::NOT_FOUND, "there is no such page here; try /"),
    }
}

fn page(site: &Site) -> Response<Body> {
    let mut response = reply(StatusCode::OK, "text/html; charset=utf-8", site.page.html().into());
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, site.page.policy());
    response
}

fn events(site: &Arc<Site>, head: Head<'_>) -> Response<Body> {
    let period = match stream::period(head.parameter("rate").as_deref()) {
        Ok(period) => period,
        Err(reason) => return refuse(StatusCode::BAD_REQUEST, reason),
    };
    let Some(place) = site.limits.stream() else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "too many clients follow already");
    };
    let pieces = stream::open(Arc::clone(site), period);
    reply(StatusCode::OK, stream::MEDIA_TYPE, Body::Stream { pieces, _place: place })
}

fn latest(site: &Site, kind: Kind) -> Response<Body> {
    match site.feed.latest(kind) {
        Some(json) => reply(StatusCode::OK, JSON, json.into()),
        None => refuse(StatusCode::SERVICE_UNAVAILABLE, "there is none yet"),
    }
}

fn metrics(site: &Site) -> Response<Body> {
    let clients = Clients { streams: site.limits.open_streams(), missed: site.feed.missed() };
    let text = site.feed.look(|tally, _| tally.write(&site.options.device, clients));
    reply(StatusCode::OK, metrics::MEDIA_TYPE, text.into())
}

fn health(site: &Site) -> Response<Body> {
    let verdict =
        site.feed.look(|_, pulse| pulse.judge(clock::now(), site.options.grace).map(str::to_owned));
    let (status, text) = match verdict {
        Ok(text) => (StatusCode::OK, text),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, reason),
    };
    reply(status, "text/plain; charset=utf-8", format!("{text}\n").into())
}

async fn preview(site: &Site) -> Response<Body> {
    let Some(preview) = &site.preview else {
        return refuse(StatusCode::NOT_FOUND, "there is no such page here; try /");
    };
    match preview.jpeg().await {
        Some(jpeg) => reply(StatusCode::OK, "image/jpeg", jpeg.into()),
        None => refuse(StatusCode::SERVICE_UNAVAILABLE, "no picture comes just now"),
    }
}

async fn post_command(site: &Site, body: Incoming) -> Response<Body> {
    if !site.options.commands {
        return refuse(StatusCode::FORBIDDEN, "this device's owner takes no commands here");
    }
    let sent = timeout(PATIENCE, Limited::new(body, command::MAX_LENGTH).collect()).await;
    let json = match sent {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => return refuse(StatusCode::PAYLOAD_TOO_LARGE, "that is no command"),
        Err(_) => return refuse(StatusCode::REQUEST_TIMEOUT, "the command did not arrive"),
    };
    match command::parse(&json) {
        Err(reason) => refuse(StatusCode::BAD_REQUEST, &reason),
        Ok(command) if site.asker.ask(command) => {
            reply(StatusCode::ACCEPTED, JSON, r#"{"asked":true}"#.into())
        }
        Ok(_) => refuse(StatusCode::SERVICE_UNAVAILABLE, "too many commands wait; try again"),
    }
}

/// Lets a browser that opens `/?token=…` keep the right token, out of its address line.
fn log_in(site: &Site, head: Head<'_>) -> Option<Response<Body>> {
    let token = site.options.token.as_ref()?;
    let guess = head.parameter("token").filter(|_| head.uri.path() == "/")?;
    if *head.method != Method::GET || !token.is(&guess) {
        return Some(Refusal(StatusCode::UNAUTHORIZED, "that is not the token").into());
    }
    let name = cookie_name(&site.options);
    let cookie = format!("{name}={guess}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax");
    let mut response = reply(StatusCode::SEE_OTHER, "text/plain", "".into());
    let headers = response.headers_mut();
    headers.insert(LOCATION, HeaderValue::from_static("/"));
    headers.insert(SET_COOKIE, cookie.try_into().ok()?);
    Some(response)
}

fn not_allowed(allowed: &'static str) -> Response<Body> {
    let mut response = refuse(StatusCode::METHOD_NOT_ALLOWED, "that is not asked this way");
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}
