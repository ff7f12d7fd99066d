//! `saliency`: the surest right readings of each class with what they rest on, on one sheet.

mod sheet;

use std::path::PathBuf;

use burn::{module::Module as _, tensor::Device};
use mien_data::{CLASSES, Sample};
use mien_metric::{protocol::Protocol, report::Case};
use mien_shared::label::Expression;

use self::sheet::{Cell, Row, Sheet};
use super::{CommandError, points};
use crate::{
    recipe::TaskRecipe,
    saliency::{Explainer, Method, SaliencyError},
    task::expression::{predict, protocol},
    train::{checkpoint::load_weights, run::Run},
};

/// Arguments of `saliency`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A run folder of an expression recipe
    run: PathBuf,
    /// Data set whose pictures are shown
    #[arg(long)]
    data: String,
    /// Folder of the data set
    #[arg(long)]
    root: PathBuf,
    /// Split of the data set
    #[arg(long, default_value = "valid")]
    split: String,
    /// The sheet, a PNG file
    #[arg(long)]
    out: PathBuf,
    /// How the maps are made
    #[arg(long, value_enum, default_value = "smooth-grad")]
    method: Method,
    /// Readings of each class
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=16))]
    each: u8,
}

/// Runs the command.
///
/// # Errors
/// When the run or the data cannot be used, the network has no such maps, or the sheet cannot be
/// written.
pub fn run(args: &Args) -> Result<(), CommandError> {
    let run = Run::open(&args.run)?;
    let explainer = Explainer::of(&run)?;
    let set = mien_data::open(&args.data, &args.root, &args.split)?;
    let judged = Judged::new(&run, set.samples)?;
    let row = |&class: &Expression| judged.row(class, args, &explainer);
    let sheet = Sheet {
        title: format!("{}: what its surest right readings rest on", run.name()),
        about: format!("{}, {}", set.name, args.method.title()),
        rows: judged.protocol.labels().iter().map(row).collect::<Result<_, _>>()?,
        columns: args.each.into(),
    };
    let save = sheet.draw()?.save(&args.out);
    save.map_err(|source| CommandError::Sheet { path: args.out.clone(), source })?;
    println!("{}", args.out.display());
    Ok(())
}

/// Pictures and what a run's best network says of them.
struct Judged {
    protocol: Protocol,
    samples: Vec<Sample>,
    /// One for each sample.
    cases: Vec<Case>,
}

impl Judged {
    fn new(run: &Run, mut samples: Vec<Sample>) -> Result<Self, CommandError> {
        let TaskRecipe::Expression(recipe) = &run.recipe.task else {
            return Err(SaliencyError::Task { name: run.name() }.into());
        };
        let protocol = protocol(recipe);
        samples.retain(|sample| protocol.truth(sample).is_some());
        let device = Device::flex();
        let net = load_weights(recipe.init(&device), &run.best()?)?.valid();
        let faces = points::as_read_by(&net, (recipe, run), &samples, &device)?;
        let probabilities: Vec<[f32; CLASSES]> = predict(&net, &faces, &device);
        let cases = protocol.cases(&samples, &probabilities);
        Ok(Self { protocol, samples, cases })
    }

    /// The surest right readings of `class` with their maps.
    fn row(
        &self,
        class: Expression,
        args: &Args,
        explainer: &Explainer,
    ) -> Result<Row, SaliencyError> {
        let (all, right) = self.right(class);
        let cell = |&at: &usize| {
            let picture = self.samples[at].image.clone();
            let heat = explainer.heat(&picture, class, args.method)?;
            Ok(Cell { picture, heat, confidence: self.cases[at].predicted().1 })
        };
        let cells = right.iter().take(args.each.into()).map(cell);
        let cells = cells.collect::<Result<Vec<_>, SaliencyError>>()?;
        Ok(Row { name: class.name(), tally: [right.len(), all], cells })
    }

    /// How many pictures show `class`, and those of them read right, surest first.
    fn right(&self, class: Expression) -> (usize, Vec<usize>) {
        let of_class = |&at: &usize| self.cases[at].truth == class;
        let all = (0..self.cases.len()).filter(of_class);
        let mut right: Vec<usize> =
            all.clone().filter(|&at| self.cases[at].predicted().0 == class).collect();
        let confidence = |at: usize| self.cases[at].predicted().1;
        right.sort_by(|&a, &b| confidence(b).total_cmp(&confidence(a)));
        (all.count(), right)
    }
}
