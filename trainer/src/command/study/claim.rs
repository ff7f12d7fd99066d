//! Claims, decided on differences seed by seed.
//!
//! Two systems trained from the same seed saw the same pictures in the same order: their difference
//! varies less than either. A claim is seen where the mean difference is above 0 by more than its
//! standard error `s / √n`, and reversed where it is below 0 by more than that (own choice: the
//! studies have too few seeds for more than that, and print every value).

use mien_metric::spread::Spread;
use mien_report::study::{self, Pair, Value, Verdict};

use super::{
    entrant::Entrant,
    figures::Metric,
    file::{Claim, Test},
};

/// What became of `claim`, whose names were checked.
pub(super) fn judged(claim: &Claim, tests: &[Test], entrants: &[Entrant]) -> study::Claim {
    let test = tests.iter().find(|test| test.name == claim.test);
    let metric = claim.metric.parse().unwrap_or(Metric::Accuracy);
    let values = |name: &String| {
        let entrant = entrants.iter().find(|entrant| entrant.name == *name);
        entrant.zip(test).map_or_else(Vec::new, |(entrant, test)| entrant.values(test, metric))
    };
    // Of a drop, less is better.
    let sign = if test.is_some_and(|test| test.of.is_some()) { -1.0 } else { 1.0 };
    let against = |two: &[String]| pair(two, &[values(&two[0]), values(&two[1])], sign);
    let pairs: Vec<Pair> = claim.order.windows(2).map(against).collect();
    study::Claim {
        metric: claim.metric.clone(),
        test: claim.test.clone(),
        order: claim.order.clone(),
        verdict: pairs.iter().map(|pair| pair.verdict).max().unwrap_or(Verdict::Missing),
        pairs,
    }
}

fn pair(names: &[String], values: &[Vec<Value>; 2], sign: f64) -> Pair {
    let without = names.iter().zip(values).filter(|(_, values)| values.is_empty());
    let missing = without.map(|(name, _)| name.clone()).collect();
    let differences = differences(&values[0], &values[1], sign);
    let numbers: Vec<f64> = differences.iter().map(|difference| difference.value).collect();
    let spread = Spread::of(&numbers);
    let verdict = |spread: Spread| Verdict::of(spread.mean, spread.standard_error());
    Pair {
        better: names[0].clone(),
        worse: names[1].clone(),
        mean: spread.map(|spread| spread.mean),
        sd: spread.and_then(|spread| spread.deviation),
        agree: !numbers.is_empty()
            && [1.0, -1.0].iter().any(|s| numbers.iter().all(|n| s * n > 0.0)),
        verdict: spread.map_or(Verdict::Missing, verdict),
        differences,
        missing,
    }
}

/// `sign · (a − b)` for the same seeds. Where one side has votes of several seeds, the mean of the
/// other side's values of those seeds stands against each.
fn differences(a: &[Value], b: &[Value], sign: f64) -> Vec<Value> {
    let groups = |values: &[Value]| values.iter().any(|value| value.seeds.len() > 1);
    let (coarse, fine, sign) = if groups(b) && !groups(a) { (b, a, -sign) } else { (a, b, sign) };
    let difference = |of: &Value| {
        let within = |other: &&Value| other.seeds.iter().all(|seed| of.seeds.contains(seed));
        let others: Vec<f64> = fine.iter().filter(within).map(|other| other.value).collect();
        // Adding 0 makes a negative zero positive.
        let value = sign * (of.value - Spread::of(&others)?.mean) + 0.0;
        Some(Value { seeds: of.seeds.clone(), value })
    };
    coarse.iter().filter_map(difference).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(of: &[(&[u64], f64)]) -> Vec<Value> {
        of.iter().map(|(seeds, value)| Value { seeds: seeds.to_vec(), value: *value }).collect()
    }

    fn names() -> Vec<String> {
        vec!["new".to_owned(), "old".to_owned()]
    }

    #[test]
    fn differences_are_taken_seed_by_seed() {
        let new = values(&[(&[1], 0.875), (&[2], 0.75), (&[3], 0.5)]);
        let old = values(&[(&[2], 0.625), (&[1], 0.5)]);
        let found = pair(&names(), &[new, old], 1.0);
        assert_eq!(found.differences, values(&[(&[1], 0.375), (&[2], 0.125)]));
        assert_eq!((found.mean, found.agree), (Some(0.25), true));
        // s = 0.1768, s / √2 = 0.125.
        assert!((found.sd.unwrap() - 0.03125_f64.sqrt()).abs() < 1e-12);
        assert_eq!(found.verdict, Verdict::AsClaimed);
    }

    #[test]
    fn of_a_drop_less_is_better() {
        let new = values(&[(&[1], 0.125), (&[2], 0.125)]);
        let old = values(&[(&[1], 0.25), (&[2], 0.375)]);
        let found = pair(&names(), &[new, old], -1.0);
        assert_eq!(found.differences, values(&[(&[1], 0.125), (&[2], 0.25)]));
        assert_eq!(found.verdict, Verdict::AsClaimed);
    }

    #[test]
    fn a_vote_stands_against_the_mean_of_its_seeds_on_either_side() {
        let vote = values(&[(&[1, 2], 0.75)]);
        let runs = values(&[(&[1], 0.5), (&[2], 0.75), (&[3], 0.0)]);
        assert_eq!(differences(&vote, &runs, 1.0), values(&[(&[1, 2], 0.125)]));
        assert_eq!(differences(&runs, &vote, 1.0), values(&[(&[1, 2], -0.125)]));
    }

    #[test]
    fn a_system_without_figures_is_named() {
        let found = pair(&names(), &[values(&[(&[1], 0.5)]), Vec::new()], 1.0);
        assert_eq!((found.missing, found.verdict), (vec!["old".to_owned()], Verdict::Missing));
        assert_eq!((found.mean, found.agree), (None, false));
    }

    #[test]
    fn differences_of_both_signs_do_not_agree() {
        let [new, old] = [[0.5, 0.75], [0.625, 0.5]].map(|[a, b]| values(&[(&[1], a), (&[2], b)]));
        let found = pair(&names(), &[new, old], 1.0);
        assert!(!found.agree && found.verdict == Verdict::NotSeen, "{found:?}");
    }
}
