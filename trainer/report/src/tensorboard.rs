//! Event files for TensorBoard: a run's scalars and pictures over its epochs.
//!
//! ```text
//! file   = record*            the first holds the version, "brain.Event:2"
//! record = length  u64 le
//!          crc     u32 le     masked CRC-32C of the length's eight bytes
//!          data    length × u8, a protobuf Event
//!          crc     u32 le     masked CRC-32C of the data
//! masked(c) = (c rotated right by 15) + 0xa282ead8
//! ```
//!
//! The framing is TensorFlow's TFRecord (`tensorflow/core/lib/io/record_writer.h`). Wall time is
//! passed in, as the time since the Unix epoch: no clock is read here. TensorBoard looks for
//! "tfevents" in a file's name; [`file_name`] gives one that sorts by start.

mod event;

use std::{
    io::{self, Write},
    time::Duration,
};

use prost::Message as _;

use self::event::{Event, Image, Summary, Value, Visual, What};
use crate::{curve::Epoch, picture::Picture, run::ReportError};

/// Name of an event file started at `wall`, time since the Unix epoch.
pub fn file_name(wall: Duration) -> String {
    format!("events.out.tfevents.{:010}.mien", wall.as_secs())
}

/// Writes events, one record each.
#[derive(Debug)]
pub struct EventWriter<W> {
    out: W,
}

impl<W: Write> EventWriter<W> {
    /// Starts an event file in `out` at `wall`, time since the Unix epoch.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn new(out: W, wall: Duration) -> io::Result<Self> {
        let mut writer = Self { out };
        writer.event(wall, 0, What::FileVersion("brain.Event:2".to_owned()))?;
        Ok(writer)
    }

    /// Adds `value` to the curve `tag` at `step`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn scalar(&mut self, wall: Duration, step: u32, tag: &str, value: f64) -> io::Result<()> {
        self.values(wall, step, vec![scalar(tag.to_owned(), value)])
    }

    /// Adds an epoch's loss, its parts, learning rate, speed, validation score and figures.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn epoch(&mut self, wall: Duration, epoch: &Epoch) -> io::Result<()> {
        let mut values = vec![
            scalar("train/loss".to_owned(), epoch.loss),
            scalar("train/learning_rate".to_owned(), epoch.rate),
            scalar("train/samples_per_s".to_owned(), epoch.samples_per_s),
            scalar("validation/score".to_owned(), epoch.validation.score),
        ];
        let named =
            |group: &str, (name, value): &(String, f64)| scalar(format!("{group}/{name}"), *value);
        values.extend(epoch.parts.iter().map(|part| named("train/loss", part)));
        values.extend(epoch.validation.values.iter().map(|value| named("validation", value)));
        self.values(wall, epoch.epoch, values)
    }

    /// Adds a picture under `tag` at `step`.
    ///
    /// # Errors
    /// When the picture is not valid or the file cannot be written.
    pub fn picture(
        &mut self,
        wall: Duration,
        step: u32,
        tag: &str,
        picture: &Picture,
    ) -> Result<(), ReportError> {
        let image = Image {
            height: picture.height,
            width: picture.width,
            colorspace: picture.colour.channels(),
            encoded: picture.png(tag)?,
        };
        let value = Value { tag: tag.to_owned(), visual: Some(Visual::Image(image)) };
        Ok(self.values(wall, step, vec![value])?)
    }

    /// Hands the events on to the file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn values(&mut self, wall: Duration, step: u32, values: Vec<Value>) -> io::Result<()> {
        self.event(wall, step, What::Summary(Summary { values }))
    }

    fn event(&mut self, wall: Duration, step: u32, what: What) -> io::Result<()> {
        let event = Event { wall_time: wall.as_secs_f64(), step: step.into(), what: Some(what) };
        self.record(&event.encode_to_vec())
    }

    /// One write per record, so that a reader beside us sees whole records.
    fn record(&mut self, data: &[u8]) -> io::Result<()> {
        let length = (data.len() as u64).to_le_bytes();
        let mut record = Vec::with_capacity(data.len() + 16);
        record.extend_from_slice(&length);
        record.extend_from_slice(&masked_crc(&length).to_le_bytes());
        record.extend_from_slice(data);
        record.extend_from_slice(&masked_crc(data).to_le_bytes());
        self.out.write_all(&record)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "TensorBoard's scalars are f32")]
fn scalar(tag: String, value: f64) -> Value {
    Value { tag, visual: Some(Visual::Scalar(value as f32)) }
}

