//! The known key nearest to an unknown one.

/// What a TOML error says, with the nearest known key where an unknown one is the matter.
///
/// serde words it "unknown field `a`, expected one of `b`, `c`" (or "variant", or "expected `b`").
pub(super) fn hint(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("unknown ")?;
    let mut quoted = rest.split('`').skip(1).step_by(2);
    let unknown = quoted.next()?;
    let near = |known: &str| strsim::jaro_winkler(unknown, known);
    let known = quoted.max_by(|a, b| near(a).total_cmp(&near(b)))?;
    (near(known) > 0.6).then(|| format!("did you mean `{known}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_key_is_named() {
        let said =
            "unknown field `learing_rate`, expected one of `epochs`, `learning_rate`, `clip`";
        assert_eq!(hint(said).as_deref(), Some("did you mean `learning_rate`?"));
        assert_eq!(hint("unknown field `zzz`, expected `epochs`"), None);
        assert_eq!(hint("missing field `epochs`"), None);
    }
}
