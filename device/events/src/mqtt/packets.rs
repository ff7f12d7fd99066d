//! The packets a device sends, and packets found in the bytes a broker sends.

use std::io;

use mqtt_proto::{
    Error, QoS, QosPid, TopicFilter, TopicName, total_len,
    v5::{
        Connect, Disconnect, ErrorV5, Header, LastWill, Packet, Publish, RetainHandling, Subscribe,
        SubscriptionOptions,
    },
};

use super::{board::Slot, settings::Settings};

/// Seconds without a word after which either side takes the other for gone, halved for pings.
pub(super) const KEEP_ALIVE: u16 = 10;
/// The longest packet a broker may send here: a command is a few bytes.
const LONGEST: u32 = 4096;
/// What a device listens to.
const COMMANDS: [&str; 3] = ["reading/set", "calibrate/set", "page/set"];

/// The identity, and the will that the broker carries out when the device falls silent.
pub(super) fn connect(settings: &Settings) -> Result<Packet, Error> {
    let topic = TopicName::try_from(settings.topic(Slot::Available).as_str())?;
    let mut will = LastWill::new(QoS::Level1, topic, b"offline".as_slice().into());
    will.retain = true;
    let mut connect = Connect::new(settings.client.as_str().into(), KEEP_ALIVE);
    connect.clean_start = true;
    connect.properties.max_packet_size = Some(LONGEST);
    connect.last_will = Some(will);
    connect.username = settings.user.as_deref().map(Into::into);
    let password = settings.password.as_ref();
    connect.password = password.map(|password| password.bytes().to_vec().into());
    Ok(connect.into())
}

/// Listens to the commands, but not to those kept from another time.
pub(super) fn subscribe(settings: &Settings, pid: mqtt_proto::Pid) -> Result<Packet, Error> {
    let mut options = SubscriptionOptions::new(QoS::Level1);
    options.retain_handling = RetainHandling::DoNotSend;
    let filter = |name| TopicFilter::try_from(settings.below(name).as_str());
    let topics = COMMANDS
        .into_iter()
        .map(|name| filter(name).map(|filter| (filter, options)))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Subscribe::new(pid, topics).into())
}

/// A message on `topic`.
pub(super) fn publish(topic: &TopicName, text: &[u8], retain: bool, to: QosPid) -> Packet {
    let mut publish = Publish::new(to, topic.clone(), text.to_vec().into());
    publish.retain = retain;
    publish.into()
}

/// The goodbye after which the broker forgets the will.
pub(super) fn disconnect() -> Packet {
    Disconnect::new_normal().into()
}

/// Takes the first whole packet from the front of `bytes`; `None` when it has not all come.
///
/// # Errors
/// When the bytes are no packet, or one longer than was agreed.
pub(super) fn take(bytes: &mut Vec<u8>) -> io::Result<Option<Packet>> {
    let header = match Header::decode(bytes) {
        Ok(header) => header,
        Err(error) if error.is_eof() => return Ok(None),
        Err(error) => return Err(nonsense(&error)),
    };
    let remaining = header.remaining_len;
    if remaining > LONGEST {
        return Err(io::Error::other(format!("the broker sends {remaining} bytes in one packet")));
    }
    let length = total_len(usize::try_from(remaining).unwrap_or(usize::MAX));
    let length = length.map_err(|error| nonsense(&error.into()))?;
    let Some(whole) = bytes.get(..length) else { return Ok(None) };
    let packet = Packet::decode(whole).map_err(|error| nonsense(&error))?;
    // Within its own length a packet is never cut off.
    let packet = packet.ok_or_else(|| nonsense(&Error::InvalidRemainingLength.into()))?;
    bytes.drain(..length);
    Ok(Some(packet))
}

fn nonsense(error: &ErrorV5) -> io::Error {
    io::Error::other(format!("what answers is no MQTT 5 broker: {error}"))
}

#[cfg(test)]
mod tests {
    use mqtt_proto::v5::{Connack, ConnectReasonCode};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn packets_are_found_however_they_are_cut() {
        let connack = Packet::Connack(Connack::new(false, ConnectReasonCode::Success));
        let encoded = [connack.encode().unwrap().as_ref(), &[0xd0, 0]].concat();
        let (mut bytes, mut found) = (Vec::new(), Vec::new());
        for byte in encoded {
            bytes.push(byte);
            found.extend(take(&mut bytes).unwrap());
        }
        assert_eq!(found, [connack, Packet::Pingresp]);
        assert!(bytes.is_empty());
    }

    #[test]
    fn bytes_that_are_no_packet_and_packets_that_are_too_long_are_refused() {
        assert!(take(&mut b"HTTP/1.1 400 Bad Request\r\n".to_vec()).is_err());
        // A publish of 200 MB, of which the header has come.
        let error = take(&mut vec![0x30, 0x80, 0x80, 0x80, 0x60]).unwrap_err().to_string();
        assert!(error.contains("in one packet"), "{error}");
        // A connack of three bytes whose properties would need more.
        assert!(take(&mut vec![0x20, 3, 0, 0, 9, 0x30, 0x30, 0x30]).is_err());
    }

    proptest! {
        #[test]
        fn noise_is_refused_or_waited_for(
            first in prop::sample::select(vec![0x20_u8, 0x30, 0x32, 0x40, 0x90, 0xd0, 0xe0, 0xf0]),
            rest in prop::collection::vec(any::<u8>(), 0..64),
        ) {
            let mut bytes = vec![first, u8::try_from(rest.len()).unwrap()];
            bytes.extend(rest);
            let length = bytes.len();
            // Whether it is a packet or not, the device goes on and no byte is taken twice.
            if let Ok(Some(_)) = take(&mut bytes) {
                prop_assert!(bytes.len() < length);
            } else {
                prop_assert_eq!(bytes.len(), length);
            }
        }
    }
}
