//! Puts the shipped bundles into the program.
//!
//! `models/catalog.toml` names them; what is generated is one constant per role, holding the bytes
//! of `models/<name>/<name>.mien`, or nothing where the catalog names none.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

use toml::de::DeTable;

/// What a catalog can name, and the constant that holds it.
const ROLES: [(&str, &str); 2] = [("detector", "DETECTOR"), ("expression", "EXPRESSION")];

fn main() -> Result<(), Box<dyn Error>> {
    let models = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../models");
    let catalog = models.join("catalog.toml");
    let text = if catalog.exists() { fs::read_to_string(&catalog)? } else { String::new() };
    let table = DeTable::parse(&text).map_err(|e| format!("{}: {e}", catalog.display()))?;
    let mut code = String::new();
    for (role, constant) in ROLES {
        let name = table.get_ref().get(role).and_then(|value| value.get_ref().as_str());
        let bytes = name.map_or(Ok("None".to_owned()), |name| include(&models, name))?;
        writeln!(code, "pub(super) const {constant}: Option<&[u8]> = {bytes};")?;
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("shipped.rs"), code)?;
    // A folder counts as changed when the catalog in it appears.
    println!("cargo::rerun-if-changed={}", models.display());
    Ok(())
}

/// The expression that includes a bundle's bytes.
fn include(models: &Path, name: &str) -> Result<String, Box<dyn Error>> {
    let path = models.join(name).join(format!("{name}.mien"));
    let path = path.canonicalize().map_err(|e| format!("{}: {e}", path.display()))?;
    let literal = path.to_str().ok_or("the project's path is not UTF-8")?;
    Ok(format!("Some(include_bytes!({literal:?}))"))
}
