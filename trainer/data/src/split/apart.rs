//! Folds whose parts share no near-duplicate either.
//!
//! Dealing by subject keeps people apart. Nearly the same picture under two names would still be
//! learned from and tested on: it is taken out of what is learned from, and out of what is chosen
//! by, and never out of what is tested on.

use std::collections::HashSet;

use super::{Identity, fold::Roles};

/// `roles` without the pictures of train and valid that nearly repeat one of a later part; how
/// many those are.
pub fn apart(roles: &Roles, pictures: &[Identity<'_>]) -> (Roles, usize) {
    let cluster = |at: &usize| pictures.get(*at).and_then(|picture| picture.cluster);
    let mut taken: HashSet<usize> = roles.test.iter().filter_map(cluster).collect();
    let mut keep = |part: &[usize]| -> Vec<usize> {
        let free = |at: &&usize| cluster(at).is_none_or(|cluster| !taken.contains(&cluster));
        let kept: Vec<usize> = part.iter().filter(free).copied().collect();
        taken.extend(kept.iter().filter_map(cluster));
        kept
    };
    let valid = keep(&roles.valid);
    let train = keep(&roles.train);
    let dropped = roles.valid.len() + roles.train.len() - valid.len() - train.len();
    (Roles { train, valid, test: roles.test.clone() }, dropped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_duplicates_leave_the_earlier_part() {
        let names = ["a", "b", "c", "d", "e"];
        let clusters = [0, 1, 0, 1, 2];
        let pictures: Vec<_> = names
            .iter()
            .zip(clusters)
            .map(|(name, cluster)| Identity::of_subject(name).in_cluster(cluster))
            .collect();
        let roles = Roles { train: vec![0, 1, 4], valid: vec![3], test: vec![2] };
        let (found, dropped) = apart(&roles, &pictures);
        assert_eq!(found, Roles { train: vec![4], valid: vec![3], test: vec![2] });
        assert_eq!(dropped, 2);
        assert_eq!(super::super::leak::check(&found, &pictures), Ok(()));
    }
}
