//! The records of hello, reading and status.

use super::face::{put_face, take_face};
use crate::{
    frame::FrameId,
    telemetry::{
        Fault, FaultKind, Health, Hello, Reading, State, Status, TelemetryError,
        record::{Record, put, put_count, put_optional, put_sized},
    },
};

/// Tags of a status's optional fields.
mod tag {
    pub(super) const FAULT: u32 = 1;
    pub(super) const TEMPERATURE: u32 = 2;
    pub(super) const THROTTLED: u32 = 3;
}

pub(super) fn put_hello(hello: &Hello, out: &mut Vec<u8>) -> Result<(), TelemetryError> {
    put(&(&hello.firmware, &hello.board), out)?;
    put_count(hello.models.len(), out)?;
    hello.models.iter().try_for_each(|model| put(model, out))
}

pub(super) fn take_hello(mut record: Record<'_>) -> Result<Hello, TelemetryError> {
    let (firmware, board) = record.take()?;
    let models = (0..record.take_count()?).map(|_| record.take()).collect::<Result<_, _>>()?;
    record.finish()?;
    Ok(Hello { firmware, board, models })
}

pub(super) fn put_reading(reading: &Reading, out: &mut Vec<u8>) -> Result<(), TelemetryError> {
    let Reading { sequence, frame, captured_at_us, latency_us, frame_size, faces } = reading;
    put(&(sequence, frame.0, captured_at_us, latency_us, frame_size), out)?;
    put_count(faces.len(), out)?;
    faces.iter().try_for_each(|face| put_sized(out, |out| put_face(face, out)))
}

pub(super) fn take_reading(mut record: Record<'_>) -> Result<Reading, TelemetryError> {
    let (sequence, frame, captured_at_us, latency_us, frame_size) = record.take()?;
    let count = record.take_count()?;
    let faces =
        (0..count).map(|_| record.take_sized().and_then(take_face)).collect::<Result<_, _>>()?;
    record.finish()?;
    let frame = FrameId(frame);
    Ok(Reading { sequence, frame, captured_at_us, latency_us, frame_size, faces })
}

pub(super) fn put_status(status: &Status, out: &mut Vec<u8>) -> Result<(), TelemetryError> {
    let health = &status.health;
    put(&(status.sequence, status.at_us, status.state as u8), out)?;
    put(&(health.frames, health.dropped, health.damaged, health.reopened, health.lost), out)?;
    put(&(health.fps, health.latency_p99_us, health.memory, health.files), out)?;
    if let Some(fault) = &status.fault {
        put_optional(tag::FAULT, out, |out| put(&(fault.kind as u8, &fault.text), out))?;
    }
    if let Some(celsius) = &health.temperature_c {
        put_optional(tag::TEMPERATURE, out, |out| put(celsius, out))?;
    }
    if let Some(bits) = &health.throttled {
        put_optional(tag::THROTTLED, out, |out| put(bits, out))?;
    }
    Ok(())
}

pub(super) fn take_status(mut record: Record<'_>) -> Result<Status, TelemetryError> {
    let (sequence, at_us, state) = record.take()?;
    let (frames, dropped, damaged, reopened, lost) = record.take()?;
    let (fps, latency_p99_us, memory, files) = record.take()?;
    let mut health = Health {
        frames,
        dropped,
        damaged,
        reopened,
        lost,
        fps,
        latency_p99_us,
        memory,
        files,
        ..Health::default()
    };
    let mut fault = None;
    while let Some((tag, mut value)) = record.take_optional()? {
        match tag {
            tag::FAULT => {
                let (kind, text) = value.take()?;
                fault = Some(Fault { kind: FaultKind::from_code(kind), text });
            }
            tag::TEMPERATURE => health.temperature_c = Some(value.take()?),
            tag::THROTTLED => health.throttled = Some(value.take()?),
            _ => {}
        }
    }
    Ok(Status { sequence, at_us, state: State::from_code(state), fault, health })
}
