//! `vote`: what several runs say together, beside what each says alone.

use std::{fmt, path::PathBuf};

use burn::tensor::Device;
use mien_data::{CLASSES, Sample};
use mien_metric::{
    protocol::Protocol,
    report::{ClassReport, ClassRow},
};
use serde::Serialize;

use super::{CommandError, points};
use crate::{
    backend,
    judge::vote::{Vote, vote},
    recipe::{CropName, ExpressionRecipe, TaskRecipe},
    task::expression::{predict, protocol},
    train::{checkpoint::load_weights, run::Run},
};

/// Seed of the bootstrap intervals.
const SEED: u64 = 1;

/// Arguments of `vote`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Run folders of expression networks, one for each member
    #[arg(required = true)]
    runs: Vec<PathBuf>,
    /// Data set (see `data list`)
    #[arg(long)]
    data: String,
    /// Folder of the data set
    #[arg(long)]
    root: PathBuf,
    /// Split of the data set
    #[arg(long, default_value = "valid")]
    split: String,
    /// What is averaged
    #[arg(long, value_enum, default_value = "probabilities")]
    by: Vote,
    /// Which pictures count and which classes there are: ferplus8, fer7, seven or six [default: the
    /// first run's]
    #[arg(long, value_parser = named)]
    protocol: Option<Protocol>,
    /// What of each picture is shown [default: as each run learned]
    #[arg(long, value_enum)]
    crop: Option<CropName>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    /// Machine to compute on: cpu, or another backend compiled in
    #[arg(long, default_value = "cpu")]
    device: String,
}

/// Runs the command.
///
/// # Errors
/// When a run or the data cannot be used.
pub fn run(args: &Args) -> Result<(), CommandError> {
    let device = backend::device(&args.device)?;
    let runs: Vec<Run> = args.runs.iter().map(|f| Run::open(f)).collect::<Result<_, _>>()?;
    let recipes: Vec<&ExpressionRecipe> = runs.iter().map(expression).collect::<Result<_, _>>()?;
    let usual = recipes.first().map_or(Protocol::Ferplus8, |recipe| protocol(recipe));
    let ballot = Ballot { args, protocol: args.protocol.unwrap_or(usual), device };
    let (mut members, mut opinions, mut judged) = (Vec::new(), Vec::new(), Vec::new());
    for (run, recipe) in runs.iter().zip(recipes) {
        judged = ballot.samples(recipe)?;
        let opinion = ballot.opinion(run, recipe, &judged)?;
        members.push(Member { name: run.name(), figures: ballot.figures(&judged, &opinion) });
        opinions.push(opinion);
    }
    let report = Report {
        data: format!("{}.{}", args.data, args.split),
        protocol: ballot.protocol,
        by: args.by,
        members,
        vote: ballot.figures(&judged, &vote(&opinions, args.by)),
    };
    if args.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        print!("{report}");
    }
    Ok(())
}

/// The protocol of that name.
fn named(name: &str) -> Result<Protocol, String> {
    let known = || Protocol::ALL.map(Protocol::name).join(", ");
    Protocol::from_name(name).ok_or_else(|| format!("use one of {}", known()))
}

fn expression(run: &Run) -> Result<&ExpressionRecipe, CommandError> {
    let TaskRecipe::Expression(recipe) = &run.recipe.task else {
        return Err(CommandError::Voter { folder: run.folder().into() });
    };
    Ok(recipe)
}

/// What is voted on.
struct Ballot<'a> {
    args: &'a Args,
    protocol: Protocol,
    device: Device,
}

impl Ballot<'_> {
    /// The pictures that count, as a member is used to see them.
    fn samples(&self, recipe: &ExpressionRecipe) -> Result<Vec<Sample>, CommandError> {
        let recipe = ExpressionRecipe { crop: self.args.crop.or(recipe.crop), ..recipe.clone() };
        let cut = recipe.cut(CropName::Whole);
        let Args { data, root, split, .. } = self.args;
        let mut samples = mien_data::open_cut(data, root, split, &cut)?.samples;
        samples.retain(|sample| self.protocol.truth(sample).is_some());
        Ok(samples)
    }

    /// What a run's best network says of them, among the protocol's classes.
    fn opinion(
        &self,
        run: &Run,
        recipe: &ExpressionRecipe,
        samples: &[Sample],
    ) -> Result<Vec<[f32; CLASSES]>, CommandError> {
        let net = load_weights(recipe.init(&self.device), &run.best()?)?;
        let faces = points::as_read_by(&net, (recipe, run), samples, &self.device)?;
        let all = predict(&net, &faces, &self.device);
        Ok(all.into_iter().map(|row| self.protocol.among_labels(row)).collect())
    }

    fn figures(&self, samples: &[Sample], opinion: &[[f32; CLASSES]]) -> ClassReport {
        let cases = self.protocol.cases(samples, opinion);
        ClassReport::new(self.protocol.labels(), &cases, SEED)
    }
}

