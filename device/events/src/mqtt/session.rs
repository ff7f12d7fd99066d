//! One connection's protocol, without its socket: what may be sent, what the answers mean.
//!
//! ```text
//! CONNECT ──CONNACK──▶ SUBSCRIBE, states, readings ──queue over──▶ offline, DISCONNECT
//!                        a window of unconfirmed packets; a ping in silence
//! ```
//!
//! Follows [MQTT 5](https://docs.oasis-open.org/mqtt/mqtt/v5.0/os/mqtt-v5.0-os.html) with a clean
//! start each time and `QoS` 0 or 1. Nothing is sent twice.

use std::{collections::VecDeque, io, time::Duration};

use mien_core::command::Command;
use mien_shared::frame::Timestamp;
use mqtt_proto::{
    Error, Pid, QoS, QosPid, TopicName,
    v5::{Connack, ConnectReasonCode, DisconnectReasonCode, Packet, Puback, Publish, Suback},
};

use super::{
    packets::{self, KEEP_ALIVE},
    settings::Settings,
};

/// Packets that wait for their receipt at most.
const WINDOW: usize = 16;
/// How long the broker may owe an answer.
const SILENCE: Duration = Duration::from_secs(4);

#[derive(Debug)]
pub(super) struct Session {
    confirmed: bool,
    up: bool,
    window: usize,
    longest: usize,
    ping_after: Duration,
    next: Pid,
    unconfirmed: VecDeque<Unconfirmed>,
    /// Since when the answer to a CONNECT or a ping is owed.
    asked_at: Option<Timestamp>,
    spoke_at: Timestamp,
}

#[derive(Debug)]
struct Unconfirmed {
    pid: Pid,
    since: Timestamp,
    /// The reading it carries.
    frame: Option<Vec<u8>>,
}

/// What a packet from the broker means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nothing to do.
    Nothing,
    /// The connection is up.
    Up,
    /// The broker has this reading's packet, or has refused it.
    Receipt { frame: Option<Vec<u8>>, refusal: Option<String> },
    /// Some topics may not be listened to.
    Deaf(String),
    /// Someone asks for something.
    Asked(Command),
}

impl Session {
    /// Begins one; the CONNECT goes to `out`.
    pub(super) fn begin(
        settings: &Settings,
        out: &mut Vec<u8>,
        now: Timestamp,
    ) -> io::Result<Self> {
        put(&packets::connect(settings).map_err(internal)?, out)?;
        Ok(Self {
            confirmed: settings.confirmed,
            up: false,
            window: WINDOW,
            longest: usize::MAX,
            ping_after: Duration::from_secs(u64::from(KEEP_ALIVE)) / 2,
            next: Pid::default(),
            unconfirmed: VecDeque::with_capacity(WINDOW),
            asked_at: Some(now),
            spoke_at: now,
        })
    }

    /// Whether another packet may be published now.
    pub(super) fn may_publish(&self) -> bool {
        self.up && self.unconfirmed.len() < self.window
    }

    /// Whether every packet has its receipt.
    pub(super) fn is_settled(&self) -> bool {
        self.up && self.unconfirmed.is_empty()
    }

    /// Appends the SUBSCRIBE to `out`.
    pub(super) fn subscribe(
        &mut self,
        settings: &Settings,
        out: &mut Vec<u8>,
        now: Timestamp,
    ) -> io::Result<()> {
        let pid = self.expect_receipt(None, now);
        put(&packets::subscribe(settings, pid).map_err(internal)?, out)
    }

    /// Appends a publication to `out`; false when it is longer than the broker takes.
    pub(super) fn publish(
        &mut self,
        topic: &TopicName,
        text: &[u8],
        retain: bool,
        out: &mut Vec<u8>,
    ) -> io::Result<bool> {
        let to = if self.confirmed { QosPid::Level1(self.next) } else { QosPid::Level0 };
        let start = out.len();
        put(&packets::publish(topic, text, retain, to), out)?;
        let fits = out.len() - start <= self.longest;
        if !fits {
            out.truncate(start);
        }
        Ok(fits)
    }

    /// Books the receipt that the next packet, which carries `frame`, will get.
    pub(super) fn expect_receipt(&mut self, frame: Option<Vec<u8>>, now: Timestamp) -> Pid {
        let pid = self.next;
        self.next += 1;
        self.spoke_at = now;
        self.unconfirmed.push_back(Unconfirmed { pid, since: now, frame });
        pid
    }

