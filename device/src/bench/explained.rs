//! A network's operators as a table: what each costs, and its share of what the core can do.

use std::fmt;

use mien_engine::{NodeInfo, Peak};
use serde::Serialize;

/// Width of a node's name in a table.
const NODE_WIDTH: usize = 32;

/// A network's operators.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    name: String,
    nodes: Vec<NodeInfo>,
    peak: Option<Peak>,
}

impl Explained {
    /// The operators `nodes` of network `name`, on a core of that peak.
    pub(super) fn new(name: String, nodes: Vec<NodeInfo>, peak: Option<Peak>) -> Self {
        Self { name, nodes, peak }
    }

    /// The share of this core's peak that an operator reaches.
    fn share(&self, node: &NodeInfo) -> Option<f64> {
        let (peak, seconds) = (self.peak?, node.seconds.filter(|s| *s > 0.0)?);
        let peak = if is_integer(node) { peak.integer } else { peak.float };
        (node.macs > 0 && node.isa.is_some()).then(|| node.macs as f64 / seconds / peak)
    }

    /// The operators for a machine.
    pub fn rows(&self) -> Vec<OperatorRow<'_>> {
        self.nodes.iter().map(|node| self.row(node)).collect()
    }

    fn row<'a>(&'a self, node: &'a NodeInfo) -> OperatorRow<'a> {
        OperatorRow {
            network: &self.name,
            node: &node.name,
            operator: &node.operator,
            isa: node.isa.map_or("tract", |isa| isa.name()),
            macs: node.macs,
            us: node.seconds.map(|seconds| seconds * 1e6),
            share_of_peak: self.share(node),
        }
    }
}

/// One operator of a network.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OperatorRow<'a> {
    /// The network.
    pub network: &'a str,
    /// The node it computes.
    pub node: &'a str,
    /// What it is, with what is fused into it.
    pub operator: &'a str,
    /// The instructions of our kernel, or `tract`.
    pub isa: &'static str,
    /// Multiply-accumulates.
    pub macs: u64,
    /// Shortest time in microseconds; nothing where it is tract's.
    pub us: Option<f64>,
    /// Share of this core's measured peak, 0..=1.
    pub share_of_peak: Option<f64>,
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.name)?;
        if let Some(Peak { float, integer }) = self.peak {
            let [float, integer] = [float, integer].map(|peak| peak / 1e9);
            writeln!(f, "peak of this core: {float:.0} GMAC/s f32, {integer:.0} int8")?;
        }
        let (node, operator, isa) = ("node", "operator", "isa");
        writeln!(
            f,
            "{node:<NODE_WIDTH$} {operator:<24} {isa:<12} {:>8} {:>9} {:>7}",
            "MMAC", "us", "peak"
        )?;
        for row in self.rows() {
            let OperatorRow { operator, isa, .. } = row;
            let node = ending(row.node, NODE_WIDTH);
            let us = row.us.map_or_else(|| "-".to_owned(), |us| format!("{us:.2}"));
            let share =
                row.share_of_peak.map_or_else(String::new, |s| format!("{:.0} %", s * 100.0));
            let mmac = row.macs as f64 / 1e6;
            writeln!(
                f,
                "{node:<NODE_WIDTH$} {operator:<24} {isa:<12} {mmac:8.2} {us:>9} {share:>7}"
            )?;
        }
        let total: f64 = self.nodes.iter().filter_map(|node| node.seconds).sum();
        writeln!(f, "{:.1} us in our operators", total * 1e6)
    }
}

/// Whether an operator multiplies in integers.
pub(super) fn is_integer(node: &NodeInfo) -> bool {
    node.isa.is_some() && node.macs > 0 && node.operator.contains("int8")
}

/// The last `width` characters of a name, an ellipsis in place of what is cut.
fn ending(name: &str, width: usize) -> String {
    let cut = name.chars().count().saturating_sub(width);
    if cut == 0 {
        return name.to_owned();
    }
    std::iter::once('…').chain(name.chars().skip(cut + 1)).collect()
}

#[cfg(test)]
mod tests {
    use mien_engine::Choice;

    use super::*;
    use crate::{bench::net::Net, models::fixture};

    #[test]
    fn every_operator_is_listed_with_its_share() {
        let explained =
            Net::from_bundle(&fixture::expression(), Choice::default()).unwrap().explain(3);
        let rows = explained.rows();
        assert!(rows.iter().all(|row| row.us.is_some()), "{explained}");
        let shares: Vec<f64> = rows.iter().filter_map(|row| row.share_of_peak).collect();
        assert!(!shares.is_empty() && shares.iter().all(|s| (0.0..2.0).contains(s)), "{explained}");
    }

    #[test]
    fn a_long_name_keeps_its_end() {
        assert_eq!(ending("conv", 4), "conv");
        assert_eq!(ending("a/b/conv", 5), "…conv");
    }
}
