//! Who is answered: rules over a request's head, so that no other site's page can read or change
//! anything through its visitor's browser.
//!
//! | attack | rule |
//! |---|---|
//! | DNS rebinding: a foreign name that suddenly leads here | `Host` is an address, `localhost` or a configured name, else 421 |
//! | a foreign page asks in the background | `Sec-Fetch-Site` and `Origin`, where sent, say our own origin, else 403 |
//! | a foreign form posts a command | commands are `application/json`, which no form sends, else 415 |
//! | a stranger on the network | the token, compared in constant time, else 401 |

use std::net::{Ipv4Addr, Ipv6Addr};

use hyper::{
    HeaderMap, Method, StatusCode, Uri,
    header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, HeaderName, ORIGIN},
};
use subtle::ConstantTimeEq as _;

use super::options::{Options, Token};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Why a request is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) StatusCode, pub(super) &'static str);

/// A request's head.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head<'a> {
    pub(super) method: &'a Method,
    pub(super) uri: &'a Uri,
    pub(super) headers: &'a HeaderMap,
}

impl<'a> Head<'a> {
    /// Checks every rule but the token's.
    ///
    /// # Errors
    /// The refusal of the first rule that is broken.
    pub(super) fn check(&self, options: &Options) -> Result<(), Refusal> {
        let host = self.host()?;
        check_named(host, options)?;
        self.check_site(host)?;
        if *self.method == Method::POST { self.check_json() } else { Ok(()) }
    }

    /// Checks the token, where there is one.
    ///
    /// # Errors
    /// The refusal, when the request does not carry it.
    pub(super) fn check_token(&self, options: &Options) -> Result<(), Refusal> {
        let Some(token) = &options.token else { return Ok(()) };
        let cookie = cookie_name(options);
        let known = self.bearer().or_else(|| self.cookie(&cookie)).is_some_and(|t| token.is(t));
        if known {
            Ok(())
        } else {
            Err(Refusal(
                StatusCode::UNAUTHORIZED,
                "this page needs a token: open /?token=… once, or send Authorization: Bearer …",
            ))
        }
    }

    /// The value of a parameter of the query.
    pub(super) fn parameter(&self, key: &str) -> Option<String> {
        let query = self.uri.query().unwrap_or_default().as_bytes();
        url::form_urlencoded::parse(query).find(|(k, _)| k == key).map(|(_, v)| v.into_owned())
    }

    /// The one authority the request is for.
    fn host(&self) -> Result<&'a str, Refusal> {
        let mut hosts = self.headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return Err(Refusal(StatusCode::BAD_REQUEST, "a request names exactly one host"));
        };
        let host = host.to_str().unwrap_or_default();
        match self.uri.authority() {
            Some(authority) if authority.as_str() != host => {
                Err(Refusal(StatusCode::BAD_REQUEST, "the request names two hosts"))
            }
            _ => Ok(host),
        }
    }

    /// What a browser says about where the request comes from; other programs say nothing.
    fn check_site(&self, host: &str) -> Result<(), Refusal> {
        let text = |name| self.headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        let opens_page = *self.method == Method::GET
            && self.uri.path() == "/"
            && text(FETCH_MODE) == Some("navigate");
        let own_site = matches!(text(FETCH_SITE), None | Some("same-origin" | "none"));
        let own_origin = text(ORIGIN).is_none_or(|origin| {
            origin.split_once("://").is_some_and(|(_, from)| from.eq_ignore_ascii_case(host))
        });
        if (own_site || opens_page) && own_origin {
            Ok(())
        } else {
            Err(Refusal(StatusCode::FORBIDDEN, "another site's page may not ask here"))
        }
    }

    fn check_json(&self) -> Result<(), Refusal> {
        let kind = self.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let essence = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
        if essence.trim().eq_ignore_ascii_case("application/json") {
            Ok(())
        } else {
            Err(Refusal(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "commands are sent with Content-Type: application/json",
            ))
        }
    }

    fn bearer(&self) -> Option<&'a str> {
        let value = self.headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }

    fn cookie(&self, name: &str) -> Option<&'a str> {
        let cookies = self.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        cookies
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .find_map(|(key, value)| (key == name).then_some(value))
    }
}

impl Token {
    /// Whether `guess` is it, in a time that does not tell how much of it is right.
    pub(super) fn is(&self, guess: &str) -> bool {
        self.0.as_bytes().ct_eq(guess.as_bytes()).into()
    }
}

/// The cookie a browser keeps the token in. Cookies know no ports, so its name does: two devices
/// on one machine do not forget each other's.
pub(super) fn cookie_name(options: &Options) -> String {
    format!("mien_{}", options.address.port())
}

