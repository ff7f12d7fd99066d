//! `none://`: a board without a panel.

use super::{Panel, PanelError};
use mien_core::spec::Spec;
use mien_ui::Screen;

/// Shows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NonePanel;

impl NonePanel {
    /// The panel of `none://`.
    ///
    /// # Errors
    /// [`PanelError::Spec`] when an option is given.
    pub fn open(spec: &Spec) -> Result<Self, PanelError> {
        spec.allow(&[])?;
        Ok(Self)
    }
}

impl Panel for NonePanel {
    fn show(&mut self, _screen: &Screen) -> Result<(), PanelError> {
        Ok(())
    }

    fn size(&self) -> (u32, u32) {
        (320, 240)
    }
}
