//! What goes back to a client: its body, and the headers that every answer has.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use hyper::{
    Response, StatusCode,
    body::{Body as HttpBody, Bytes, Frame, SizeHint},
    header::{
        CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY, RETRY_AFTER,
        X_CONTENT_TYPE_OPTIONS,
    },
};
use tokio::sync::{OwnedSemaphorePermit, mpsc::Receiver};

use super::guard::Refusal;

/// JSON's media type.
pub(super) const JSON: &str = "application/json";

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The body of an answer.
#[derive(Debug)]
pub(super) enum Body {
    /// All of it; `None` once it is sent.
    Whole(Option<Bytes>),
    /// Pieces as they come, and the place among the streams, which is free again afterwards.
    Stream { pieces: Receiver<Bytes>, _place: OwnedSemaphorePermit },
}

/// An answer of a media type, told to nobody else and kept by nobody.
pub(super) fn reply(status: StatusCode, kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (RESOURCE_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// An answer that says in words why there is no other.
pub(super) fn refuse(status: StatusCode, reason: &str) -> Response<Body> {
    let json = serde_json::json!({ "error": reason }).to_string();
    reply(status, JSON, json.into())
}

impl From<Refusal> for Response<Body> {
    fn from(Refusal(status, reason): Refusal) -> Self {
        refuse(status, reason)
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        Self::Whole(Some(bytes.into()))
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut *self {
            Self::Whole(bytes) => Poll::Ready(bytes.take()),
            Self::Stream { pieces, .. } => pieces.poll_recv(context),
        }
        .map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Self::Stream { .. } => SizeHint::default(),
        }
    }
}
