//! Values that are one of some names, or several.

use toml::Value as Toml;

use super::Value;

/// A value with names, written as one of them.
pub(crate) trait Named: Copy + PartialEq + 'static {
    /// Every value that may be written, with its name.
    const NAMES: &'static [(&'static str, Self)];
}

/// The name of `value`; empty where it has none.
pub(crate) fn name_of<T: Named>(value: T) -> &'static str {
    T::NAMES.iter().find(|(_, known)| *known == value).map_or("", |(name, _)| name)
}

fn named<T: Named>(given: &Toml) -> Option<T> {
    let text = given.as_str()?;
    T::NAMES.iter().find(|(name, _)| *name == text).map(|(_, value)| *value)
}

fn names<T: Named>() -> String {
    T::NAMES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// One of some names.
pub(crate) struct OneOf<'a, T>(pub(crate) &'a mut T);

impl<T: Named> Value for OneOf<'_, T> {
    fn set(&mut self, given: &Toml) -> Result<(), String> {
        *self.0 = named(given).ok_or_else(|| format!("choose one of {}", names::<T>()))?;
        Ok(())
    }

    fn get(&self) -> Option<Toml> {
        Some(name_of(*self.0)).filter(|name| !name.is_empty()).map(Toml::from)
    }
}

/// Some of some names, each once.
pub(crate) struct SomeOf<'a, T>(pub(crate) &'a mut Vec<T>);

impl<T: Named> Value for SomeOf<'_, T> {
    fn set(&mut self, given: &Toml) -> Result<(), String> {
        let fix = || format!("write a list of {}, each once", names::<T>());
        let given = given.as_array().ok_or_else(fix)?;
        let values = given.iter().map(named).collect::<Option<Vec<T>>>().ok_or_else(fix)?;
        let twice = (1..values.len()).any(|at| values[..at].contains(&values[at]));
        if values.is_empty() || twice {
            return Err(fix());
        }
        *self.0 = values;
        Ok(())
    }

    fn get(&self) -> Option<Toml> {
        Some(self.0.iter().map(|value| Toml::from(name_of(*value))).collect::<Vec<_>>().into())
    }
}
