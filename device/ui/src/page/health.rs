//! The third page: the device's figures, with those that need a look marked.

use std::{fmt, time::Duration};

use embedded_graphics::{prelude::*, primitives::Rectangle};
use mien_shared::telemetry::Health;

use crate::{
    Status,
    canvas::Canvas,
    header::HOT,
    letters::Letters,
    text::{Align, Font, Pen},
    theme,
};

/// Figures above the two lines of text.
const FIGURES: usize = 12;

/// One line: what it is, its value, and whether it needs a look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) name: &'static str,
    /// The name where there is little room.
    pub(crate) short: &'static str,
    pub(crate) value: Value<'a>,
    pub(crate) worry: bool,
}

impl<'a> Row<'a> {
    fn new(name: &'static str, short: &'static str, value: Value<'a>) -> Self {
        Self { name, short, value, worry: false }
    }
}

/// A figure as a person reads it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Count(u64),
    Rate(f32),
    /// Microseconds.
    Latency(u64),
    Celsius(Option<f32>),
    /// Bytes.
    Memory(u64),
    Time(Duration),
    Text(&'a str),
    Names(&'a [String]),
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => grouped(*count, f),
            Self::Rate(rate) => write!(f, "{rate:.1} fps"),
            Self::Latency(micros) => write!(f, "{:.1} ms", *micros as f32 / 1000.0),
            Self::Celsius(Some(celsius)) => write!(f, "{celsius:.0} °C"),
            Self::Celsius(None) => f.write_str("-"),
            Self::Memory(bytes) => write!(f, "{} MB", bytes.div_ceil(1_000_000)),
            Self::Time(time) => lasting(*time, f),
            Self::Text(text) => f.write_str(text.lines().next().unwrap_or("")),
            Self::Names(names) => names.iter().enumerate().try_for_each(|(i, name)| {
                let comma = if i == 0 { "" } else { ", " };
                write!(f, "{comma}{name}")
            }),
        }
    }
}

/// 12345 as `12 345`, and from a million on `1.2 M`.
fn grouped(count: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match count {
        ..1000 => write!(f, "{count}"),
        1000..1_000_000 => write!(f, "{}\u{a0}{:03}", count / 1000, count % 1000),
        _ => write!(f, "{}.{}\u{a0}M", count / 1_000_000, count / 100_000 % 10),
    }
}

/// The two largest units of a time.
fn lasting(time: Duration, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let seconds = time.as_secs();
    let (days, hours, minutes) = (seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => write!(f, "{seconds} s"),
        (0, 0, _) => write!(f, "{minutes} min"),
        (0, ..) => write!(f, "{hours} h {minutes:02} min"),
        _ => write!(f, "{days} d {hours:02} h"),
    }
}

/// The figures, the most asked for first.
pub(crate) fn rows(status: &Status) -> [Row<'_>; FIGURES] {
    let Health { frames, dropped, damaged, reopened, lost, .. } = status.health;
    let Health { fps, latency_p99_us, temperature_c, memory, files, throttled, .. } = status.health;
    let row = |name, value| Row::new(name, name, value);
    let count = |name, count: u64| Row { worry: count > 0, ..row(name, Value::Count(count)) };
    let hot = temperature_c.is_some_and(|celsius| celsius >= HOT);
    let weak = throttled.is_some_and(|bits| bits & 0xf != 0);
    let temperature = Row::new("temperature", "temp", Value::Celsius(temperature_c));
    [
        row("speed", Value::Rate(fps)),
        Row::new("latency p99", "p99", Value::Latency(latency_p99_us)),
        Row { worry: hot, ..temperature },
        Row { worry: weak, ..row("power", Value::Text(power(throttled))) },
        row("memory", Value::Memory(memory)),
        Row::new("open files", "files", Value::Count(files.into())),
        Row::new("running", "up", Value::Time(status.uptime)),
        row("frames", Value::Count(frames)),
        row("dropped", Value::Count(dropped)),
        count("damaged", damaged),
        count("reopened", reopened),
        count("lost", lost),
    ]
}

/// What [`Health::throttled`] says of now.
fn power(throttled: Option<u32>) -> &'static str {
    match throttled {
        None => "-",
        Some(bits) if bits & 1 != 0 => "weak",
        Some(bits) if bits & 0xe != 0 => "throttled",
        Some(_) => "good",
    }
}

