//! The kernels on aarch64: the same property tests, built for it and run under emulation.

use std::process::Command;

/// What the script exits with where a tool is absent.
const SKIPPED: i32 = 77;

/// A processor with NEON alone, and one with dotprod.
const MODELS: &str = "cortex-a72 cortex-a76";

#[test]
fn kernels_are_bit_identical_on_aarch64() {
    let status = Command::new("sh")
        .arg(mien_tests::root().join("tests/arm.sh"))
        .args(["test", "-p", "mien-kernels", "--lib"])
        .env("MODELS", MODELS)
        .env("CARGO_TARGET_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/aarch64"))
        .current_dir(mien_tests::root())
        .status()
        .expect("a shell");
    match status.code() {
        Some(SKIPPED) => eprintln!("SKIPPED: tools for aarch64 are missing, see tests/arm.sh"),
        code => assert_eq!(code, Some(0), "tests/arm.sh failed"),
    }
}
