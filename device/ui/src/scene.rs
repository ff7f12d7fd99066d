//! What fills the screen while there is no reading: one sign, one title, one calm sentence, and
//! what a person can do. Codes stand small at the bottom.

use std::time::Duration;

use embedded_graphics::{pixelcolor::Rgb888, prelude::*, primitives::Rectangle};
use mien_shared::telemetry::{FaceReading, FaultKind, State};

use super::{
    Page, Status,
    canvas::Canvas,
    icon::Icon,
    letters::Letters,
    meter, paint,
    text::{Align, Font, Pen, column::Column},
    theme,
    words::{self, Plain},
};

/// What a scene tells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scene<'a> {
    pub(super) icon: Icon,
    pub(super) title: &'static str,
    /// What is so, in one sentence.
    pub(super) sentence: &'a str,
    /// What follows from it, or what a person can do; may be empty.
    pub(super) advice: &'a str,
    /// For a technician; either may be empty.
    pub(super) codes: [&'a str; 2],
    /// Until something is tried again.
    pub(super) retry: Option<Duration>,
    /// How much of it is done or left.
    pub(super) progress: Option<f32>,
    /// Nothing is looked at: the whole screen turns light.
    pub(super) light: bool,
}

impl<'a> Scene<'a> {
    /// The scene that `status` calls for; `None` where its page is shown.
    pub(super) fn of(status: &'a Status) -> Option<Self> {
        if status.page == Page::Health && status.state != State::Stopping {
            return None;
        }
        let said = status.message.as_deref().map(words::plain).unwrap_or_default();
        match status.state {
            State::Reading => Self::while_reading(status, said),
            State::Paused => Some(Self::paused(said)),
            State::NoCamera => Some(Self::no_camera(status, said)),
            State::Cooling => Some(Self::cooling(said)),
            State::Stopping => {
                Some(Self::plain(Icon::Power, "Stopping", said, "Nothing is looked at any more."))
            }
            _ => Some(Self::plain(Icon::Wait, "Starting", said, "Waiting for the first picture.")),
        }
    }

    fn while_reading(status: &'a Status, said: Plain<'a>) -> Option<Self> {
        if !said.sentence.is_empty() {
            return Some(Self::plain(Icon::Warning, "No reading just now", said, ""));
        }
        if status.notice.is_some() {
            let owner = status.notice_text.as_deref().unwrap_or_default();
            return Some(Self {
                progress: status.notice,
                codes: ["", owner],
                ..Self::notice(&status.reading.faces)
            });
        }
        let calibrating = Self { progress: status.calibrating, ..Self::calibrating() };
        status.calibrating.map(|_| calibrating)
    }

    /// `said`, or `otherwise` where nothing is.
    fn plain(icon: Icon, title: &'static str, said: Plain<'a>, otherwise: &'a str) -> Self {
        let sentence = if said.sentence.is_empty() { otherwise } else { said.sentence };
        Self {
            icon,
            title,
            sentence,
            advice: "",
            codes: [said.code, ""],
            retry: None,
            progress: None,
            light: false,
        }
    }

    fn paused(said: Plain<'a>) -> Self {
        let resume = "Press the button to go on.";
        let advice = if said.sentence.is_empty() { resume } else { said.sentence };
        let nothing = Plain { sentence: "", code: said.code };
        let sentence = "Nobody is looked at.";
        Self { advice, light: true, ..Self::plain(Icon::EyeClosed, "Paused", nothing, sentence) }
    }

    fn no_camera(status: &'a Status, said: Plain<'a>) -> Self {
        let fault = status.fault.as_ref();
        let kind = fault.map_or(FaultKind::CameraLost, |fault| fault.kind);
        let told = fault.map(words::said).unwrap_or_default();
        let said = if said.sentence.is_empty() { told } else { said };
        let gone = "The camera has gone away.";
        Self {
            advice: words::advice(kind),
            codes: [words::code(kind), said.code],
            retry: status.retry,
            ..Self::plain(Icon::CameraOff, words::title(kind), said, gone)
        }
    }

    fn cooling(said: Plain<'a>) -> Self {
        let sentence = "It is too warm to read. It goes on by itself.";
        let advice = words::advice(FaultKind::Hot);
        Self { advice, ..Self::plain(Icon::Thermometer, "Cooling down", said, sentence) }
    }