/// Draws the page.
pub(crate) fn draw(canvas: &mut Canvas, area: Rectangle, letters: &Letters, status: &Status) {
    let columns = if area.size.width < area.size.height { 1 } else { 2 };
    let lines = u32::try_from(FIGURES).unwrap_or(0).div_ceil(columns);
    let most = 2 * letters.body.line();
    let pitch = (area.size.height / (lines + 2)).min(most) & !1;
    let gap = 2 * letters.gap.width;
    let width = (area.size.width + gap) / columns;
    let size = Size::new(width.saturating_sub(gap), pitch);
    let font = font(letters, size);
    let narrow = needed(font) > size.width;
    for (row, place) in rows(status).into_iter().zip(0_u32..) {
        let row = if narrow { Row { name: row.short, ..row } } else { row };
        let step = Size::new(place / lines * width, place % lines * pitch);
        entry(canvas, Rectangle::new(area.top_left + step, size), font, row);
    }
    let texts = [("source", Value::Text(&status.source)), ("models", Value::Names(&status.models))];
    for ((name, value), place) in texts.into_iter().zip(lines..) {
        let corner = area.top_left + Size::new(0, place * pitch);
        let place = Rectangle::new(corner, Size::new(area.size.width, pitch));
        entry(canvas, place, font, Row::new(name, name, value));
    }
}

/// The larger letters where the longest row has room for them.
fn font(letters: &Letters, room: Size) -> &Font {
    let fits = needed(&letters.body) <= room.width && letters.body.line() <= room.height;
    if fits { &letters.body } else { &letters.small }
}

/// Width of the longest row.
fn needed(font: &Font) -> u32 {
    font.width(format_args!("temperature! 100 °C")) + font.line()
}

/// Name on the left, value on the right, a thin line below.
fn entry(canvas: &mut Canvas, area: Rectangle, font: &Font, row: Row<'_>) {
    let middle = area.center().y;
    let left = Point::new(area.top_left.x, middle);
    let name = Pen::new(font, theme::MUTED).write(canvas, left, format_args!("{}", row.name));
    let (ink, mark) = if row.worry { (theme::NOTICE, "! ") } else { (theme::TEXT, "") };
    let room = area.size.width.saturating_sub(name + font.line() / 3);
    let text = format_args!("{mark}{}", row.value);
    let right = area.top_left.x.saturating_add_unsigned(area.size.width);
    if font.width(text) <= room {
        let pen = Pen::new(font, ink).aligned(Align::Right);
        pen.write(canvas, Point::new(right, middle), text);
    } else {
        let start = left.x.saturating_add_unsigned(name + font.line() / 3);
        Pen::new(font, ink).write_within(canvas, Point::new(start, middle), room, text);
    }
    if !canvas.is_cells() {
        let below = area.top_left.y.saturating_add_unsigned(area.size.height).saturating_sub(1);
        let line =
            Rectangle::new(Point::new(area.top_left.x, below), Size::new(area.size.width, 1));
        let Ok(()) = canvas.fill_solid(&line, theme::TRACK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_a_person_says_them() {
        let read = |value: Value<'_>| value.to_string();
        assert_eq!(read(Value::Count(12_067)), "12\u{a0}067");
        assert_eq!(read(Value::Count(1_234_567)), "1.2\u{a0}M");
        assert_eq!(read(Value::Count(12)), "12");
        assert_eq!(read(Value::Latency(8_240)), "8.2 ms");
        assert_eq!(read(Value::Celsius(None)), "-");
        assert_eq!(read(Value::Memory(60_900_000)), "61 MB");
        let time = |seconds| read(Value::Time(Duration::from_secs(seconds)));
        assert_eq!(time(59), "59 s");
        assert_eq!(time(3599), "59 min");
        assert_eq!(time(7260), "2 h 01 min");
        assert_eq!(time(90_000), "1 d 01 h");
        assert_eq!(read(Value::Names(&["a".into(), "b".into()])), "a, b");
    }

    #[test]
    fn power_is_told_from_the_bits_of_now() {
        assert_eq!(power(None), "-");
        assert_eq!(power(Some(0x50000)), "good");
        assert_eq!(power(Some(0x50005)), "weak");
        assert_eq!(power(Some(0x4)), "throttled");
    }

    #[test]
    fn only_what_went_wrong_is_marked() {
        let worries = |status: &Status| {
            let marked = rows(status).into_iter().filter(|row| row.worry);
            marked.map(|row| row.name).collect::<Vec<_>>()
        };
        let mut status = Status::default();
        status.health.dropped = 7;
        assert_eq!(worries(&status), [""; 0]);
        status.health.lost = 1;
        status.health.temperature_c = Some(85.0);
        assert_eq!(worries(&status), ["temperature", "lost"]);
    }
}