    /// Takes all that has no receipt: it is sent without receipts, or the connection is lost.
    pub(super) fn release(&mut self) -> impl Iterator<Item = Vec<u8>> {
        self.unconfirmed.drain(..).filter_map(|packet| packet.frame)
    }

    /// What `packet` means; an answer to it goes to `out`.
    ///
    /// # Errors
    /// When the broker refuses, says goodbye or breaks the protocol: the connection is over.
    pub(super) fn hear(
        &mut self,
        packet: Packet,
        settings: &Settings,
        out: &mut Vec<u8>,
    ) -> io::Result<Heard> {
        match packet {
            Packet::Connack(connack) if !self.up => self.rise(&connack),
            Packet::Pingresp => {
                self.asked_at = None;
                Ok(Heard::Nothing)
            }
            Packet::Puback(puback) => Ok(self.settle(&puback)),
            Packet::Suback(suback) => Ok(self.listening(&suback)),
            Packet::Publish(publish) => asked(&publish, settings, out),
            Packet::Disconnect(goodbye) => Err(farewell(goodbye.reason_code)),
            other => Err(io::Error::other(format!("the broker sends a {}", other.get_type()))),
        }
    }

    /// Pings a quiet broker; an error when it has owed an answer for too long.
    pub(super) fn watch(&mut self, out: &mut Vec<u8>, now: Timestamp) -> io::Result<()> {
        let owed = self.asked_at.into_iter().chain(self.unconfirmed.front().map(|one| one.since));
        if owed.min().is_some_and(|since| now.0.saturating_sub(since.0) > SILENCE) {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the broker does not answer"));
        }
        if self.up
            && self.asked_at.is_none()
            && now.0.saturating_sub(self.spoke_at.0) > self.ping_after
        {
            (self.asked_at, self.spoke_at) = (Some(now), now);
            put(&Packet::Pingreq, out)?;
        }
        Ok(())
    }

    fn rise(&mut self, connack: &Connack) -> io::Result<Heard> {
        if connack.reason_code != ConnectReasonCode::Success {
            return Err(refusal(connack.reason_code));
        }
        let offer = &connack.properties;
        if self.confirmed && offer.max_qos == Some(QoS::Level0) {
            return Err(io::Error::other("the broker gives no receipts; write ?qos=0"));
        }
        if let Some(most) = offer.receive_max {
            self.window = self.window.min(usize::from(most));
        }
        if let Some(longest) = offer.max_packet_size {
            self.longest = usize::try_from(longest).unwrap_or(usize::MAX);
        }
        if let Some(seconds) = offer.server_keep_alive.filter(|seconds| *seconds > 0) {
            self.ping_after = self.ping_after.min(Duration::from_secs(u64::from(seconds)) / 2);
        }
        (self.up, self.asked_at) = (true, None);
        Ok(Heard::Up)
    }

    fn settle(&mut self, puback: &Puback) -> Heard {
        let Some(at) = self.unconfirmed.iter().position(|packet| packet.pid == puback.pid) else {
            return Heard::Nothing;
        };
        let frame = self.unconfirmed.remove(at).and_then(|packet| packet.frame);
        let refused = puback.reason_code as u8 >= 0x80;
        let refusal =
            refused.then(|| format!("the broker refuses a message: {:?}", puback.reason_code));
        Heard::Receipt { frame, refusal }
    }

    fn listening(&mut self, suback: &Suback) -> Heard {
        self.unconfirmed.retain(|packet| packet.pid != suback.pid);
        match suback.topics.iter().find(|code| **code as u8 >= 0x80) {
            None => Heard::Nothing,
            Some(code) => Heard::Deaf(format!("the broker lets no commands through: {code:?}")),
        }
    }
}

/// Appends a packet's bytes.
fn put(packet: &Packet, out: &mut Vec<u8>) -> io::Result<()> {
    out.extend_from_slice(packet.encode().map_err(internal)?.as_ref());
    Ok(())
}

