//! What keeps a device running for months: it notices what goes wrong, and there is one answer to
//! each thing that can.
//!
//! ```text
//! stages ──beat──▶ heartbeat ──Hung──┐
//! camera, sinks, panel ─────Fault────┼─▶ fault ──Answer──▶ reopen · restart · slow down · exit
//! sensors ──Reading──▶ heat ──Level──┴─▶ pipeline: full · half · quarter · sparse · pause
//! heartbeat ──Alive──▶ service ──WATCHDOG=1──▶ systemd
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`fault`] | fault → action, as one table, and how it climbs |
//! | [`heartbeat`] | stages that beat, and which of them is silent for too long |
//! | [`heat`] | how much is computed at which temperature; the sensors |
//! | [`service`] | what systemd is told |
//! | [`vitals`] | memory, open files, uptime, processor time of each thread |
//! | [`journal`] | log lines for a journal, in bounded number |
//! | [`signals`] | stop and reload, as flags |
//!
//! The cores are pure: clocks are passed in, readers take the root of the tree they read. Nothing
//! here allocates at every step.

pub mod fault;
pub mod heartbeat;
pub mod heat;
pub mod journal;
pub mod service;
pub mod signals;
pub mod vitals;

mod small;
