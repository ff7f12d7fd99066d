//! How an app behaves, and what it works with: all of it can change while it runs.

use std::time::Duration;

use mien_config::audit;
use mien_shared::telemetry::{FaultKind, Hello, Message};
use mien_supervisor::heat::Limits;

use super::App;
use crate::{
    clock,
    decide::Policy,
    events::Sinks,
    panel::Panel,
    pins::Pins,
    pipeline::{Diary, Owner, PipelineError, notice::Notice, screens::Screens},
    ui::Page,
};

/// Where readings go, and who may ask for something.
pub struct Outputs {
    /// Panels to show the screen on.
    pub panels: Vec<Box<dyn Panel>>,
    /// Sinks to send messages to.
    pub sinks: Sinks,
    /// Who asks.
    pub owner: Owner,
}

/// How the app behaves; everything here can change while it runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Manners {
    /// What is said about a face.
    pub policy: Policy,
    /// At which temperatures less is computed.
    pub limits: Limits,
    /// How long people are told that they are looked at when they come; zero for never.
    pub notice: Duration,
    /// What they are told beside that, in the owner's words.
    pub notice_text: Option<String>,
    /// Say nothing of expressions.
    pub withheld: bool,
    /// Show a drawn face in place of the camera's picture.
    pub avatar: bool,
    /// The pages that the screen has, in their order; the first is shown at the start.
    pub pages: Vec<Page>,
    /// How bright lamps and screens are, 0..=1.
    pub brightness: f32,
    /// Send a status at least this often.
    pub status_every: Duration,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            limits: Limits::default(),
            notice: Duration::ZERO,
            notice_text: None,
            withheld: false,
            avatar: false,
            pages: vec![Page::Reading, Page::Actions, Page::Health],
            brightness: 1.0,
            status_every: Duration::from_secs(10),
        }
    }
}

impl App {
    /// Behaves as `manners` say from now on.
    pub fn behave(&mut self, manners: Manners) {
        self.decider.set_policy(manners.policy);
        self.care.limit(manners.limits);
        self.notice = Notice::new(manners.notice);
        self.manners = manners;
        self.take_manners();
    }

    /// Lets the screen and the panels know how to behave.
    pub(super) fn take_manners(&mut self) {
        self.status.avatar = self.manners.avatar;
        self.status.notice_text.clone_from(&self.manners.notice_text);
        if !self.manners.pages.contains(&self.status.page) {
            self.turn_page();
        }
        self.screens.brightness(self.manners.brightness);
    }

    /// Shows screens on `panels` from now on.
    pub fn set_panels(&mut self, panels: Vec<Box<dyn Panel>>) {
        self.screens = Screens::new(panels);
    }

    /// Says who speaks, and with which networks.
    ///
    /// # Errors
    /// When the reader of standard output has gone.
    pub fn greet(&mut self, hello: Hello) -> Result<(), PipelineError> {
        self.status.models.clone_from(&hello.models);
        Ok(self.sinks.send(&mut Message::Hello(hello), clock::now())?)
    }

    /// Sends to `sinks` from now on, and greets them.
    ///
    /// # Errors
    /// When the reader of standard output has gone.
    pub fn set_sinks(&mut self, mut sinks: Sinks, hello: Hello) -> Result<(), PipelineError> {
        sinks.number_from(&self.sinks);
        self.sinks = sinks;
        self.told.asked = true;
        self.greet(hello)
    }

    /// Listens to buttons and shows lamps on `pins` from now on.
    pub fn set_pins(&mut self, pins: Box<dyn Pins>) {
        self.owner.set_pins(pins);
    }

    /// Writes down what the owner asks for.
    pub fn set_diary(&mut self, diary: Option<Diary>) {
        self.diary = diary;
    }

    /// Writes down what `by` did, where there is a log for it.
    pub fn note(&mut self, by: audit::Actor, event: &audit::Event) {
        if let Some(diary) = &mut self.diary {
            diary.note(by, event);
        }
    }

    /// Says that a fault that is not seen here is present, or is not any more.
    pub fn set_fault(&mut self, kind: FaultKind, text: Option<String>) {
        self.faults.set(kind, text);
    }
}
