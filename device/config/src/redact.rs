//! Specifications without their secrets, for screens, logs and reports.
//!
//! What counts as secret: the password of `scheme://user:password@host`, and the value of every
//! option whose name says so. The text need not be a valid specification: refused ones are shown,
//! too.

/// What stands in a secret's place.
pub(crate) const HIDDEN: &str = "•••";

/// What a secret option's name contains. A `…_file` names a file, not the secret.
const SECRET: [&str; 5] = ["password", "pass", "token", "secret", "key"];

/// `spec` without its secrets.
#[must_use]
pub fn redact(spec: &str) -> String {
    let (place, options) = spec.split_once('?').map_or((spec, None), |(a, b)| (a, Some(b)));
    let mut shown = without_password(place);
    for (at, option) in options.into_iter().flat_map(|text| text.split('&')).enumerate() {
        shown.push(if at == 0 { '?' } else { '&' });
        match option.split_once('=') {
            Some((name, _)) if is_secret(name) => shown.extend([name, "=", HIDDEN]),
            _ => shown.push_str(option),
        }
    }
    shown
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !name.ends_with("_file") && SECRET.iter().any(|part| name.contains(part))
}

fn without_password(place: &str) -> String {
    let start = place.find("//").map_or(0, |at| at + 2);
    let (scheme, rest) = place.split_at(start);
    let authority = rest.split('/').next().unwrap_or(rest);
    let hidden = authority.rsplit_once('@').and_then(|(who, _)| {
        let (user, _password) = who.split_once(':')?;
        Some(format!("{scheme}{user}:{HIDDEN}{}", &rest[who.len()..]))
    });
    hidden.unwrap_or_else(|| place.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_and_the_rest_stays() {
        for (spec, shown) in [
            ("mqtt://host/p?user=me&password=x&qos=1", "mqtt://host/p?user=me&password=•••&qos=1"),
            ("mqtt://me:x@host:1883/p", "mqtt://me:•••@host:1883/p"),
            ("mqtt://me:a@b:c@host", "mqtt://me:•••@host"),
            ("http://[::1]:8080?token=abc&expose=1", "http://[::1]:8080?token=•••&expose=1"),
            ("http://h?API_KEY=abc", "http://h?API_KEY=•••"),
            ("http://h?token_file=/etc/token", "http://h?token_file=/etc/token"),
            ("v4l2:///dev/v4l/by-id/usb-a@b:c", "v4l2:///dev/v4l/by-id/usb-a@b:c"),
            ("v4l2://auto", "v4l2://auto"),
            ("me:x@host", "me:•••@host"),
            ("", ""),
        ] {
            assert_eq!(redact(spec), shown);
        }
    }
}
