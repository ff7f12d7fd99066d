//! Which thread takes how much of a processor core: `camera 12 % · vision 83 % · app 2 % of a core`.
//!
//! From `utime` and `stime` of `/proc/self/task/*/stat`, see `proc_pid_stat(5)`. A share is a
//! thread's processor time since the last read, by the time that has passed. Threads of one name
//! are one row. The table grows to the number of threads and then allocates no more.

use std::{
    fmt,
    io::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use mien_shared::frame::Timestamp;
use rustix::{
    fd::{AsFd as _, OwnedFd},
    io::Errno,
};

use super::VitalsError;
use crate::small;

/// Clock ticks per second in `/proc`: `USER_HZ` of every processor Mien runs on.
const TICKS_PER_S: f64 = 100.0;

/// Most bytes of a thread's name, as the kernel keeps it.
const NAME: usize = 15;

/// Threads there is room for from the start.
const ROOM: usize = 32;

/// What one thread takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    name: [u8; NAME],
    length: usize,
    /// Share of one core since the last read, 0..=1.
    pub core: f64,
}

impl Share {
    /// The thread's name.
    pub fn name(&self) -> &str {
        std::str::from_utf8(&self.name[..self.length]).unwrap_or("?")
    }
}

/// The threads of this process.
#[derive(Debug)]
pub struct Threads {
    path: PathBuf,
    seen: Vec<Seen>,
    shares: Vec<Share>,
    at: Option<Timestamp>,
}

/// A thread at the last read.
#[derive(Debug, Clone, Copy)]
struct Seen {
    id: i32,
    ticks: u64,
    alive: bool,
}

impl Threads {
    /// The threads of this process below `root`, which is `/proc` but in tests.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self {
            path: root.join("self/task"),
            seen: Vec::with_capacity(ROOM),
            shares: Vec::with_capacity(ROOM),
            at: None,
        }
    }

    /// Reads every thread at `now`; the first read has no share to tell yet.
    ///
    /// # Errors
    /// [`VitalsError::Folder`] when the threads cannot be listed. One that ends just now is left out.
    pub fn read(&mut self, now: Timestamp) -> Result<&[Share], VitalsError> {
        let passed = self.at.map(|at| now.0.saturating_sub(at.0));
        self.at = Some(now);
        self.shares.clear();
        self.seen.iter_mut().for_each(|seen| seen.alive = false);
        self.list(passed.unwrap_or_default())
            .map_err(|source| VitalsError::Folder { path: self.path.clone(), source })?;
        self.seen.retain(|seen| seen.alive);
        self.shares.sort_unstable_by(|a, b| b.core.total_cmp(&a.core));
        Ok(&self.shares)
    }

    /// The shares of the last read, largest first.
    pub fn shares(&self) -> &[Share] {
        &self.shares
    }

    fn list(&mut self, passed: Duration) -> Result<(), Errno> {
        let folder = small::folder(&self.path)?;
        small::entries(folder.as_fd(), |entry| {
            let id = entry.file_name().to_str().ok().and_then(small::number::<i32>);
            if let Some((id, (name, ticks))) = id.and_then(|id| Some((id, stat(&folder, id)?))) {
                self.note(id, name, ticks, passed);
            }
        })
    }

    fn note(&mut self, id: i32, name: Share, ticks: u64, passed: Duration) {
        let known = self.seen.iter().position(|seen| seen.id == id);
        let before = known.map_or(0, |at| self.seen.swap_remove(at).ticks);
        self.seen.push(Seen { id, ticks, alive: true });
        let used = ticks.saturating_sub(before);
        if passed.is_zero() {
            return;
        }
        let core = used as f64 / TICKS_PER_S / passed.as_secs_f64();
        match self.shares.iter_mut().find(|share| share.name() == name.name()) {
            Some(share) => share.core += core,
            None => self.shares.push(Share { core, ..name }),
        }
    }
}

/// Prints the last read, smallest shares left out.
impl fmt::Display for Threads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = self.shares.iter().filter(|share| share.core >= 0.005);
        let mut any = false;
        for share in told {
            let between = if any { " · " } else { "" };
            write!(f, "{between}{} {:.0} %", share.name(), share.core * 100.0)?;
            any = true;
        }
        f.write_str(if any { " of a core" } else { "idle" })
    }
}