    /// What is done with the faces in view: expressions are withheld where none is said of any.
    fn notice(faces: &[FaceReading]) -> Self {
        let withheld = !faces.is_empty() && faces.iter().all(|face| face.expression.is_none());
        let (title, sentence) = if withheld {
            ("Faces seen here", "Where a face looks is measured, not what it shows.")
        } else {
            ("Expressions read here", "What a face shows is read, not what a person feels.")
        };
        let advice = "No picture is kept or sent.";
        Self { advice, ..Self::plain(Icon::Eye, title, Plain::default(), sentence) }
    }

    fn calibrating() -> Self {
        let sentence = "Please look here with a relaxed face.";
        let advice = "It is taken as neutral.";
        Self { advice, ..Self::plain(Icon::Target, "One moment", Plain::default(), sentence) }
    }

    /// Draws the scene into the middle of `area`.
    pub(super) fn draw(&self, canvas: &mut Canvas, area: Rectangle, letters: &Letters) {
        let inks = if self.light { LIGHT } else { DARK };
        let style = Style { letters, title: self.title_font(area, letters), inks };
        let bottom = self.codes(canvas, area, &style);
        let room = Size::new(area.size.width, area.size.height.saturating_sub(bottom));
        let area = Rectangle { size: room, ..area };
        let text = self.height(area.size.width, &style);
        let spare = room.height.saturating_sub(text);
        let icon =
            if spare < 3 * letters.body.line() / 2 { 0 } else { self.icon_size(room, spare) };
        let top = (spare.saturating_sub(icon) / 2) & !1;
        let mut column = Column::new(canvas, area, Align::Middle);
        column.skip(top);
        self.sign(&mut column, icon, inks);
        self.text(&mut column, &style);
    }

    fn icon_size(&self, room: Size, spare: u32) -> u32 {
        let most = if self.light { room.height * 2 / 5 } else { room.height * 3 / 10 };
        (spare * 4 / 5).min(most).min(room.width / 2) & !1
    }

    /// The headline's letters where the title fits in them.
    fn title_font<'l>(&self, area: Rectangle, letters: &'l Letters) -> &'l Font {
        let width = letters.headline.width(format_args!("{}", self.title));
        if width <= area.size.width { &letters.headline } else { &letters.strong }
    }

    fn sign(&self, column: &mut Column<'_>, side: u32, inks: Inks) {
        let Rectangle { top_left, size } = column.rest();
        if side > 0 {
            let place = Rectangle::new(top_left, Size::new(size.width, side));
            self.icon.draw(column.canvas(), place, inks.title);
            column.skip(side);
        }
    }

    fn text(&self, column: &mut Column<'_>, style: &Style<'_>) {
        let Style { letters, title, inks } = style;
        column.line(Pen::new(title, inks.title), format_args!("{}", self.title));
        column.skip(letters.gap.height / 2);
        column.sentence(Pen::new(&letters.body, inks.text), self.sentence);
        if !self.advice.is_empty() {
            column.skip(letters.gap.height / 2);
            column.sentence(Pen::new(&letters.body, inks.muted), self.advice);
        }
        if let Some(retry) = self.retry {
            let seconds = retry.as_millis().div_ceil(1000);
            let text = format_args!("Trying again in {seconds} s.");
            column.line(Pen::new(&letters.body, inks.muted), text);
        }
        if let Some(progress) = self.progress {
            column.skip(letters.gap.height);
            let Rectangle { top_left, size } = column.rest();
            let width = size.width / 2;
            let corner = top_left + Size::new((size.width - width) / 2, 0);
            let place = Rectangle::new(corner, Size::new(width, letters.bar.min(size.height)));
            meter::bar(column.canvas(), place, Some(progress), inks.title);
        }
    }

    /// What [`text`](Self::text) takes of a column that wide.
    fn height(&self, width: u32, style: &Style<'_>) -> u32 {
        let letters = style.letters;
        let body = letters.body.line();
        let lines =
            |text| u32::try_from(letters.body.wrap(text, width).count()).unwrap_or(1) * body;
        let advice =
            lines(self.advice) + letters.gap.height / 2 * u32::from(!self.advice.is_empty());
        let retry = self.retry.map_or(0, |_| body);
        let progress = self.progress.map_or(0, |_| letters.gap.height + letters.bar);
        let title = style.title.line() + letters.gap.height / 2;
        title + lines(self.sentence) + advice + retry + progress
    }

    /// Writes the codes at the bottom of `area`; returns the height they take.
    fn codes(&self, canvas: &mut Canvas, area: Rectangle, style: &Style<'_>) -> u32 {
        let font = &style.letters.small;
        let [first, second] = self.codes;
        if first.len() + second.len() == 0 || area.size.height < 8 * font.line() {
            return 0;
        }
        let between = if first.is_empty() || second.is_empty() { "" } else { " · " };
        let room = area.size.width.saturating_sub(font.width(format_args!("{first}{between}")));
        let (second, mark) = font.shorten(second, room);
        let floor = area.top_left.y.saturating_add_unsigned(area.size.height);
        let at = Point::new(area.center().x, floor.saturating_sub_unsigned(font.line() / 2 + 1));
        let text = format_args!("{first}{between}{second}{mark}");
        Pen::new(font, style.inks.muted).aligned(Align::Middle).write(canvas, at, text);
        font.line()
    }
}

