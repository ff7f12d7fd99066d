//! Which layers go back to float: greedy.
//!
//! While the target is missed, every layer still coded is tried in float on its own, and the one
//! that gains most stays so; the search ends when none gains. What a gain is, the caller says: the
//! outputs' SQNR, an accuracy, anything that is better when larger.

use mien_shared::graph::Graph;

use crate::layer::layer_names;

/// A choice of layers.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The layers in float, in the order they were chosen.
    pub keep: Vec<String>,
    /// The score with these.
    pub score: f64,
}

/// Adds layers of `graph` to `keep` until `score`, given the names of all layers in float,
/// reaches `target` or no layer raises it.
///
/// # Errors
/// The first error of `score`.
pub fn choose<E>(
    graph: &Graph,
    keep: Vec<String>,
    target: f64,
    mut score: impl FnMut(&[String]) -> Result<f64, E>,
) -> Result<Choice, E> {
    let mut best = Choice { score: score(&keep)?, keep };
    while best.score < target {
        let mut found: Option<Choice> = None;
        for name in layer_names(graph).filter(|name| !best.keep.iter().any(|kept| kept == name)) {
            let keep = [best.keep.as_slice(), &[name.to_owned()]].concat();
            let score = score(&keep)?;
            if score > found.as_ref().map_or(best.score, |choice| choice.score) {
                found = Some(Choice { keep, score });
            }
        }
        match found {
            Some(choice) => best = choice,
            None => break,
        }
    }
    Ok(best)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::fixture::net;

    /// A score to which each layer adds its own part.
    fn parts(keep: &[String]) -> f64 {
        let worth = |name: &String| match name.as_str() {
            "first" => 5.0,
            "second" => 7.0,
            "last" => 1.0,
            _ => 0.0,
        };
        20.0 + keep.iter().map(worth).sum::<f64>()
    }

    fn chosen(target: f64) -> (Vec<String>, f64) {
        let score = |keep: &[String]| Ok::<_, Infallible>(parts(keep));
        let Ok(choice) = choose(&net(), Vec::new(), target, score);
        (choice.keep, choice.score)
    }

    #[test]
    fn the_layer_that_gains_most_comes_first() {
        assert_eq!(chosen(26.0), (vec!["second".to_owned()], 27.0));
        assert_eq!(chosen(32.0), (vec!["second".to_owned(), "first".to_owned()], 32.0));
    }

    #[test]
    fn a_target_that_is_met_keeps_nothing() {
        assert_eq!(chosen(20.0), (vec![], 20.0));
    }

    #[test]
    fn it_ends_when_no_layer_gains() {
        let (keep, score) = chosen(100.0);
        assert_eq!(keep, ["second", "first", "last"]);
        assert!((score - 33.0).abs() < 1e-9);
    }
}
