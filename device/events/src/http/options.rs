//! What an owner may set about the page, checked before anything listens.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use mien_core::spec::Spec;

use crate::EventError;

/// Every option there is.
const KNOWN: [&str; 7] = ["commands", "expose", "grace", "name", "preview", "token", "token_file"];
/// How long a device may read nothing before it counts as unhealthy, unless the owner says.
const GRACE: Duration = Duration::from_secs(10);
/// The longest such time.
const LONGEST_GRACE: Duration = Duration::from_hours(1);
/// Fewest and most characters of a token.
const TOKEN_LENGTHS: std::ops::RangeInclusive<usize> = 16..=128;

/// The validated options.
#[derive(Debug, Clone)]
pub(super) struct Options {
    /// Where to listen.
    pub(super) address: SocketAddr,
    /// The device's name, for labels.
    pub(super) device: String,
    /// Names, in lower case, under which the device may be asked for.
    pub(super) names: Vec<String>,
    /// Whether commands are taken.
    pub(super) commands: bool,
    /// Whether pictures may be shown.
    pub(super) preview: bool,
    /// How long the device may read nothing before it counts as unhealthy.
    pub(super) grace: Duration,
    /// What a client has to know.
    pub(super) token: Option<Token>,
}

/// A secret that is never printed.
#[derive(Clone)]
pub(super) struct Token(pub(super) String);

impl Options {
    /// Reads `spec`, for a device of that name.
    ///
    /// # Errors
    /// When the address or an option is malformed, or the address is exposed without leave.
    pub(super) fn parse(spec: &Spec, device: &str) -> Result<Self, EventError> {
        spec.allow(&KNOWN)?;
        let address = socket_address(spec)?;
        let may_be_exposed = flag(spec, "expose", false)?;
        if !address.ip().is_loopback() && !may_be_exposed {
            return Err(HttpError::Exposed { address }.into());
        }
        let mut names = vec!["localhost".to_owned()];
        names.extend([device.to_lowercase(), format!("{}.local", device.to_lowercase())]);
        names.extend(spec.option::<String>("name")?.map(|name| name.to_lowercase()));
        Ok(Self {
            address,
            device: device.to_owned(),
            names,
            commands: flag(spec, "commands", true)?,
            preview: flag(spec, "preview", false)?,
            grace: grace(spec)?,
            token: token(spec)?,
        })
    }

