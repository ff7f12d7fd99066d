//! How an owner names a camera, a panel or a sink: `scheme://target?option=value&option=value`.
//!
//! The scheme picks the implementation, the target is a path, a device, an address or nothing, and
//! the options refine it. The target is taken as it stands, so a path needs no escaping: relative
//! is `png://out/panel.png`, absolute `png:///var/lib/panel.png`. Option values are
//! percent-decoded. A mistyped option is an error, never ignored.
//!
//! Passwords and tokens are read, never shown: [`Spec::text`], and with it every message, has `***`
//! in their place.

use std::{fmt, str::FromStr};

/// Options whose values are never shown.
const SECRETS: [&str; 2] = ["password", "token"];

/// A parsed specification.
#[derive(Clone, PartialEq, Eq)]
pub struct Spec {
    text: String,
    scheme: String,
    target: String,
    options: Vec<(String, String)>,
}

impl Spec {
    /// Splits `text` into its parts.
    ///
    /// # Errors
    /// [`SpecError::NoScheme`] when it does not begin with `scheme://`.
    pub fn parse(text: &str) -> Result<Self, SpecError> {
        let (scheme, rest) = text
            .split_once("://")
            .filter(|(scheme, _)| !scheme.is_empty())
            .ok_or_else(|| SpecError::NoScheme { spec: text.to_owned() })?;
        let (target, query) = rest.split_once('?').unwrap_or((rest, ""));
        let options =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect::<Vec<_>>();
        Ok(Self {
            text: redacted(text),
            scheme: scheme.to_ascii_lowercase(),
            target: target.to_owned(),
            options,
        })
    }

    /// The whole specification as its owner wrote it, but for secrets.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What stands before `://`, in lower case.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// What stands between `://` and the options; may be empty.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The value of option `key`, or `None` when it is not given; the last one wins.
    ///
    /// # Errors
    /// [`SpecError::BadOption`] when the value does not parse.
    pub fn option<T: FromStr>(&self, key: &str) -> Result<Option<T>, SpecError> {
        let Some((_, value)) = self.options.iter().rev().find(|(k, _)| k == key) else {
            return Ok(None);
        };
        value.parse().map(Some).map_err(|_invalid| SpecError::BadOption {
            spec: self.text.clone(),
            key: key.to_owned(),
            value: if SECRETS.contains(&key) { "***".to_owned() } else { value.clone() },
        })
    }

    /// Refuses any option that is not among `known`.
    ///
    /// # Errors
    /// [`SpecError::UnknownOption`] for the first stranger.
    pub fn allow(&self, known: &[&str]) -> Result<(), SpecError> {
        match self.options.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            None => Ok(()),
            Some((key, _)) => Err(SpecError::UnknownOption {
                spec: self.text.clone(),
                key: key.clone(),
                known: if known.is_empty() { "none".to_owned() } else { known.join(", ") },
            }),
        }
    }
}

impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Spec").field(&self.text).finish()
    }
}

/// `text` as it may be shown: without the values of secret options and without a password in front
/// of the host, as in `rtsp://user:password@host`.
fn redacted(text: &str) -> String {
    let (place, query) = text.split_once('?').unwrap_or((text, ""));
    let mut shown = without_password(place);
    for (index, option) in query.split('&').enumerate() {
        shown.push(if index == 0 { '?' } else { '&' });
        match option.split_once('=') {
            Some((key, _)) if SECRETS.contains(&key) => shown.extend([key, "=***"]),
            _ => shown.push_str(option),
        }
    }
    shown.truncate(shown.len() - usize::from(!text.contains('?')));
    shown
}

fn without_password(place: &str) -> String {
    let (scheme, rest) = place.split_once("://").unwrap_or(("", place));
    let authority = rest.split('/').next().unwrap_or(rest);
    match authority.rsplit_once('@').map(|(user, host)| (user.split_once(':'), host)) {
        Some((Some((user, _)), host)) => {
            format!("{scheme}://{user}:***@{host}{}", &rest[authority.len()..])
        }
        _ => place.to_owned(),
    }
}

/// Why a specification is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// There is no `scheme://` in front.
    #[error("{spec:?} has no scheme: write it as scheme://target, for example png://panel.png")]
    NoScheme {
        /// The whole specification.
        spec: String,
    },
    /// An option this scheme does not have.
    #[error("{spec}: unknown option {key:?}; options here: {known}")]
    UnknownOption {
        /// The whole specification.
        spec: String,
        /// The option's name.
        key: String,
        /// The options there are.
        known: String,
    },
    /// An option whose value does not parse.
    #[error("{spec}: option {key} cannot be {value:?}")]
    BadOption {
        /// The whole specification.
        spec: String,
        /// The option's name.
        key: String,
        /// Its value.
        value: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_specification_splits_into_scheme_target_and_options() {
        let spec = Spec::parse("pipe://-?size=640x480&format=i420").unwrap();
        assert_eq!((spec.scheme(), spec.target()), ("pipe", "-"));
        assert_eq!(spec.option::<String>("size").unwrap().as_deref(), Some("640x480"));
        assert_eq!(spec.option::<u32>("rate").unwrap(), None);
    }

    #[test]
    fn targets_are_taken_as_they_stand() {
        for (text, target) in [
            ("v4l2:///dev/video0", "/dev/video0"),
            ("v4l2://auto", "auto"),
            ("png://Out dir/Panel%20#1.png", "Out dir/Panel%20#1.png"),
            ("udp://[::1]:9000", "[::1]:9000"),
            ("none://", ""),
        ] {
            assert_eq!(Spec::parse(text).unwrap().target(), target);
        }
    }

    #[test]
    fn secrets_are_read_and_never_shown() {
        for (text, shown) in [
            ("mqtt://h/x?user=me&password=a%20b&qos=1", "mqtt://h/x?user=me&password=***&qos=1"),
            ("http://:80?token=abc", "http://:80?token=***"),
            ("rtsp://me:p@ss@cam/live?x=1", "rtsp://me:***@cam/live?x=1"),
            ("png://a@2x.png", "png://a@2x.png"),
            ("none://", "none://"),
            ("none://?", "none://?"),
        ] {
            let spec = Spec::parse(text).unwrap();
            assert_eq!((spec.text(), format!("{spec:?}")), (shown, format!("Spec({shown:?})")));
        }
        let spec = Spec::parse("mqtt://h/x?password=a%20b").unwrap();
        assert_eq!(spec.option::<String>("password").unwrap().as_deref(), Some("a b"));
        assert!(!spec.option::<u8>("password").unwrap_err().to_string().contains("a b"));
    }

    #[test]
    fn a_missing_scheme_a_bad_value_and_an_unknown_option_are_refused() {
        for text in ["", "panel.png", "://x"] {
            assert!(matches!(Spec::parse(text), Err(SpecError::NoScheme { .. })), "{text}");
        }
        let spec = Spec::parse("performer://?seed=one").unwrap();
        assert_eq!(
            spec.option::<u64>("seed").unwrap_err().to_string(),
            "performer://?seed=one: option seed cannot be \"one\""
        );
        assert_eq!(
            spec.allow(&["frames", "rate"]).unwrap_err().to_string(),
            "performer://?seed=one: unknown option \"seed\"; options here: frames, rate"
        );
    }
}
