//! Which connector and which mode of a display are lit.

use std::fmt;

use super::Wish;

/// Most modes that a message lists.
const LISTED: usize = 12;

/// A connector, as far as the choice needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) name: String,
    pub(super) connected: bool,
    pub(super) modes: Vec<Mode>,
}

/// A mode of a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mode {
    pub(super) size: (u32, u32),
    /// Refreshes per second.
    pub(super) rate: u32,
    /// The display itself prefers it.
    pub(super) preferred: bool,
}

/// Why nothing is lit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Nothing {
    /// No display is connected, of the connectors named.
    Connected(String),
    /// The display has no such mode; those it has.
    Mode(String),
}

/// The connector, and which of its modes.
pub(super) fn choose(found: &[Candidate], wish: &Wish) -> Result<(usize, usize), Nothing> {
    let wanted = |candidate: &Candidate| {
        let named = wish.connector.as_ref().is_none_or(|name| *name == candidate.name);
        named && candidate.connected && !candidate.modes.is_empty()
    };
    let connector =
        found.iter().position(wanted).ok_or_else(|| Nothing::Connected(names(found)))?;
    let modes = &found[connector].modes;
    let mode = best(modes, wish.mode).ok_or_else(|| Nothing::Mode(list(modes)))?;
    Ok((connector, mode))
}

/// The preferred mode, or the largest, or of those of a wished size the fastest.
fn best(modes: &[Mode], wish: Option<(u32, u32)>) -> Option<usize> {
    let rank = |mode: &Mode| {
        let (width, height) = mode.size;
        (mode.preferred, u64::from(width) * u64::from(height), mode.rate)
    };
    let suitable = |mode: &&Mode| wish.is_none_or(|size| mode.size == size);
    let best = modes.iter().filter(suitable).max_by_key(|mode| rank(mode))?;
    modes.iter().position(|mode| mode == best)
}

fn names(found: &[Candidate]) -> String {
    let state = |c: &Candidate| {
        format!("{} ({})", c.name, if c.connected { "connected" } else { "nothing connected" })
    };
    if found.is_empty() {
        "none".to_owned()
    } else {
        found.iter().map(state).collect::<Vec<_>>().join(", ")
    }
}

/// The first of them, in words.
fn list(modes: &[Mode]) -> String {
    let mut names: Vec<_> = modes.iter().map(Mode::to_string).collect();
    names.dedup();
    let more = if names.len() > LISTED { " and more" } else { "" };
    names.truncate(LISTED);
    names.join(", ") + more
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.size.0, self.size.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(width: u32, height: u32, rate: u32) -> Mode {
        Mode { size: (width, height), rate, preferred: false }
    }

    fn candidate(name: &str, connected: bool, modes: &[Mode]) -> Candidate {
        Candidate { name: name.to_owned(), connected, modes: modes.to_vec() }
    }

    fn board() -> Vec<Candidate> {
        let preferred = Mode { preferred: true, ..mode(1280, 720, 60) };
        vec![
            candidate("HDMI-A-1", false, &[]),
            candidate(
                "HDMI-A-2",
                true,
                &[mode(1920, 1080, 60), preferred, mode(800, 480, 50), mode(800, 480, 60)],
            ),
            candidate("DSI-1", true, &[mode(800, 480, 60), mode(1024, 600, 60)]),
        ]
    }

    fn wish(connector: Option<&str>, mode: Option<(u32, u32)>) -> Wish {
        Wish { connector: connector.map(str::to_owned), mode }
    }

    #[test]
    fn the_first_connected_display_is_lit_in_its_preferred_mode() {
        assert_eq!(choose(&board(), &Wish::default()), Ok((1, 1)));
    }

    #[test]
    fn without_a_preferred_mode_the_largest_is_lit() {
        assert_eq!(choose(&board(), &wish(Some("DSI-1"), None)), Ok((2, 1)));
    }

    #[test]
    fn of_a_wished_size_the_fastest_mode_is_lit() {
        assert_eq!(choose(&board(), &wish(None, Some((800, 480)))), Ok((1, 3)));
    }

    #[test]
    fn what_is_not_there_is_told_with_what_is() {
        assert_eq!(
            choose(&board()[..1], &Wish::default()),
            Err(Nothing::Connected("HDMI-A-1 (nothing connected)".to_owned()))
        );
        assert_eq!(choose(&[], &Wish::default()), Err(Nothing::Connected("none".to_owned())));
        assert_eq!(
            choose(&board(), &wish(Some("DSI-1"), Some((1, 1)))),
            Err(Nothing::Mode("800x480, 1024x600".to_owned()))
        );
    }
}