/// Name and processor time of a thread.
fn stat(folder: &OwnedFd, id: i32) -> Option<(Share, u64)> {
    let mut path = [0_u8; 24];
    let mut rest = &mut path[..];
    write!(rest, "{id}/stat").ok()?;
    let free = rest.len();
    let length = path.len() - free;
    small::read_at(folder.as_fd(), &path[..length], parse)
}

/// `ID (NAME) STATE …`: the name may hold anything, brackets, too; `utime` and `stime` are the
/// 14th and 15th field.
fn parse(text: &str) -> Option<(Share, u64)> {
    let (start, end) = (text.find('(')? + 1, text.rfind(')')?);
    let told = text.get(start..end)?;
    let length = told.floor_char_boundary(NAME);
    let mut share = Share { name: [0; NAME], length, core: 0.0 };
    share.name[..length].copy_from_slice(&told.as_bytes()[..length]);
    let mut fields = text.get(end + 1..)?.split_ascii_whitespace().skip(11);
    let user = small::number::<u64>(fields.next()?)?;
    let system = small::number::<u64>(fields.next()?)?;
    Some((share, user.saturating_add(system)))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::{TempDir, tempdir};

    use super::*;

    fn set(root: &TempDir, id: u32, name: &str, user: u64, system: u64) {
        let folder = root.path().join(format!("self/task/{id}"));
        fs::create_dir_all(&folder).unwrap();
        let text = format!(
            "{id} ({name}) S 1 2 2 0 -1 4194304 100 0 0 0 {user} {system} 0 0 20 0 4 0 9 1 2 3\n"
        );
        fs::write(folder.join("stat"), text).unwrap();
    }

    fn at(s: u64) -> Timestamp {
        Timestamp(Duration::from_secs(s))
    }

    #[test]
    fn shares_are_of_the_time_since_the_last_read() {
        let root = tempdir().unwrap();
        set(&root, 10, "camera", 1_000, 0);
        set(&root, 11, "vision", 5_000, 0);
        let mut threads = Threads::new(root.path());
        assert!(threads.read(at(0)).unwrap().is_empty());
        set(&root, 10, "camera", 1_100, 20);
        set(&root, 11, "vision", 5_800, 30);
        set(&root, 12, "app", 20, 0);
        threads.read(at(10)).unwrap();
        assert_eq!(threads.to_string(), "vision 83 % · camera 12 % · app 2 % of a core");
    }

    #[test]
    fn threads_of_one_name_are_one_row_and_one_that_ended_is_none() {
        let root = tempdir().unwrap();
        set(&root, 10, "worker", 0, 0);
        set(&root, 11, "worker", 0, 0);
        let mut threads = Threads::new(root.path());
        threads.read(at(0)).unwrap();
        set(&root, 10, "worker", 50, 0);
        set(&root, 11, "worker", 50, 0);
        assert_eq!(threads.read(at(1)).unwrap().len(), 1);
        assert_eq!(threads.to_string(), "worker 100 % of a core");
        fs::remove_dir_all(root.path().join("self/task")).unwrap();
        fs::create_dir_all(root.path().join("self/task")).unwrap();
        assert!(threads.read(at(2)).unwrap().is_empty());
        assert_eq!(threads.to_string(), "idle");
    }

    #[test]
    fn a_name_of_brackets_spaces_and_long_letters_is_read() {
        let line = "7 (a) (b) ééééééé) S 1 2 2 0 -1 4194304 100 0 0 0 3 4 0 0 20\n";
        let (share, ticks) = parse(line).unwrap();
        assert_eq!((share.name(), ticks), ("a) (b) éééé", 7));
        for odd in ["", "7", "7 (x", ") (", "7 (x) S 1 2", "7 (x) S 1 2 2 0 -1 4 1 0 0 0 a b"] {
            assert!(parse(odd).is_none(), "{odd:?}");
        }
    }

    #[test]
    fn a_busy_thread_of_this_process_is_found_by_its_name() {
        let mut threads = Threads::new(Path::new("/proc"));
        let (stop, stopped) = std::sync::mpsc::sync_channel::<()>(0);
        let busy = std::thread::Builder::new().name("busy".to_owned()).spawn(move || {
            while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                std::hint::black_box((0..1_000).sum::<u64>());
            }
        });
        threads.read(at(0)).unwrap();
        let found = (1..600).any(|s| {
            std::thread::sleep(Duration::from_millis(100));
            let shares = threads.read(at(s)).unwrap();
            shares.iter().any(|share| share.name() == "busy" && share.core > 0.0)
        });
        drop(stop);
        busy.unwrap().join().unwrap();
        assert!(found);
    }
}
