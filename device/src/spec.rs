//! How an owner names a camera, a panel or a sink: `scheme://target?option=value&option=value`.
//!
//! The scheme picks the implementation, the target is a path, a device, an address or nothing, and
//! the options refine it. The target is taken as it stands, so a path needs no escaping: relative
//! is `png://out/panel.png`, absolute `png:///var/lib/panel.png`. Option values are
//! percent-decoded. A mistyped option is an error, never ignored.

use std::str::FromStr;

/// A parsed specification.
#[derive(Debug, Clone, PartialEq, Eq)]
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
            text: text.to_owned(),
            scheme: scheme.to_ascii_lowercase(),
            target: target.to_owned(),
            options,
        })
    }

    /// The whole specification as its owner wrote it.
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
            value: value.clone(),
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