/// The command that a publication asks for, with its receipt to `out`.
fn asked(publish: &Publish, settings: &Settings, out: &mut Vec<u8>) -> io::Result<Heard> {
    match publish.qos_pid {
        QosPid::Level0 => {}
        QosPid::Level1(pid) => put(&Puback::new_success(pid).into(), out)?,
        QosPid::Level2(_) => return Err(io::Error::other("the broker breaks the agreed QoS")),
    }
    let topic = publish.topic_name.strip_prefix(settings.root.as_str());
    let command = match (topic, publish.payload.trim_ascii()) {
        _ if publish.retain => None,
        (Some("/reading/set"), b"ON") => Some(Command::Read(true)),
        (Some("/reading/set"), b"OFF") => Some(Command::Read(false)),
        (Some("/calibrate/set"), _) => Some(Command::Calibrate),
        (Some("/page/set"), _) => Some(Command::NextPage),
        _ => None,
    };
    Ok(command.map_or(Heard::Nothing, Heard::Asked))
}

fn refusal(code: ConnectReasonCode) -> io::Error {
    use ConnectReasonCode as Code;
    io::Error::other(match code {
        Code::BadUserNameOrPassword | Code::NotAuthorized => {
            "the broker refuses the user or the password".to_owned()
        }
        Code::ClientIdentifierNotValid => {
            "the broker refuses the client's name; write ?client=NAME".to_owned()
        }
        Code::UnsupportedProtocolVersion => "the broker does not speak MQTT 5".to_owned(),
        other => format!("the broker refuses the connection: {other:?}"),
    })
}

fn farewell(code: DisconnectReasonCode) -> io::Error {
    io::Error::other(match code {
        DisconnectReasonCode::SessionTakenOver => {
            "another client has the same name; give each device its own".to_owned()
        }
        DisconnectReasonCode::ServerShuttingDown => "the broker shuts down".to_owned(),
        other => format!("the broker ends the connection: {other:?}"),
    })
}

/// A packet that cannot be written; the settings were checked, so it is not the owner's doing.
fn internal(error: Error) -> io::Error {
    io::Error::other(error)
}

#[cfg(test)]
mod tests {
    use mien_core::{command, spec::Spec};
    use mqtt_proto::v5::{Disconnect, PubackReasonCode, SubscribeReasonCode};

    use super::*;
    use crate::Link;

    fn settings(query: &str) -> Settings {
        let spec = Spec::parse(&format!("mqtt://h/site{query}")).unwrap();
        Settings::parse(&spec, &Link { device: "hall".into(), asker: command::channel().0 })
            .unwrap()
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp(Duration::from_secs(seconds))
    }

    fn connack(receive_max: u16) -> Packet {
        let mut connack = Connack::new(false, ConnectReasonCode::Success);
        connack.properties.receive_max = Some(receive_max);
        connack.into()
    }

    /// A session that is up, and what it has written by now.
    fn up(receive_max: u16) -> (Session, Vec<u8>) {
        let mut out = Vec::new();
        let mut session = Session::begin(&settings(""), &mut out, at(0)).unwrap();
        assert!(!session.may_publish());
        let heard = session.hear(connack(receive_max), &settings(""), &mut out);
        assert_eq!(heard.unwrap(), Heard::Up);
        out.clear();
        (session, out)
    }

    fn command(topic: &str, payload: &[u8], retain: bool) -> Heard {
        let (mut session, mut out) = up(16);
        let mut publish = Publish::new(
            QosPid::Level1(Pid::default()),
            TopicName::try_from(topic).unwrap(),
            payload.to_vec().into(),
        );
        publish.retain = retain;
        let heard = session.hear(publish.into(), &settings(""), &mut out).unwrap();
        assert_eq!(out[0], 0x40, "the broker gets its receipt");
        heard
    }

    #[test]
    fn the_connect_carries_a_retained_will() {
        let mut out = Vec::new();
        Session::begin(&settings("?user=me&password=pw"), &mut out, at(0)).unwrap();
        let Some(Packet::Connect(connect)) = packets::take(&mut out).unwrap() else {
            panic!("no connect");
        };
        let will = connect.last_will.unwrap();
        assert_eq!(&*will.topic_name, "site/hall/available");
        assert_eq!((will.payload.as_ref(), will.retain), (b"offline".as_slice(), true));
        assert_eq!(connect.username.as_deref(), Some("me"));
        assert_eq!(connect.password.as_deref(), Some(b"pw".as_slice()));
        assert!(connect.clean_start);
    }