/// The figures of the members and of their vote.
#[derive(Debug, Serialize)]
struct Report {
    /// `set.split`.
    data: String,
    protocol: Protocol,
    by: Vote,
    members: Vec<Member>,
    vote: ClassReport,
}

/// One member.
#[derive(Debug, Serialize)]
struct Member {
    /// The run's name.
    name: String,
    figures: ClassReport,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { data, protocol, vote, members, .. } = self;
        writeln!(f, "{data}, protocol {}, {} pictures, in %", protocol.name(), vote.samples)?;
        let wide = members.iter().map(|m| m.name.chars().count()).max().unwrap_or(0).max(4);
        write!(f, "{:<wide$}{:>9}{:>9}{:>9}  | recall", "", "accuracy", "balanced", "mean F1")?;
        for row in &vote.classes {
            write!(f, "{:>6.4}", row.label)?;
        }
        writeln!(f)?;
        for Member { name, figures } in members {
            line(f, &format!("{name:<wide$}"), figures)?;
        }
        line(f, &format!("{:<wide$}", "vote"), vote)
    }
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, figures: &ClassReport) -> fmt::Result {
    write!(f, "{name}")?;
    for figure in [figures.accuracy, figures.balanced_accuracy, figures.macro_f1] {
        write!(f, "{:>9.2}", 100.0 * figure.value)?;
    }
    write!(f, "  |       ")?;
    for ClassRow { recall, .. } in &figures.classes {
        match recall {
            Some(recall) => write!(f, "{:>6.1}", 100.0 * recall)?,
            None => write!(f, "{:>6}", "-")?,
        }
    }
    writeln!(f)
}

#[cfg(test)]
mod tests {
    use mien_metric::report::Case;
    use mien_shared::label::Expression;

    use super::*;

    #[test]
    fn the_table_has_a_row_for_each_member_and_one_for_the_vote() {
        let figures = |taken: Expression| {
            let mut probabilities = [0.0; CLASSES];
            probabilities[taken.index()] = 1.0;
            let cases =
                [Expression::Fear, Expression::Anger].map(|truth| Case { truth, probabilities });
            ClassReport::new(Protocol::Six.labels(), &cases, SEED)
        };
        let member = |name: &str, taken| Member { name: name.to_owned(), figures: figures(taken) };
        let report = Report {
            data: "ferplus.valid".to_owned(),
            protocol: Protocol::Six,
            by: Vote::Probabilities,
            members: vec![member("lsd_a", Expression::Fear), member("b", Expression::Surprise)],
            vote: figures(Expression::Anger),
        };
        assert_eq!(
            report.to_string(),
            "ferplus.valid, protocol six, 2 pictures, in %\n\
             \x20     accuracy balanced  mean F1  | recall  ange  disg  fear  happ  sadn  surp\n\
             lsd_a    50.00    50.00    33.33  |          0.0     - 100.0     -     -     -\n\
             b         0.00     0.00     0.00  |          0.0     -   0.0     -     -     -\n\
             vote     50.00    50.00    33.33  |        100.0     -   0.0     -     -     -\n"
        );
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!((&json["protocol"], &json["by"]), (&"six".into(), &"probabilities".into()));
        assert_eq!(json["members"][0]["figures"]["accuracy"]["value"], 0.5);
    }

    #[test]
    fn an_unknown_protocol_is_answered_with_those_there_are() {
        assert_eq!(named("six"), Ok(Protocol::Six));
        assert_eq!(named("lsd").unwrap_err(), "use one of ferplus8, fer7, seven, six");
    }
}
