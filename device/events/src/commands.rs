//! Commands that come back on a stream.

use std::io::{self, Read};

use mien_core::command::Asker;
use mien_shared::telemetry::CommandDecoder;

/// Bytes read at a time.
const PIECE: usize = 256;

/// Finds commands in what a host writes, and asks for them.
pub(crate) struct Commands<'a> {
    asker: &'a Asker,
    decoder: CommandDecoder,
}

impl<'a> Commands<'a> {
    pub(crate) fn new(asker: &'a Asker) -> Self {
        Self { asker, decoder: CommandDecoder::new() }
    }

    /// Reads what has come; an error when the stream has ended or failed.
    ///
    /// Noise is skipped, and a command that finds too many waiting is not asked for: the host
    /// sees by the device's state what was done.
    pub(crate) fn read_from(&mut self, stream: &mut impl Read) -> io::Result<()> {
        let mut bytes = [0; PIECE];
        match stream.read(&mut bytes) {
            Ok(0) => Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the host has hung up")),
            Ok(count) => {
                self.decoder.push(&bytes[..count], |command| {
                    let _taken = command.is_ok_and(|command| self.asker.ask(command));
                });
                Ok(())
            }
            Err(error) if is_passing(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use mien_core::command::{self, Command};

    use super::*;
    use crate::samples;

    #[test]
    fn noise_is_skipped_and_the_next_command_is_asked_for() {
        let (asker, asked) = command::channel();
        let mut commands = Commands::new(&asker);
        let bytes = [b"noise\0".as_slice(), &samples::command(Command::Calibrate)].concat();
        commands.read_from(&mut bytes.as_slice()).unwrap();
        assert_eq!(asked.next(), Some(Command::Calibrate));
        assert!(commands.read_from(&mut [].as_slice()).is_err(), "the end is an end");
    }
}
