//! What became of every tensor when weights were loaded.

use std::fmt::{self, Display, Formatter};

/// Names listed in full before the rest is only counted.
const LISTED: usize = 5;

/// What became of every tensor of a network and of a file. Counters of batches, which no network
/// here has, are left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Tensors the network took from the file, the reshaped ones among them.
    pub loaded: usize,
    /// Of these, the ones taken in another shape, by their path in the network.
    pub reshaped: Vec<String>,
    /// The network's tensors left fresh because the file's head has another number of outputs.
    pub skipped: Vec<String>,
    /// The network's tensors that were not asked for, left fresh.
    pub kept: Vec<String>,
    /// The network's tensors the file does not have.
    pub missing: Vec<String>,
    /// The file's tensors the network does not have, by their name in the file.
    pub unused: Vec<String>,
}

impl Report {
    /// Whether file and network are the same to the last tensor.
    pub fn is_exact(&self) -> bool {
        let lists = [&self.reshaped, &self.skipped, &self.kept, &self.missing, &self.unused];
        lists.iter().all(|list| list.is_empty())
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} tensors loaded", self.loaded)?;
        let lists = [
            ("of them reshaped", &self.reshaped),
            ("of another head, left fresh", &self.skipped),
            ("not asked for, left fresh", &self.kept),
            ("missing from the file, left fresh", &self.missing),
            ("in the file for nothing", &self.unused),
        ];
        for (what, names) in lists.into_iter().filter(|(_, names)| !names.is_empty()) {
            let listed = names.iter().take(LISTED).map(String::as_str).collect::<Vec<_>>();
            let more = if names.len() > LISTED { ", …" } else { "" };
            write!(f, "\n  {} {what}: {}{more}", names.len(), listed.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_counted_and_begun() {
        let report = Report {
            loaded: 3,
            skipped: vec!["head.bias".to_owned()],
            unused: (0..6).map(|i| format!("extra.{i}")).collect(),
            ..Report::default()
        };
        assert_eq!(
            report.to_string(),
            "3 tensors loaded\n  1 of another head, left fresh: head.bias\n  6 in the file for \
             nothing: extra.0, extra.1, extra.2, extra.3, extra.4, …"
        );
        assert!(!report.is_exact());
    }
}
