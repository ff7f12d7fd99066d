//! What `mqtt://HOST[:PORT]/PREFIX?…` asks for. Secrets are neither shown nor kept in a label.

use std::{fmt, fs::File, io::Read as _};

use mien_core::spec::Spec;

use super::board::Slot;
use crate::{EventError, Link, host_and_port};

/// The port registered for MQTT.
const PORT: u16 = 1883;
/// Where topics begin when no prefix is given.
const PREFIX: &str = "mien";
/// The longest prefix, device name or client name, so that every packet has room for them.
const LONGEST_NAME: usize = 128;
/// The longest password.
const LONGEST_PASSWORD: u64 = 4096;

/// Every option there is.
const OPTIONS: [&str; 8] =
    ["user", "password", "password_file", "client", "qos", "every", "on", "discovery"];

#[derive(Debug)]
pub(super) struct Settings {
    /// The specification as it may be shown.
    pub(super) label: String,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) device: String,
    /// `PREFIX/<device>`.
    pub(super) root: String,
    pub(super) client: String,
    pub(super) user: Option<String>,
    pub(super) password: Option<Password>,
    /// Whether receipts are asked for: `QoS` 1.
    pub(super) confirmed: bool,
    /// Whether Home Assistant is told of the device.
    pub(super) discovery: bool,
}

pub(super) struct Password(Vec<u8>);

impl Settings {
    pub(super) fn parse(spec: &Spec, link: &Link) -> Result<Self, EventError> {
        spec.allow(&OPTIONS)?;
        let (authority, prefix) = spec.target().split_once('/').unwrap_or((spec.target(), ""));
        let (host, port) = host_and_port(authority, Some(PORT)).ok_or_else(|| {
            EventError::refused(spec, "write mqtt://HOST:PORT/PREFIX, the user as ?user=NAME")
        })?;
        let prefix = if prefix.is_empty() { PREFIX } else { prefix };
        let (device, root) = (link.device.clone(), format!("{prefix}/{}", link.device));
        if !is_topic(&root) {
            let why = "a prefix is words joined by /, without +, # and $, 128 letters at most";
            return Err(EventError::refused(spec, why));
        }
        let client = spec.option("client")?.unwrap_or_else(|| format!("mien-{device}"));
        if client.is_empty() || client.len() > LONGEST_NAME {
            return Err(EventError::refused(spec, "a client name has 1 to 128 letters"));
        }
        Ok(Self {
            label: spec.text().to_owned(),
            host,
            port,
            device,
            root,
            client,
            user: spec.option("user")?,
            password: password(spec)?,
            confirmed: qos(spec)?,
            discovery: discovery(spec)?,
        })
    }

    /// Where a state is published.
    pub(super) fn topic(&self, slot: Slot) -> String {
        let name = match slot {
            Slot::Available => "available",
            Slot::Hello => "hello",
            Slot::Discovery => return format!("homeassistant/device/mien_{}/config", self.device),
            Slot::Status => "status",
            Slot::ReadingState => "reading/state",
            Slot::Expression => "expression",
            Slot::Faces => "faces",
            Slot::Stats => "stats",
        };
        self.below(name)
    }

    /// A topic of this device.
    pub(super) fn below(&self, name: &str) -> String {
        format!("{}/{name}", self.root)
    }
}

impl Password {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

fn is_topic(root: &str) -> bool {
    let plain = |c: char| !c.is_control() && !"+#$".contains(c);
    root.len() <= 2 * LONGEST_NAME
        && root.split('/').all(|level| !level.is_empty() && level.chars().all(plain))
}

fn qos(spec: &Spec) -> Result<bool, EventError> {
    match spec.option::<u8>("qos")? {
        Some(0) => Ok(false),
        None | Some(1) => Ok(true),
        Some(_) => Err(EventError::refused(spec, "qos is 0 or 1; a reading is never sent twice")),
    }
}

fn discovery(spec: &Spec) -> Result<bool, EventError> {
    match spec.option::<String>("discovery")?.as_deref() {
        None => Ok(false),
        Some("homeassistant") => Ok(true),
        Some(_) => Err(EventError::refused(spec, "discovery is homeassistant or left out")),
    }
}

fn password(spec: &Spec) -> Result<Option<Password>, EventError> {
    let given = spec.option::<String>("password")?;
    let Some(path) = spec.option::<String>("password_file")? else {
        return Ok(given.map(|text| Password(text.into_bytes())));
    };
    if given.is_some() {
        return Err(EventError::refused(spec, "give either password or password_file"));
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LONGEST_PASSWORD).read_to_end(&mut bytes))
        .map_err(|error| EventError::open(spec.text(), error))?;
    let length = bytes.trim_ascii_end().len();
    bytes.truncate(length);
    Ok(Some(Password(bytes)))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn parse(text: &str) -> Result<Settings, EventError> {
        let (asker, _) = mien_core::command::channel();
        Settings::parse(&Spec::parse(text).unwrap(), &Link { device: "kiosk-1".into(), asker })
    }

    #[test]
    fn a_host_alone_is_enough() {
        let settings = parse("mqtt://broker").unwrap();
        assert_eq!((settings.host.as_str(), settings.port), ("broker", 1883));
        assert_eq!(settings.root, "mien/kiosk-1");
        assert_eq!(settings.client, "mien-kiosk-1");
        assert!(settings.confirmed && !settings.discovery);
        assert_eq!(settings.topic(Slot::ReadingState), "mien/kiosk-1/reading/state");
    }

    #[test]
    fn a_prefix_may_have_levels_and_an_address_brackets() {
        let settings = parse("mqtt://[::1]:1884/site/hall?qos=0&client=c").unwrap();
        assert_eq!((settings.host.as_str(), settings.port), ("::1", 1884));
        assert_eq!(settings.root, "site/hall/kiosk-1");
        assert_eq!((settings.client.as_str(), settings.confirmed), ("c", false));
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_fix() {
        for (bad, fix) in [
            ("mqtt://", "write mqtt://HOST:PORT/PREFIX"),
            ("mqtt://h:0/x", "write mqtt://HOST:PORT/PREFIX"),
            ("mqtt://me:hunter2@h/x", "the user as ?user=NAME"),
            ("mqtt://h/a//b", "a prefix is"),
            ("mqtt://h/#", "a prefix is"),
            ("mqtt://h/$SYS", "a prefix is"),
            ("mqtt://h/x?qos=2", "qos is 0 or 1"),
            ("mqtt://h/x?client=", "client name"),
            ("mqtt://h/x?discovery=yes", "discovery is homeassistant"),
            ("mqtt://h/x?password=hunter2&password_file=/dev/null", "either password or"),
            ("mqtt://h/x?tls=1", "unknown option"),
        ] {
            let error = parse(bad).unwrap_err().to_string();
            assert!(error.contains(fix), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_password_is_read_from_a_file_and_never_shown() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "hunter2").unwrap();
        let spec = format!("mqtt://h/x?password_file={}", file.path().display());
        let settings = parse(&spec).unwrap();
        assert_eq!(settings.password.as_ref().unwrap().bytes(), b"hunter2");
        let settings = [settings, parse("mqtt://h/x?user=me&password=hunter2").unwrap()];
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
