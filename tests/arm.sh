#!/bin/sh
# Builds crates for aarch64 and runs them under qemu's user-mode emulation on an x86_64 Linux host.
#
#   tests/arm.sh test -p mien-shared      cargo test on each processor model below, or on $MODELS
#   tests/arm.sh count CPU PROGRAM ...    instructions that PROGRAM executes, by mnemonic and function
#   tests/arm.sh clippy ...               cargo clippy, of code that only aarch64 compiles
#   tests/arm.sh build ...                cargo build; programs are static and run on any aarch64
#
# The models cover what run-time detection tells apart: cortex-a53 and cortex-a72 have NEON alone
# (Raspberry Pi 3 and 4), cortex-a76 and neoverse-n1 add dotprod (Raspberry Pi 5, Graviton 2),
# cortex-a710 adds i8mm, max has all that qemu emulates. Emulation shows results and instruction
# counts; it says nothing about time. Programs with several threads cannot be counted.
#
# Needs, on Debian or Ubuntu:
#   rustup target add aarch64-unknown-linux-gnu
#   apt-get install qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross
# Exits with 77, the usual code of a skipped test, where one of them is absent.
set -eu

models=${MODELS:-cortex-a53 cortex-a72 cortex-a76 neoverse-n1 cortex-a710 max}
target=aarch64-unknown-linux-gnu

skip() {
    echo "SKIPPED: $1; nothing was checked for aarch64." >&2
    echo "The head of tests/arm.sh lists what to install." >&2
    exit 77
}

usage() {
    sed -n '4,7s/^#   //p' "$0" >&2
    exit 2
}

for tool in cargo qemu-aarch64 aarch64-linux-gnu-gcc; do
    command -v "$tool" > /dev/null || skip "$tool is not installed"
done
[ -d "$(rustc --print sysroot)/lib/rustlib/$target" ] || skip "Rust has no library for $target"

# Static programs at fixed addresses need no aarch64 system root, and their counts repeat exactly.
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS="-C target-feature=+crt-static -C relocation-model=static"
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER=qemu-aarch64
export CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc

test_on_each_model() {
    for model in $models; do
        echo "== $model"
        QEMU_CPU=$model cargo test --release --target "$target" "$@"
    done
}

# qemu lists each block of code once and names it at each execution.
count() {
    QEMU_CPU=$1
    export QEMU_CPU
    shift
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    aarch64-linux-gnu-nm -C -n --defined-only "$1" > "$scratch/symbols"
    mkfifo "$scratch/log"
    qemu-aarch64 -d in_asm,exec,nochain -D "$scratch/log" "$@" >&2 &
    awk -f "$(dirname "$0")/arm_count.awk" "$scratch/symbols" "$scratch/log"
    wait "$!"
}

[ "$#" -ge 2 ] || usage
command=$1
shift
case $command in
    test) test_on_each_model "$@" ;;
    build | clippy) cargo "$command" --release --target "$target" "$@" ;;
    count) [ "$#" -ge 2 ] || usage; count "$@" ;;
    *) usage ;;
esac
