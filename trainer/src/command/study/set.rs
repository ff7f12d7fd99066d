//! Dotted keys into a recipe's TOML: `"task.arch.dan.affinity" = 0.0`.
//!
//! A key goes down tables by name and lists by number from 0. Its last part is set, and made where
//! it is missing: whether the recipe knows it is for the recipe's own check. What is there before is
//! replaced, tables too.

use toml::{Table, Value};

/// Sets every key of `set` in `recipe`.
///
/// # Errors
/// Which key leads nowhere, and why.
pub(super) fn apply(recipe: &mut Table, set: &Table) -> Result<(), String> {
    set.iter().try_for_each(|(key, value)| put(recipe, key, value.clone()))
}

fn put(recipe: &mut Table, key: &str, value: Value) -> Result<(), String> {
    let (path, last) = key.rsplit_once('.').ok_or_else(|| {
        format!("set: write a whole key in quotes, as \"task.{key}\" or \"train.{key}\"")
    })?;
    let mut parts = path.split('.');
    let first = parts.next().unwrap_or_default();
    let top = recipe.entry(first).or_insert_with(|| Value::Table(Table::new()));
    let owner = parts.try_fold(top, |value, part| step(value, part));
    match owner.and_then(|owner| step(owner, last)) {
        Some(place) => *place = value,
        None => return Err(format!("set: \"{key}\" leads through what is no table of the recipe")),
    }
    Ok(())
}

/// What `value` holds under `part`; an empty table where it holds nothing.
fn step<'a>(value: &'a mut Value, part: &str) -> Option<&'a mut Value> {
    match value {
        Value::Table(table) => {
            Some(table.entry(part).or_insert_with(|| Value::Table(Table::new())))
        }
        Value::Array(list) => list.get_mut(part.parse::<usize>().ok()?),
        _ => None,
    }
}

/// Replaces every `{name}` in the strings of `value` by what `run` says of that name.
///
/// # Errors
/// Those of `run`, and a brace without its partner.
pub(super) fn fill(
    value: &mut Value,
    run: &mut impl FnMut(&str) -> Result<String, String>,
) -> Result<(), String> {
    match value {
        Value::String(text) => *text = filled(text, run)?,
        Value::Array(list) => list.iter_mut().try_for_each(|value| fill(value, run))?,
        Value::Table(table) => table.iter_mut().try_for_each(|(_, value)| fill(value, run))?,
        _ => {}
    }
    Ok(())
}

fn filled(
    text: &str,
    run: &mut impl FnMut(&str) -> Result<String, String>,
) -> Result<String, String> {
    let (mut done, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) =
            after.split_once('}').ok_or_else(|| format!("set: '{text}' has no closing brace"))?;
        done.extend([before, &run(name)?]);
        rest = behind;
    }
    Ok(done + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(recipe: &str, key: &str, value: impl Into<Value>) -> Result<String, String> {
        let mut recipe: Table = toml::from_str(recipe).unwrap();
        put(&mut recipe, key, value.into())?;
        Ok(toml::to_string(&recipe).unwrap())
    }

    #[test]
    fn a_dotted_key_sets_what_it_says() {
        let recipe = "[task]\narch = 'a'\n[train]\nepochs = 3\n";
        let changed = set(recipe, "train.epochs", 5).unwrap();
        assert_eq!(changed, "[task]\narch = \"a\"\n\n[train]\nepochs = 5\n");
        let made = set("[task]\n", "task.arch.dan.affinity", 0.5).unwrap();
        assert_eq!(made, "[task.arch.dan]\naffinity = 0.5\n");
    }

    #[test]
    fn a_number_leads_into_a_list() {
        let recipe = "[[train.stage]]\nepochs = 1\n[[train.stage]]\nepochs = 2\n";
        let changed = set(recipe, "train.stage.1.epochs", 9).unwrap();
        assert!(changed.contains("epochs = 1") && changed.contains("epochs = 9"), "{changed}");
        assert!(set(recipe, "train.stage.2.epochs", 9).unwrap_err().contains("train.stage.2"));
    }

    #[test]
    fn a_key_through_a_value_is_refused() {
        let error = set("[task]\narch = 'resnet_s'\n", "task.arch.dan", 1).unwrap_err();
        assert_eq!(error, "set: \"task.arch.dan\" leads through what is no table of the recipe");
    }

    #[test]
    fn a_key_without_a_dot_is_refused() {
        assert!(set("", "task", 1).unwrap_err().contains("in quotes"));
    }

    #[test]
    fn every_name_in_braces_is_replaced() {
        let mut value = Value::Array(vec!["{a}".into(), "x/{b c}/y".into(), 3.into()]);
        fill(&mut value, &mut |name| Ok(name.to_uppercase())).unwrap();
        assert_eq!(value, Value::Array(vec!["A".into(), "x/B C/y".into(), 3.into()]));
        let error = fill(&mut "{a".into(), &mut |_| Ok(String::new())).unwrap_err();
        assert_eq!(error, "set: '{a' has no closing brace");
    }
}