fn check_named(host: &str, options: &Options) -> Result<(), Refusal> {
    let name = without_port(host).to_lowercase();
    let ipv6 = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    let is_address = match ipv6 {
        Some(ip) => ip.parse::<Ipv6Addr>().is_ok(),
        None => name.parse::<Ipv4Addr>().is_ok(),
    };
    if is_address || options.names.contains(&name) {
        Ok(())
    } else {
        Err(Refusal(
            StatusCode::MISDIRECTED_REQUEST,
            "this device is not known by that name: use its address, or add name=HOST to its \
             specification",
        ))
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use mien_core::spec::Spec;

    use super::*;

    const TOKEN: &str = "correct-horse-battery";

    fn options(query: &str) -> Options {
        let spec = Spec::parse(&format!("http://127.0.0.1:8080{query}")).unwrap();
        Options::parse(&spec, "kiosk-7").unwrap()
    }

    /// The status that a request with these headers gets; 200 when no rule is broken.
    fn status(method: &str, path: &str, headers: &[(&'static str, &str)], query: &str) -> u16 {
        let (method, uri) = (method.parse().unwrap(), path.parse().unwrap());
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        let (head, options) = (Head { method: &method, uri: &uri, headers: &map }, options(query));
        match head.check(&options).and_then(|()| head.check_token(&options)) {
            Ok(()) => 200,
            Err(Refusal(status, _)) => status.as_u16(),
        }
    }

    fn get(headers: &[(&'static str, &str)]) -> u16 {
        status("GET", "/reading", headers, "?name=door.example")
    }

    #[test]
    fn addresses_and_configured_names_are_hosts() {
        for host in [
            "127.0.0.1:8080",
            "192.168.1.5",
            "[::1]:8080",
            "[fe80::1]",
            "localhost",
            "LOCALHOST:9",
            "kiosk-7.local:8080",
            "door.example",
        ] {
            assert_eq!(get(&[("host", host)]), 200, "{host}");
        }
    }

    #[test]
    fn foreign_names_are_refused() {
        for host in [
            "evil.example",
            "127.0.0.1.evil.example:8080",
            "localhost.evil.example",
            "",
            ":8080",
            "::1",
            "[127.0.0.1]",
            "127.0.0.1:80@evil.example",
        ] {
            assert_eq!(get(&[("host", host)]), 421, "{host}");
        }
        assert_eq!(get(&[]), 400);
        assert_eq!(get(&[("host", "127.0.0.1"), ("host", "evil.example")]), 400);
        let absolute = status("GET", "http://evil.example/", &[("host", "127.0.0.1")], "");
        assert_eq!(absolute, 400);
    }

    #[test]
    fn a_foreign_page_may_lead_here_but_not_ask() {
        let host = ("host", "127.0.0.1:8080");
        let site = |site| ("sec-fetch-site", site);
        assert_eq!(get(&[host, site("same-origin")]), 200);
        assert_eq!(get(&[host, site("none")]), 200);
        assert_eq!(get(&[host, site("cross-site")]), 403);
        assert_eq!(get(&[host, site("same-site")]), 403);
        let link = [host, site("cross-site"), ("sec-fetch-mode", "navigate")];
        assert_eq!(status("GET", "/", &link, ""), 200);
        assert_eq!(status("GET", "/reading", &link, ""), 403);
        assert_eq!(status("POST", "/", &link, ""), 403);
        assert_eq!(status("GET", "/", &[host, site("cross-site")], ""), 403);
    }

    #[test]
    fn a_command_is_json_of_our_own_origin() {
        let post = |headers: &[(&'static str, &str)]| {
            let mut all = vec![("host", "127.0.0.1:8080")];
            all.extend(headers);
            status("POST", "/command", &all, "")
        };
        let json = ("content-type", "application/json; charset=utf-8");
        assert_eq!(post(&[json]), 200);
        assert_eq!(post(&[json, ("origin", "http://127.0.0.1:8080")]), 200);
        for origin in ["null", "http://127.0.0.1:81", "http://evil.example", "127.0.0.1:8080"] {
            assert_eq!(post(&[json, ("origin", origin)]), 403, "{origin}");
        }
        assert_eq!(post(&[]), 415);
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
            assert_eq!(post(&[("content-type", kind)]), 415, "{kind}");
        }
    }

    #[test]
    fn a_token_comes_as_a_bearer_or_a_cookie() {
        let query = format!("?token={TOKEN}");
        let get = |name, value: &str| {
            status("GET", "/reading", &[("host", "127.0.0.1"), (name, value)], &query)
        };
        assert_eq!(get("authorization", &format!("Bearer {TOKEN}")), 200);
        assert_eq!(get("cookie", &format!("a=b; mien_8080={TOKEN}; c=d")), 200);
        for bad in ["", "Bearer", "Bearer correct-horse-batterx", "Basic correct-horse-battery"] {
            assert_eq!(get("authorization", bad), 401, "{bad}");
        }
        assert_eq!(get("cookie", &format!("mien_8081={TOKEN}")), 401);
        assert_eq!(get("cookie", "mien_8080="), 401);
    }
}
