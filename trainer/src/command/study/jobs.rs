//! Several runs at once, each in a process of its own.
//!
//! A process is this program with the same study and `--only` the run's variant and `--seeds` its
//! seed: random draws of one training cannot reach another's. A run is begun when those it needs
//! are finished; what it says goes to `<run>.log` beside its folder.

use std::{
    fs::{self, File},
    io,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use super::{Args, StudyError, plan::Planned};

/// Between two looks at the processes.
const PAUSE: Duration = Duration::from_millis(200);

/// Trains `chosen`, `args.jobs` at once, into `out`.
///
/// # Errors
/// When a process cannot be started, or one fails: the others then come to their end first.
pub(super) fn train(chosen: &[Planned], args: &Args, out: &Path) -> Result<(), StudyError> {
    let folder = |source| StudyError::Folder { folder: out.into(), source };
    fs::create_dir_all(out).map_err(folder)?;
    let mut states: Vec<State> = chosen.iter().map(|_| State::Waiting).collect();
    let mut failed = None;
    loop {
        for (state, planned) in states.iter_mut().zip(chosen) {
            if !state.poll().map_err(folder)? {
                failed.get_or_insert(planned);
            }
        }
        let free =
            usize::from(args.jobs).saturating_sub(states.iter().filter(|s| s.is_running()).count());
        if failed.is_none() {
            for at in ready(chosen, &states).into_iter().take(free) {
                eprintln!("{} of {}: {}", at + 1, chosen.len(), chosen[at].folder);
                states[at] = State::Running(start(&chosen[at], args, out).map_err(folder)?);
            }
        }
        if !states.iter().any(State::is_running) {
            break;
        }
        thread::sleep(PAUSE);
    }
    failed.map_or(Ok(()), |planned| {
        let log = out.join(format!("{}.log", planned.folder));
        let why = format!("its training from seed {} failed: see {}", planned.seed, log.display());
        Err(StudyError::Variant { variant: planned.variant.clone(), why })
    })
}

/// How far a run is.
enum State {
    Waiting,
    Running(Child),
    Done,
    Failed,
}

impl State {
    fn is_running(&self) -> bool {
        matches!(self, Self::Running(_))
    }

    /// Takes note of a process that has ended; false where it failed.
    fn poll(&mut self) -> io::Result<bool> {
        if let Self::Running(child) = self
            && let Some(status) = child.try_wait()?
        {
            *self = if status.success() { Self::Done } else { Self::Failed };
        }
        Ok(!matches!(self, Self::Failed))
    }
}

/// Positions of the runs that wait for nothing more.
fn ready(chosen: &[Planned], states: &[State]) -> Vec<usize> {
    let done = |&need: &usize| matches!(states[need], State::Done);
    let ready =
        |at: &usize| matches!(states[*at], State::Waiting) && chosen[*at].needs.iter().all(done);
    (0..chosen.len()).filter(ready).collect()
}

/// Starts the process of a run.
fn start(planned: &Planned, args: &Args, out: &Path) -> io::Result<Child> {
    let log = File::create(out.join(format!("{}.log", planned.folder)))?;
    let threads = thread::available_parallelism().map_or(1, usize::from) / usize::from(args.jobs);
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("study").arg(&args.file).arg("--out").arg(out);
    command.args(["--only", &planned.variant, "--seeds", &planned.seed.to_string()]);
    command.args(["--device", &args.device, "--quiet"]);
    for root in &args.root {
        command.arg("--root").arg(root.to_string());
    }
    command.env("RAYON_NUM_THREADS", threads.max(1).to_string());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Recipe;

    #[test]
    fn a_run_is_ready_when_those_it_needs_are_done() {
        let recipe = Recipe::parse(
            include_str!("../../../recipes/quickstart.toml"),
            Path::new("quickstart.toml"),
        );
        let recipe = recipe.unwrap();
        let run = |needs: &[usize]| Planned {
            variant: "v".to_owned(),
            seed: 1,
            folder: "v.s1".to_owned(),
            recipe: recipe.clone(),
            needs: needs.to_vec(),
        };
        let chosen = [run(&[]), run(&[0]), run(&[]), run(&[0, 2])];
        let mut states = [State::Waiting, State::Waiting, State::Waiting, State::Waiting];
        assert_eq!(ready(&chosen, &states), [0, 2]);
        states[0] = State::Done;
        assert_eq!(ready(&chosen, &states), [1, 2]);
        states[2] = State::Failed;
        assert_eq!(ready(&chosen, &states), [1]);
    }
}
