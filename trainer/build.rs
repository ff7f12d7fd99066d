//! Tells the program which revision it is built from.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=../.git/HEAD");
    println!("cargo::rerun-if-changed=../.git/refs/heads");
    let told = Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).output();
    let revision = match told {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).into_owned()
        }
        _ => "unknown".to_owned(),
    };
    println!("cargo::rustc-env=MIEN_REVISION={}", revision.trim());
}