    #[test]
    fn the_window_is_the_smaller_of_both_sides_and_opens_with_each_receipt() {
        let (mut session, mut out) = up(2);
        let pids = [Some(vec![1]), None].map(|frame| session.expect_receipt(frame, at(0)));
        assert!(!session.may_publish());
        let heard = session.hear(Puback::new_success(pids[0]).into(), &settings(""), &mut out);
        assert_eq!(heard.unwrap(), Heard::Receipt { frame: Some(vec![1]), refusal: None });
        assert!(session.may_publish() && !session.is_settled());
        let refusal = Puback::new(pids[1], PubackReasonCode::QuotaExceeded);
        let heard = session.hear(refusal.into(), &settings(""), &mut out).unwrap();
        let Heard::Receipt { frame: None, refusal: Some(why) } = heard else { panic!("{heard:?}") };
        assert!(why.contains("QuotaExceeded"));
        assert!(session.is_settled());
    }

    #[test]
    fn an_answer_that_is_owed_too_long_ends_the_connection() {
        let mut out = Vec::new();
        let mut session = Session::begin(&settings(""), &mut out, at(0)).unwrap();
        assert!(session.watch(&mut out, at(4)).is_ok());
        assert!(session.watch(&mut out, at(5)).is_err(), "no connack");
        let (mut session, mut out) = up(16);
        session.expect_receipt(None, at(1));
        assert!(session.watch(&mut out, at(6)).is_err(), "no receipt");
    }

    #[test]
    fn a_quiet_broker_is_pinged_and_must_answer() {
        let (mut session, mut out) = up(16);
        session.watch(&mut out, at(5)).unwrap();
        assert!(out.is_empty());
        session.watch(&mut out, at(6)).unwrap();
        assert_eq!(out, [0xc0, 0]);
        session.watch(&mut out, at(9)).unwrap();
        assert!(session.watch(&mut out, at(11)).is_err());
        session.hear(Packet::Pingresp, &settings(""), &mut out).unwrap();
        session.watch(&mut out, at(11)).unwrap();
    }

    #[test]
    fn commands_are_known_by_topic_and_payload() {
        assert_eq!(
            command("site/hall/reading/set", b"ON", false),
            Heard::Asked(Command::Read(true))
        );
        assert_eq!(
            command("site/hall/reading/set", b" OFF\n", false),
            Heard::Asked(Command::Read(false))
        );
        assert_eq!(command("site/hall/reading/set", b"maybe", false), Heard::Nothing);
        assert_eq!(command("site/hall/reading/set", b"OFF", true), Heard::Nothing);
        assert_eq!(
            command("site/hall/calibrate/set", b"", false),
            Heard::Asked(Command::Calibrate)
        );
        assert_eq!(command("site/hall/page/set", b"PRESS", false), Heard::Asked(Command::NextPage));
        assert_eq!(command("site/other/page/set", b"", false), Heard::Nothing);
    }

    #[test]
    fn refusals_say_what_to_do() {
        let hear = |packet: Packet| {
            let mut out = Vec::new();
            let mut session = Session::begin(&settings(""), &mut out, at(0)).unwrap();
            session.hear(packet, &settings(""), &mut out).unwrap_err().to_string()
        };
        let refused = Connack::new(false, ConnectReasonCode::NotAuthorized);
        assert!(hear(refused.into()).contains("user or the password"));
        let mut plain = Connack::new(false, ConnectReasonCode::Success);
        plain.properties.max_qos = Some(QoS::Level0);
        assert!(hear(plain.into()).contains("?qos=0"));
        let taken = Disconnect::new(DisconnectReasonCode::SessionTakenOver);
        assert!(hear(taken.into()).contains("give each device its own"));
    }

    #[test]
    fn a_subscription_that_is_refused_is_said() {
        let (mut session, mut out) = up(16);
        session.subscribe(&settings(""), &mut out, at(0)).unwrap();
        let codes = vec![SubscribeReasonCode::GrantedQoS1, SubscribeReasonCode::NotAuthorized];
        let suback = Suback::new(Pid::default(), codes);
        let heard = session.hear(suback.into(), &settings(""), &mut out).unwrap();
        assert!(matches!(heard, Heard::Deaf(why) if why.contains("NotAuthorized")));
        assert!(session.is_settled());
    }

    #[test]
    fn a_message_longer_than_the_broker_takes_is_not_sent() {
        let (mut session, mut out) = up(16);
        session.longest = 20;
        let topic = TopicName::try_from("t").unwrap();
        assert!(!session.publish(&topic, &[b'x'; 30], false, &mut out).unwrap());
        assert!(out.is_empty());
        assert!(session.publish(&topic, b"x", false, &mut out).unwrap());
    }
}
