//! Who is learned from, chosen by and tested on in each fold.

use mien_data::{
    DataError, SIDE, list_adapter,
    manifest::{Entry, Manifest},
    split::{
        Identity, apart,
        duplicate::{self, Fingerprint, THRESHOLD},
        fold::{Deal, Folds, Roles, Validation},
        leak,
        table::{FoldTable, Labels},
    },
};
use mien_shared::label::Expression;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::{super::CommandError, Args, KfoldError};
use crate::recipe::ExpressionRecipe;

/// The folds of a data set.
pub(super) struct Plan {
    /// Every picture with a label.
    pub(super) manifest: Manifest,
    /// The folds.
    pub(super) turns: Vec<Turn>,
    /// What they hold, for people.
    pub(super) table: String,
}

/// One fold as the tested one.
pub(super) struct Turn {
    /// Its number, from 0.
    pub(super) number: usize,
    /// Its parts, by index into the manifest.
    pub(super) roles: Roles,
}

impl Plan {
    /// Deals the recipe's data set, and refuses parts that share a subject, a sequence or a
    /// near-duplicate.
    pub(super) fn new(args: &Args, recipe: &ExpressionRecipe) -> Result<Self, CommandError> {
        let mut manifest = (list_adapter(&recipe.data)?.list)(&args.root).whole()?;
        manifest.entries.retain(|entry| entry.annotation.expression.is_some());
        let clusters = clusters(&manifest)?;
        let pictures: Vec<Identity<'_>> = manifest
            .entries
            .iter()
            .zip(clusters)
            .map(|(entry, cluster)| Identity::from(entry).in_cluster(cluster))
            .collect();
        let folds = deal(args, &manifest.entries, &pictures)?;
        let classes: Vec<Option<usize>> = manifest
            .entries
            .iter()
            .map(|e| e.annotation.expression.map(Expression::index))
            .collect();
        let names = Expression::ALL.map(Expression::name);
        let labels = Labels { names: &names, classes: &classes };
        let mut table = FoldTable::new(&folds, Validation::NextFold, &pictures, labels)
            .map_err(KfoldError::from)?;
        let (mut turns, mut set_aside) = (Vec::new(), 0);
        for (number, row) in table.rows.iter_mut().enumerate() {
            let roles = folds.roles(number, Validation::NextFold).map_err(KfoldError::from)?;
            let (roles, dropped) = apart(&roles, &pictures);
            leak::check(&roles, &pictures).map_err(KfoldError::from)?;
            row.pictures = roles.parts().map(|(_, part)| part.len());
            // The check above passed: what the parts shared when dealt is set aside.
            row.leaks = 0;
            set_aside += dropped;
            turns.push(Turn { number, roles });
        }
        let table = format!(
            "{table}{set_aside} near-duplicates of tested or judged pictures set aside, over all folds"
        );
        Ok(Self { manifest, turns, table })
    }
}

/// The set's own folds where it has some, else the number asked for.
fn deal(args: &Args, entries: &[Entry], pictures: &[Identity<'_>]) -> Result<Folds, KfoldError> {
    let official: Vec<Option<u8>> = entries.iter().map(|entry| entry.fold).collect();
    if official.iter().any(Option::is_some) {
        return Ok(Folds::official(&official)?);
    }
    let deal = if args.round_robin { Deal::RoundRobin } else { Deal::Contiguous };
    Ok(Folds::deal(pictures, args.folds, deal)?)
}

fn clusters(manifest: &Manifest) -> Result<Vec<usize>, DataError> {
    let prints: Vec<Fingerprint> = manifest
        .entries
        .par_iter()
        .map(|entry| Ok(Fingerprint::of(&entry.grey(SIDE)?)))
        .collect::<Result<_, DataError>>()?;
    Ok(duplicate::clusters(&prints, THRESHOLD))
}