/// How a scene is written.
struct Style<'a> {
    letters: &'a Letters,
    title: &'a Font,
    inks: Inks,
}

/// Colours of a scene.
#[derive(Debug, Clone, Copy)]
struct Inks {
    title: Rgb888,
    text: Rgb888,
    muted: Rgb888,
}

const DARK: Inks = Inks { title: theme::NOTICE, text: theme::TEXT, muted: theme::MUTED };
const LIGHT: Inks = Inks { title: theme::BACKGROUND, text: theme::BACKGROUND, muted: theme::SLATE };

/// Draws `scene` over the whole screen, or between header and footer.
pub(super) fn draw(canvas: &mut Canvas, content: Rectangle, letters: &Letters, scene: &Scene<'_>) {
    if !scene.light {
        return scene.draw(canvas, content, letters);
    }
    let all = canvas.bounding_box();
    paint::card(canvas, all, 0, theme::PAPER);
    let margin = letters.gap;
    let inner = Rectangle::new(all.top_left + margin, all.size.saturating_sub(margin * 2));
    scene.draw(canvas, inner, letters);
}

#[cfg(test)]
mod tests {
    use mien_shared::telemetry::Fault;

    use super::*;

    fn title(status: &Status) -> Option<&'static str> {
        Scene::of(status).map(|scene| scene.title)
    }

    #[test]
    fn every_state_has_its_scene_and_a_reading_none() {
        let of = |state| title(&Status { state, ..Status::default() });
        assert_eq!(of(State::Starting), Some("Starting"));
        assert_eq!(of(State::Reading), None);
        assert_eq!(of(State::Paused), Some("Paused"));
        assert_eq!(of(State::NoCamera), Some("No camera"));
        assert_eq!(of(State::Cooling), Some("Cooling down"));
        assert_eq!(of(State::Stopping), Some("Stopping"));
    }

    #[test]
    fn a_pause_goes_before_a_notice_and_a_message_before_both() {
        let status = Status { notice: Some(1.0), calibrating: Some(0.5), ..Status::default() };
        let reading = Status { state: State::Reading, ..status.clone() };
        assert_eq!(title(&reading), Some("Expressions read here"));
        assert_eq!(title(&Status { state: State::Paused, ..status }), Some("Paused"));
        let told = Status { message: Some("no picture".into()), ..reading };
        assert_eq!(title(&told), Some("No reading just now"));
    }

    #[test]
    fn health_is_shown_in_any_state() {
        let status = Status { page: Page::Health, state: State::NoCamera, ..Status::default() };
        assert_eq!(title(&status), None);
    }

    #[test]
    fn a_lost_camera_is_told_in_plain_words_with_its_code_apart() {
        let text = "cannot open /dev/video0: no such file (os error 2)".into();
        let fault = Some(Fault { kind: FaultKind::CameraLost, text });
        let status = Status { state: State::NoCamera, fault, ..Status::default() };
        let scene = Scene::of(&status).unwrap();
        assert_eq!(scene.sentence, "cannot open /dev/video0: no such file");
        assert_eq!(scene.codes, ["camera-lost", "os error 2"]);
    }
}
