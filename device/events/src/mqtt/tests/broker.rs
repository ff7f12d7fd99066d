//! A broker, someone who listens to it, and a cable to it that can be pulled.

use std::{
    fs::{self, File},
    io::{self, BufRead as _, BufReader},
    iter,
    net::{Shutdown, TcpListener, TcpStream},
    process::{Child, Command as Program, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    thread,
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::samples::until;

/// A broker of our own, on a port of its own.
pub(super) struct Broker {
    folder: TempDir,
    pub(super) port: u16,
    child: Option<Child>,
}

impl Broker {
    /// A running one; `None`, said loudly, where mosquitto is not installed.
    pub(super) fn start(config: &str) -> Option<Self> {
        let port = free_port();
        let mut broker = Self { folder: tempfile::tempdir().unwrap(), port, child: None };
        let place = broker.folder.path().display();
        let text = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\n\
             persistence_location {place}/\nautosave_on_changes true\nautosave_interval 1\n\
             max_queued_messages 0\nuser root\n{config}\n"
        );
        fs::write(broker.folder.path().join("conf"), text).unwrap();
        broker.resume().then_some(broker)
    }

    /// Starts it again.
    pub(super) fn resume(&mut self) -> bool {
        let log = File::create(self.folder.path().join("log")).unwrap();
        let started = ["mosquitto", "/usr/sbin/mosquitto"].into_iter().find_map(|program| {
            let mut program = Program::new(program);
            program.arg("-c").arg(self.folder.path().join("conf"));
            program.stdout(log.try_clone().unwrap()).stderr(log.try_clone().unwrap()).spawn().ok()
        });
        let Some(child) = started else {
            eprintln!("SKIPPED: mosquitto is not installed");
            return false;
        };
        self.child = Some(child);
        until(|| TcpStream::connect(("127.0.0.1", self.port)).is_ok());
        true
    }

    pub(super) fn signal(&self, signal: Signal) {
        let id = self.child.as_ref().unwrap().id();
        kill_process(Pid::from_raw(i32::try_from(id).unwrap()).unwrap(), signal).unwrap();
    }

    pub(super) fn stop(&mut self, signal: Signal) {
        self.signal(signal);
        self.child.take().unwrap().wait().unwrap();
    }

    pub(super) fn spec(&self, query: &str) -> String {
        format!("mqtt://127.0.0.1:{}/site?{query}", self.port)
    }

    /// Someone who listens to everything from now on, with a session that outlives the broker.
    pub(super) fn listen(&self) -> Listener {
        let listener = self.listen_as("listener");
        until(|| {
            self.tell("site/probe", "heard", &[]);
            listener.last("site/probe").is_some()
        });
        listener
    }

    pub(super) fn listen_as(&self, name: &str) -> Listener {
        let mut child = Program::new("mosquitto_sub")
            .args(["-p", &self.port.to_string(), "-V", "5", "-q", "1", "-c", "-i", name])
            .args(["-x", "3600", "-t", "site/#", "-F", "%r %t %p"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let (lines, theirs) = (child.stdout.take().unwrap(), Arc::clone(&heard));
        thread::spawn(move || {
            for line in BufReader::new(lines).lines().map_while(Result::ok) {
                theirs.lock().unwrap().push(line);
            }
        });
        Listener { child, heard }
    }

    pub(super) fn tell(&self, topic: &str, payload: &str, more: &[&str]) {
        let told = Program::new("mosquitto_pub")
            .args(["-p", &self.port.to_string(), "-q", "1", "-t", topic, "-m", payload])
            .args(more)
            .status();
        assert!(told.unwrap().success());
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // Already gone is as good.
            let _gone = child.kill();
            let _reaped = child.wait();
        }
    }
}

/// A port that nobody has, from a range that the system gives to no one by itself.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + u16::try_from(std::process::id() % 8_000).unwrap();
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    iter::repeat_with(|| first + NEXT.fetch_add(1, Ordering::Relaxed)).find(free).unwrap()
}

/// A cable between a device and its broker.
pub(super) struct Cable {
    pub(super) port: u16,
    ends: Arc<Mutex<Vec<TcpStream>>>,
}

impl Cable {
    pub(super) fn to(broker: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let ends = Arc::<Mutex<Vec<TcpStream>>>::default();
        let theirs = Arc::clone(&ends);
        thread::spawn(move || {
            listener.incoming().map_while(Result::ok).for_each(|near| join(near, broker, &theirs));
        });
        Self { port, ends }
    }

    /// Breaks what is connected now; the next connection finds it mended.
    pub(super) fn pull(&self) {
        for end in self.ends.lock().unwrap().drain(..) {
            // Broken already is as good.
            let _broken = end.shutdown(Shutdown::Both);
        }
    }
}

pub(super) struct Listener {
    child: Child,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Listener {
    pub(super) fn has(&self, line: &str) -> bool {
        self.heard.lock().unwrap().iter().any(|heard| heard == line)
    }

    pub(super) fn last(&self, topic: &str) -> Option<String> {
        let heard = self.heard.lock().unwrap();
        let of = |line: &String| {
            let (_retained, rest) = line.split_once(' ')?;
            let (on, payload) = rest.split_once(' ')?;
            (on == topic).then(|| payload.to_owned())
        };
        heard.iter().rev().find_map(of)
    }

    /// The numbers of the readings heard so far, in the order they came.
    pub(super) fn sequences(&self) -> Vec<u64> {
        let heard = self.heard.lock().unwrap();
        let readings = heard.iter().filter_map(|line| line.strip_prefix("0 site/hall/reading {"));
        readings
            .map(|json| {
                let (_, rest) = json.split_once("\"sequence\":").unwrap();
                let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap();
                rest[..end].parse().unwrap()
            })
            .collect()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Already gone is as good.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Moves bytes both ways until either end breaks.
fn join(near: TcpStream, broker: u16, ends: &Mutex<Vec<TcpStream>>) {
    let Ok(far) = TcpStream::connect(("127.0.0.1", broker)) else { return };
    for (from, to) in [(&near, &far), (&far, &near)] {
        let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
        thread::spawn(move || io::copy(&mut from, &mut to).ok());
    }
    ends.lock().unwrap().extend([near, far]);
}