    /// Whether others can reach the page without knowing a secret.
    pub(super) fn is_open(&self) -> bool {
        !self.address.ip().is_loopback() && self.token.is_none()
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Why the page cannot be served as its owner wrote it.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// There is no address to listen on.
    #[error("events http://{target}: the address must be IP:PORT, for example 127.0.0.1:8080")]
    BadAddress {
        /// What stands in its place.
        target: String,
    },
    /// Other machines could reach it.
    #[error(
        "events http://{address}: other machines can reach this address: whoever does sees what \
         faces show and can command the device; use 127.0.0.1, or add ?expose=1&token_file=PATH \
         (without a token file everybody on that network is answered)"
    )]
    Exposed {
        /// Where it was to listen.
        address: SocketAddr,
    },
    /// The token is too short, too long or has odd characters.
    #[error(
        "events http://…: the token must have {least} to {most} letters, digits, '-', '.', '_' or '~'",
        least = TOKEN_LENGTHS.start(),
        most = TOKEN_LENGTHS.end()
    )]
    BadToken,
    /// There are two tokens.
    #[error("events http://…: give token or token_file, not both")]
    TwoTokens,
    /// The token's file cannot be read.
    #[error("events http://…: cannot read the token file {path}: {source}")]
    TokenFile {
        /// Its path.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// The address of `IP:PORT` or `localhost:PORT`, with or without a slash behind it.
fn socket_address(spec: &Spec) -> Result<SocketAddr, EventError> {
    let target = spec.target().strip_suffix('/').unwrap_or(spec.target());
    let target = match target.strip_prefix("localhost:") {
        Some(port) => format!("{}:{port}", Ipv4Addr::LOCALHOST),
        None => target.to_owned(),
    };
    let address = target.parse().ok().filter(|address: &SocketAddr| address.port() > 0);
    address.ok_or_else(|| HttpError::BadAddress { target }.into())
}

fn flag(spec: &Spec, key: &str, default: bool) -> Result<bool, EventError> {
    match spec.option::<u8>(key)? {
        None => Ok(default),
        Some(0) => Ok(false),
        Some(1) => Ok(true),
        Some(_) => Err(bad_option(spec, key)),
    }
}

fn grace(spec: &Spec) -> Result<Duration, EventError> {
    let Some(seconds) = spec.option::<u32>("grace")? else { return Ok(GRACE) };
    let grace = Duration::from_secs(seconds.into());
    let fits = !grace.is_zero() && grace <= LONGEST_GRACE;
    fits.then_some(grace).ok_or_else(|| bad_option(spec, "grace"))
}

fn bad_option(spec: &Spec, key: &str) -> EventError {
    let value = spec.option::<String>(key).ok().flatten().unwrap_or_default();
    mien_core::spec::SpecError::BadOption {
        spec: spec.text().to_owned(),
        key: key.to_owned(),
        value,
    }
    .into()
}

fn token(spec: &Spec) -> Result<Option<Token>, EventError> {
    let token = match (spec.option::<String>("token")?, spec.option::<String>("token_file")?) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => return Err(HttpError::TwoTokens.into()),
        (Some(token), None) => token,
        (None, Some(path)) => fs::read_to_string(&path)
            .map(|text| text.trim().to_owned())
            .map_err(|source| HttpError::TokenFile { path, source })?,
    };
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"-._~".contains(&c);
    if TOKEN_LENGTHS.contains(&token.len()) && token.bytes().all(plain) {
        Ok(Some(Token(token)))
    } else {
        Err(HttpError::BadToken.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "correct-horse-battery";

    fn parse(spec: &str) -> Result<Options, EventError> {
        Options::parse(&Spec::parse(spec).unwrap(), "Lobby-1")
    }

    fn refusal(spec: &str) -> String {
        parse(spec).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn an_address_of_this_machine_needs_no_option() {
        for (spec, expected) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("http://localhost:81/", "127.0.0.1:81"),
            ("http://[::1]:8080", "[::1]:8080"),
        ] {
            let options = parse(spec).unwrap();
            assert_eq!(options.address.to_string(), expected);
            assert!(options.commands && !options.preview && options.token.is_none());
            assert_eq!(options.grace, Duration::from_secs(10));
            assert!(!options.is_open());
        }
        assert_eq!(
            parse("http://127.0.0.1:80?name=Door.Example").unwrap().names,
            ["localhost", "lobby-1", "lobby-1.local", "door.example"]
        );
    }

    #[test]
    fn an_address_others_reach_is_refused_with_its_consequences() {
        let error = refusal("http://0.0.0.0:8080");
        assert!(error.contains("sees what faces show and can command the device"), "{error}");
        assert!(error.contains("?expose=1&token_file=PATH"), "{error}");
        assert!(refusal("http://[::]:8080?expose=0").contains("other machines"));
        assert!(parse("http://0.0.0.0:8080?expose=1").unwrap().is_open());
        let guarded = parse(&format!("http://0.0.0.0:80?expose=1&token={TOKEN}")).unwrap();
        assert!(!guarded.is_open());
    }

    #[test]
    fn a_token_is_long_plain_and_never_printed() {
        let options = parse(&format!("http://127.0.0.1:80?token={TOKEN}")).unwrap();
        assert!(!format!("{options:?}").contains(TOKEN));
        assert_eq!(options.token.unwrap().0, TOKEN);
        for bad in ["short", "has%20a%20space%20in%20it", "semi;colon;semi;colon"] {
            let error = refusal(&format!("http://127.0.0.1:80?token={bad}"));
            assert!(error.contains("16 to 128") && !error.contains(bad), "{error}");
        }
    }

    #[test]
    fn a_token_may_come_from_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let spec = format!("http://127.0.0.1:80?token_file={}", path.display());
        assert!(refusal(&spec).contains("cannot read the token file"));
        fs::write(&path, format!("{TOKEN}\n")).unwrap();
        assert_eq!(parse(&spec).unwrap().token.unwrap().0, TOKEN);
        assert!(refusal(&format!("{spec}&token={TOKEN}")).contains("not both"));
    }

    #[test]
    fn malformed_options_are_refused() {
        for bad in ["http://", "http://8080", "http://example.org:80", "http://127.0.0.1:0"] {
            assert!(refusal(bad).contains("the address must be"), "{bad}");
        }
        for bad in ["preview=2", "expose=yes", "grace=0", "grace=3601", "grace=-1"] {
            let error = refusal(&format!("http://127.0.0.1:80?{bad}"));
            assert!(error.contains("cannot be"), "{bad}: {error}");
        }
        assert!(refusal("http://127.0.0.1:80?previw=1").contains("unknown option"));
    }
}
