//! Signals as flags: Ctrl-C and SIGTERM ask to stop, SIGHUP asks to read the configuration again.
//!
//! A second Ctrl-C or SIGTERM ends the process at once with status 130. A flag is all a signal
//! handler sets here; who owns the pipeline looks at it.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    flag,
};

/// The status of a process that its owner cut short.
const CUT_SHORT: i32 = 130;

/// What was asked of this process by signals.
#[derive(Debug, Clone)]
pub struct Signals {
    stop: Arc<AtomicBool>,
    reload: Arc<AtomicBool>,
}

impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    /// [`SignalError`] when the system installs no handler.
    pub fn listen() -> Result<Self, SignalError> {
        let signals = Self { stop: Arc::default(), reload: Arc::default() };
        for signal in [SIGINT, SIGTERM] {
            // The order matters: the first signal must find the flag still false.
            flag::register_conditional_shutdown(signal, CUT_SHORT, Arc::clone(&signals.stop))
                .map_err(SignalError)?;
            flag::register(signal, Arc::clone(&signals.stop)).map_err(SignalError)?;
        }
        flag::register(SIGHUP, Arc::clone(&signals.reload)).map_err(SignalError)?;
        Ok(signals)
    }

    /// Whether the process was asked to stop.
    pub fn stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// The flag itself, for those who wait on one.
    pub fn stop_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }

    /// Whether a reload was asked for since this was last called.
    pub fn take_reload(&self) -> bool {
        self.reload.swap(false, Ordering::Relaxed)
    }
}

/// Signals cannot be listened for.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen for signals: {0}")]
pub struct SignalError(#[source] io::Error);

#[cfg(test)]
mod tests {
    use std::{env, process::Command};

    use signal_hook::low_level::raise;

    use super::*;

    /// Set for a child that is to be cut short.
    const CHILD: &str = "MIEN_TEST_IS_CUT_SHORT";

    #[test]
    fn a_second_polite_kill_ends_the_process_at_once() {
        if env::var_os(CHILD).is_some() {
            let _signals = Signals::listen().unwrap();
            raise(SIGTERM).unwrap();
            raise(SIGTERM).unwrap();
            std::process::exit(0);
        }
        let name = "signals::tests::a_second_polite_kill_ends_the_process_at_once";
        let mut child = Command::new(env::current_exe().unwrap());
        let status = child.args(["--exact", name]).env(CHILD, "1").output().unwrap().status;
        assert_eq!(status.code(), Some(CUT_SHORT));
    }

    #[test]
    fn a_hangup_asks_once_to_reload_and_a_polite_kill_to_stop() {
        let signals = Signals::listen().unwrap();
        assert!(!signals.stopping() && !signals.take_reload());
        raise(SIGHUP).unwrap();
        assert!(signals.take_reload(), "a reload was asked for");
        assert!(!signals.take_reload(), "once");
        raise(SIGTERM).unwrap();
        assert!(signals.stopping() && signals.stop_flag().load(Ordering::Relaxed));
    }
}
