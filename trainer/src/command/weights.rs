//! `weights`: a run's weights as a safetensors file, and a look into one.

use std::path::{Path, PathBuf};

use burn::{module::Module, tensor::Device};
use clap::builder::PossibleValuesParser;

use super::CommandError;
use crate::{
    arch::{
        detector::Detector,
        expression::Arch,
        identity::IdentityNet,
        trunk::{Trunk, TrunkName},
    },
    recipe::TaskRecipe,
    task::expression::CLASSES,
    train::{
        checkpoint::{CheckpointError, load_weights},
        run::Run,
    },
    weights::{self, Layout, Report},
};

/// Classes of the ImageNet challenge, which published trunks tell apart.
const IMAGENET: u16 = 1000;
/// Name of the detector, which no table holds.
const DETECTOR: &str = "cells_s";

/// Arguments of `weights`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Write a run's best weights to a safetensors file
    Save {
        /// The run folder
        run: PathBuf,
        /// The file to write
        #[arg(long)]
        out: PathBuf,
    },
    /// Load a safetensors file into a network and say what became of every tensor
    Load {
        /// The file
        file: PathBuf,
        /// The network: a trunk by torchvision's name, or one of Mien's own
        #[arg(long, value_parser = PossibleValuesParser::new(names()))]
        arch: String,
        /// Outputs of the network's head [default: 1000 for a trunk, 8 for one of Mien's own]
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
        classes: Option<u16>,
        /// Fail unless file and network are the same to the last tensor
        #[arg(long)]
        check: bool,
    },
}

/// Runs the command.
///
/// # Errors
/// When the run or the file cannot be used, or `--check` finds a difference.
pub fn run(args: &Args) -> Result<(), CommandError> {
    match &args.action {
        Action::Save { run, out } => save(&Run::open(run)?, out),
        Action::Load { file, arch, classes, check } => {
            let report = load(file, arch, *classes)?;
            println!("{}: {report}", file.display());
            if *check && !report.is_exact() {
                return Err(CommandError::OtherWeights { file: file.clone(), arch: arch.clone() });
            }
            Ok(())
        }
    }
}

fn save(run: &Run, out: &Path) -> Result<(), CommandError> {
    let device = Device::flex();
    match &run.recipe.task {
        TaskRecipe::Expression(recipe) => save_net(recipe.init(&device), run, out),
        TaskRecipe::Identity(recipe) => {
            let people = recipe.people.unwrap_or_default();
            save_net(IdentityNet::new(recipe.trunk, people, &device), run, out)
        }
        TaskRecipe::Landmarks(recipe) => save_net(recipe.init(&device), run, out),
        TaskRecipe::Detect { .. } => save_net(Detector::new(&device), run, out),
    }
}

fn save_net<M: Module>(net: M, run: &Run, out: &Path) -> Result<(), CommandError> {
    let net = load_weights(net, &run.best()?)?;
    weights::save(&net, out, Layout::Own)?;
    println!("{}: {} values", out.display(), net.num_params());
    Ok(())
}

fn load(file: &Path, arch: &str, classes: Option<u16>) -> Result<Report, CommandError> {
    let device = Device::flex();
    if let Some(name) = TrunkName::from_name(arch) {
        let mut net = Trunk::with_head(name, classes.unwrap_or(IMAGENET).into(), &device);
        let layout = net.layout();
        return Ok(weights::load(&mut net, file, layout)?);
    }
    if arch == DETECTOR {
        return Ok(weights::load(&mut Detector::new(&device), file, Layout::Own)?);
    }
    let known = Arch::deployed(arch).ok_or_else(|| unknown(arch))?;
    let mut net = known.init(classes.map_or(CLASSES, usize::from), known.side(), &device);
    Ok(weights::load(&mut net, file, Layout::Own)?)
}

fn names() -> Vec<&'static str> {
    let trunks = TrunkName::ALL.map(TrunkName::name);
    let own = Arch::DEPLOYED.map(|arch| arch.name());
    [&trunks[..], &own, &[DETECTOR]].concat()
}

fn unknown(arch: &str) -> CommandError {
    CheckpointError::Mismatch { reason: format!("no architecture '{arch}' in this build") }.into()
}
