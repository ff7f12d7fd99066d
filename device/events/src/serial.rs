//! `serial:///dev/ttyAMA0?baud=115200`: a [stream](crate::stream) of telemetry frames over a serial
//! line, to a robot's microcontroller or a host without a network.
//!
//! The line is raw: 8 data bits, no parity, one stop bit, no flow control. It is held exclusively,
//! so that no login prompt answers on it, and closing it does not reset a microcontroller. A device that is missing or unplugged is opened again.
//! Every opening writes a zero first, which ends whatever a former sender had begun, and the hello
//! comes again every ten seconds. Four readings wait at most: what arrives is fresh even on a line
//! slower than the camera. Commands come back on the same line.

use std::{fs::File, io, time::Duration};

use mien_core::spec::Spec;
use rustix::{
    fs::{Mode, OFlags},
    termios::{self, ControlModes, OptionalActions, QueueSelector},
};

use crate::{
    EventError, Link,
    outbox::Outbox,
    stream::{self, Dial},
};

/// Bits per second where none are named.
const BAUD: u32 = 115_200;
/// How many percent off a speed may be; ten bits of a character leave five at most.
const TOLERANCE: u64 = 3;

#[derive(Debug)]
struct Serial {
    path: String,
    baud: u32,
}

/// The sink of `serial://PATH?baud=N`; the device need not be there yet.
///
/// # Errors
/// When no device is named, the speed is not a number, or the thread cannot be started.
pub(crate) fn open(spec: &Spec, link: &Link) -> Result<Outbox, EventError> {
    spec.allow(&["baud"])?;
    let baud = spec.option("baud")?.unwrap_or(BAUD);
    let path = spec.target().to_owned();
    if !path.starts_with('/') || baud == 0 {
        let why = "name a device and its speed, for example serial:///dev/ttyAMA0?baud=115200";
        return Err(EventError::refused(spec, why));
    }
    stream::start(spec.text(), Serial { path, baud }, link)
}

impl Serial {
    /// Refuses a line that took a speed too far off for its far end: a driver need not say so.
    fn check_speed(&self, taken: u32) -> io::Result<()> {
        let off = u64::from(taken.abs_diff(self.baud));
        if off * 100 <= u64::from(self.baud) * TOLERANCE {
            return Ok(());
        }
        let asked = self.baud;
        Err(io::Error::other(format!("the line runs at {taken} baud, {asked} is not to be had")))
    }
}

impl Dial for Serial {
    type Stream = File;

    const NAME: &'static str = "events-serial";
    const CAPACITY: usize = 4;
    const REPEAT: Option<Duration> = Some(Duration::from_secs(10));

    fn dial(&self) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let line = rustix::fs::open(self.path.as_str(), flags, Mode::empty())?;
        let mut form = termios::tcgetattr(&line)
            .map_err(|error| io::Error::other(format!("not a serial line: {error}")))?;
        form.make_raw();
        form.control_modes |= ControlModes::CLOCAL | ControlModes::CREAD;
        form.control_modes -= ControlModes::CSTOPB | ControlModes::CRTSCTS | ControlModes::HUPCL;
        form.set_speed(self.baud)?;
        termios::tcsetattr(&line, OptionalActions::Now, &form)?;
        self.check_speed(termios::tcgetattr(&line)?.output_speed())?;
        termios::tcflush(&line, QueueSelector::IFlush)?;
        termios::ioctl_tiocexcl(&line)?;
        // A line that takes not even this byte now takes frames later, or is given up then.
        match rustix::io::write(&line, &[0]) {
            Ok(_) | Err(rustix::io::Errno::AGAIN) => Ok(File::from(line)),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        ffi::OsStr,
        io::{Read as _, Write as _},
        os::{
            fd::OwnedFd,
            unix::{ffi::OsStrExt as _, fs::symlink},
        },
        path::{Path, PathBuf},
        time::Instant,
    };

    use mien_core::command::{self, Command};
    use mien_shared::telemetry::{Decoder, Message};
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use tempfile::tempdir;

    use super::*;
    use crate::{
        Sink as _,
        samples::{self, SOON, open, until},
    };

    /// A line's far end.
    struct Host {
        line: File,
        decoder: Decoder,
    }

    impl Host {
        /// A new line, and where its near end lies.
        fn new() -> (Self, PathBuf) {
            let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
            let line: OwnedFd = openpt(flags).unwrap();
            grantpt(&line).unwrap();
            unlockpt(&line).unwrap();
            rustix::io::ioctl_fionbio(&line, true).unwrap();
            let name = ptsname(&line, Vec::new()).unwrap();
            let path = Path::new(OsStr::from_bytes(name.as_bytes())).to_owned();
            (Self { line: File::from(line), decoder: Decoder::new() }, path)
        }

