//! Where data sets lie: `--root DIR` for all of them, `--root NAME=DIR` for one.
//!
//! A recipe or a test names its data set, for example `ferplus`. One that is there in several
//! copies is told apart by a name of its own behind an `@`: `synth_folder@ict` is the set
//! `synth_folder` in the folder of `--root ict=DIR`.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use super::CommandError;

/// One `--root`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// The data set; `None` for all that have no root of their own.
    name: Option<String>,
    folder: PathBuf,
}

impl Root {
    /// The same where the folder is not known.
    pub(super) fn elsewhere(&self) -> Self {
        Self { folder: "DIR".into(), ..self.clone() }
    }
}

impl FromStr for Root {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let plain =
            |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || "_-@".contains(c));
        Ok(match text.split_once('=').filter(|(name, _)| !name.is_empty() && plain(name)) {
            Some((name, folder)) => Self { name: Some(name.to_owned()), folder: folder.into() },
            None => Self { name: None, folder: text.into() },
        })
    }
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name}={}", self.folder.display()),
            None => write!(f, "{}", self.folder.display()),
        }
    }
}

/// The folders of data sets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roots {
    named: BTreeMap<String, PathBuf>,
    all: Option<PathBuf>,
}

impl Roots {
    /// The folders that a command was given; of two for the same set the later.
    pub fn new(roots: &[Root]) -> Self {
        let mut all = Self::default();
        for Root { name, folder } in roots.iter().cloned() {
            match name {
                Some(name) => drop(all.named.insert(name, folder)),
                None => all.all = Some(folder),
            }
        }
        all
    }

    /// The folder of the data set called `data`: its own, that of the name behind its `@`, that of
    /// the set, or the one for all.
    ///
    /// # Errors
    /// [`CommandError::NoRoot`] when there is none.
    pub fn of(&self, data: &str) -> Result<&Path, CommandError> {
        let (set, copy) = data.split_once('@').unwrap_or((data, data));
        let named = [data, copy, set].into_iter().find_map(|name| self.named.get(name));
        let folder = named.or(self.all.as_ref());
        Ok(folder.ok_or_else(|| CommandError::NoRoot { name: data.to_owned() })?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roots(given: &[&str]) -> Roots {
        Roots::new(&given.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>())
    }

    #[test]
    fn elsewhere_a_root_names_no_folder_of_this_machine() {
        let written = |text: &str| text.parse::<Root>().unwrap().elsewhere().to_string();
        assert_eq!(["ict=/home/ann/ict", "/data"].map(written), ["ict=DIR", "DIR"]);
    }

    #[test]
    fn a_set_has_its_own_folder_or_the_one_for_all() {
        let roots = roots(&["all", "ferplus=one/fer=2013", "ict=two"]);
        assert_eq!(roots.of("ferplus").unwrap(), Path::new("one/fer=2013"));
        assert_eq!(roots.of("synth_folder@ict").unwrap(), Path::new("two"));
        assert_eq!(roots.of("lfw").unwrap(), Path::new("all"));
    }

    #[test]
    fn a_folder_whose_path_has_an_equals_sign_is_for_all() {
        assert_eq!(roots(&["a/b=c"]).of("lfw").unwrap(), Path::new("a/b=c"));
    }

    #[test]
    fn a_root_is_written_as_it_was_given() {
        for text in ["ferplus=a/b", "a/b=c", "a"] {
            assert_eq!(text.parse::<Root>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_set_without_a_folder_is_refused_by_name() {
        let error = roots(&["lfw=x"]).of("ferplus").unwrap_err().to_string();
        assert!(error.contains("'ferplus'"), "{error}");
    }
}