/// CRC-32C, rotated and shifted so that a CRC of data that holds CRCs stays a good one.
fn masked_crc(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Validation;

    const WALL: Duration = Duration::from_secs(1_700_000_000);

    #[test]
    fn the_first_record_is_the_version_as_tensorflow_writes_it() {
        let mut bytes = Vec::new();
        EventWriter::new(&mut bytes, WALL).unwrap();
        // Length 24 and its masked CRC, as every event file of TensorFlow's begins.
        assert_eq!(bytes[..12], [0x18, 0, 0, 0, 0, 0, 0, 0, 0xa3, 0x7f, 0x4b, 0x22]);
        // Field 1, wall time 1.7e9 as f64; field 3, 13 letters.
        assert_eq!(bytes[12..21], [0x09, 0, 0, 0, 0x40, 0xfc, 0x54, 0xd9, 0x41]);
        assert_eq!(bytes[21..36], *b"\x1a\x0dbrain.Event:2");
    }

    #[test]
    fn an_epoch_is_read_back_tag_by_tag() {
        let mut bytes = Vec::new();
        let mut writer = EventWriter::new(&mut bytes, WALL).unwrap();
        writer.epoch(WALL + Duration::from_millis(1500), &epoch()).unwrap();
        let events = read(&bytes);
        assert_eq!(events.len(), 2);
        assert!((events[1].wall_time - 1_700_000_001.5).abs() < 1e-6);
        assert_eq!(events[1].step, 7);
        assert_eq!(
            scalars(&events[1]),
            [
                ("train/loss", 1.5),
                ("train/learning_rate", 0.25),
                ("train/samples_per_s", 100.0),
                ("validation/score", 0.5),
                ("train/loss/wing", 0.75),
                ("validation/macro_f1", 0.125),
            ]
        );
    }

    #[test]
    fn a_picture_is_read_back_as_png() {
        let mut bytes = Vec::new();
        let mut writer = EventWriter::new(&mut bytes, WALL).unwrap();
        let picture = Picture::grey(2, 1, vec![0, 255]);
        writer.picture(WALL, 1, "mistakes/0", &picture).unwrap();
        let events = read(&bytes);
        let Some(What::Summary(summary)) = &events[1].what else { panic!("no summary") };
        let Some(Visual::Image(image)) = &summary.values[0].visual else { panic!("no image") };
        assert_eq!((image.width, image.height, image.colorspace), (2, 1, 1));
        assert_eq!(image.encoded[..8], *b"\x89PNG\r\n\x1a\n");
    }

    #[test]
    fn the_crc_is_castagnolis() {
        // RFC 3720, B.4: 32 bytes of zeros; and the customary check value.
        assert_eq!(crc32c::crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c::crc32c(b"123456789"), 0xe306_9283);
    }

    #[test]
    fn a_full_disk_is_reported() {
        let mut small = [0; 20];
        let error = EventWriter::new(&mut small[..], WALL).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WriteZero);
    }

    #[test]
    fn names_sort_by_start() {
        assert_eq!(file_name(WALL), "events.out.tfevents.1700000000.mien");
        assert!(file_name(Duration::from_secs(9)) < file_name(WALL));
    }

    fn epoch() -> Epoch {
        Epoch {
            epoch: 7,
            loss: 1.5,
            rate: 0.25,
            samples_per_s: 100.0,
            validation: Validation { score: 0.5, values: vec![("macro_f1".to_owned(), 0.125)] },
            parts: vec![("wing".to_owned(), 0.75)],
        }
    }

    fn scalars(event: &Event) -> Vec<(&str, f32)> {
        let Some(What::Summary(summary)) = &event.what else { panic!("no summary") };
        let scalar = |value: &Value| match value.visual {
            Some(Visual::Scalar(scalar)) => scalar,
            _ => panic!("no scalar"),
        };
        summary.values.iter().map(|value| (value.tag.as_str(), scalar(value))).collect()
    }

    /// Every record's event, its two checksums held against its bytes.
    fn read(mut bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some((length, rest)) = bytes.split_at_checked(8) {
            let size = usize::try_from(u64::from_le_bytes(length.try_into().unwrap())).unwrap();
            let (crc, rest) = rest.split_at(4);
            assert_eq!(crc, masked_crc(length).to_le_bytes());
            let (data, rest) = rest.split_at(size);
            let (crc, rest) = rest.split_at(4);
            assert_eq!(crc, masked_crc(data).to_le_bytes());
            events.push(Event::decode(data).unwrap());
            bytes = rest;
        }
        assert!(bytes.is_empty());
        events
    }
}