        /// What has arrived by now.
        fn hear(&mut self, heard: &mut Vec<Message>) {
            let mut bytes = [0; 512];
            while let Ok(length) = self.line.read(&mut bytes) {
                self.decoder.push(&bytes[..length], |message| heard.extend(message.ok()));
            }
        }
    }

    fn is_reading(message: &Message, frame: u64) -> bool {
        matches!(message, Message::Reading(reading) if reading.frame.0 == frame)
    }

    #[test]
    fn a_specification_names_a_device_and_a_speed() {
        for bad in ["serial://", "serial://ttyAMA0", "serial:///dev/ttyAMA0?baud=0"] {
            let error = open(bad).err().unwrap().to_string();
            assert!(error.contains("serial:///dev/ttyAMA0?baud=115200"), "{error}");
        }
        assert!(open("serial:///dev/x?baud=fast").err().unwrap().to_string().contains("baud"));
    }

    #[test]
    fn messages_arrive_and_the_line_is_raw_at_its_speed() {
        let (mut host, path) = Host::new();
        let mut sink = open(&format!("serial://{}?baud=230400", path.display())).unwrap();
        let sent = [samples::hello(), samples::reading(10), samples::reading(13)];
        for message in &sent {
            sink.send(message).unwrap();
        }
        let mut heard = Vec::new();
        until(|| {
            host.hear(&mut heard);
            heard.len() >= sent.len()
        });
        assert_eq!(heard, sent);
        let form = termios::tcgetattr(&host.line).unwrap();
        assert_eq!(form.output_speed(), 230_400);
        assert!(!form.local_modes.contains(termios::LocalModes::ECHO));
    }

    #[test]
    fn a_slow_line_drops_whole_readings_keeps_the_newest_and_counts() {
        let (mut host, path) = Host::new();
        let mut sink = open(&format!("serial://{}", path.display())).unwrap();
        let mut sent = 0;
        while sink.dropped() < 50 {
            sink.send(&samples::reading(sent)).unwrap();
            sent += 1;
        }
        let mut heard = Vec::new();
        until(|| {
            host.hear(&mut heard);
            heard.last().is_some_and(|last| is_reading(last, sent - 1))
        });
        until(|| heard.len() as u64 + sink.dropped() == sent);
    }

    #[test]
    fn a_line_that_is_unplugged_is_served_again_when_it_is_back() {
        let folder = tempdir().unwrap();
        let link = folder.path().join("tty");
        let mut sink = open(&format!("serial://{}", link.display())).unwrap();
        until(|| sink.trouble().is_some());
        for frame in 1..=2 {
            let (mut host, path) = Host::new();
            symlink(path, &link).unwrap();
            until(|| sink.trouble().is_none());
            let start = Instant::now();
            let mut heard = Vec::new();
            while !heard.iter().any(|message| is_reading(message, frame)) {
                assert!(start.elapsed() < SOON, "nothing arrives");
                sink.send(&samples::reading(frame)).unwrap();
                std::thread::sleep(Duration::from_millis(20));
                host.hear(&mut heard);
            }
            std::fs::remove_file(&link).unwrap();
            drop(host);
            until(|| sink.trouble().is_some());
        }
        let trouble = sink.trouble().unwrap();
        assert!(trouble.starts_with("serial://"), "{trouble}");
    }

    #[test]
    fn commands_come_back_on_the_line() {
        let (mut host, path) = Host::new();
        let (asker, asked) = command::channel();
        let spec = Spec::parse(&format!("serial://{}", path.display())).unwrap();
        let mut sink = super::open(&spec, &Link { device: "test".into(), asker }).unwrap();
        // What came before the line was open is thrown away, so wait for the first message.
        sink.send(&samples::hello()).unwrap();
        let mut heard = Vec::new();
        until(|| {
            host.hear(&mut heard);
            !heard.is_empty()
        });
        host.line.write_all(&samples::command(Command::NextPage)).unwrap();
        until(|| asked.next() == Some(Command::NextPage));
    }

    #[test]
    fn a_speed_may_be_a_little_off_as_clocks_divide() {
        let serial = Serial { path: "/dev/null".into(), baud: 115_200 };
        assert!(serial.check_speed(117_647).is_ok());
        let error = serial.check_speed(9_600).unwrap_err().to_string();
        assert_eq!(error, "the line runs at 9600 baud, 115200 is not to be had");
    }

    #[test]
    fn a_file_is_not_a_line() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let sink = open(&format!("serial://{}", file.path().display())).unwrap();
        until(|| sink.trouble().is_some());
        assert!(sink.trouble().unwrap().contains("not a serial line"));
    }
}
