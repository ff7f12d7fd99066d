//! The panels, each with the screen that suits it. A panel that fails is a trouble, never an end.

use crate::{
    panel::{Panel, PanelError},
    ui::{Screen, Status, Thumbnail},
};

/// The panels with their screens.
#[derive(Default)]
pub(super) struct Screens {
    shown: Vec<Shown>,
    trouble: Option<String>,
}

impl Screens {
    pub(super) fn new(panels: Vec<Box<dyn Panel>>) -> Self {
        Self { shown: panels.into_iter().map(Shown::new).collect(), trouble: None }
    }

    /// Draws `status` and shows it.
    pub(super) fn show(&mut self, status: &Status, thumbnail: Option<Thumbnail<'_>>) {
        let shown = self.shown.iter_mut().map(|shown| shown.show(status, thumbnail));
        self.trouble = shown.fold(None, worse);
    }

    /// Sets how bright the panels are that can be dimmed.
    pub(super) fn brightness(&mut self, level: f32) {
        let set = self.shown.iter_mut().map(|shown| shown.panel.brightness(level));
        self.trouble = set.fold(None, worse);
    }

    /// Shows what slow panels kept back.
    pub(super) fn flush(&mut self) {
        let flushed = self.shown.iter_mut().map(|shown| shown.panel.flush());
        self.trouble = flushed.fold(None, worse);
    }

    /// Why a panel shows nothing.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }
}

/// The first trouble stays.
fn worse(trouble: Option<String>, outcome: Result<(), PanelError>) -> Option<String> {
    trouble.or_else(|| outcome.err().map(|error| error.to_string()))
}

struct Shown {
    panel: Box<dyn Panel>,
    screen: Screen,
}

impl Shown {
    fn new(panel: Box<dyn Panel>) -> Self {
        Self { screen: panel.screen(), panel }
    }

    fn show(
        &mut self,
        status: &Status,
        thumbnail: Option<Thumbnail<'_>>,
    ) -> Result<(), PanelError> {
        if self.screen.size() != self.panel.size() {
            self.screen = self.panel.screen();
        }
        self.screen.draw(status, thumbnail);
        self.panel.show(&self.screen)
    }
}
