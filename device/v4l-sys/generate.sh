#!/bin/sh
# Regenerates src/bindings.rs from the kernel's <linux/videodev2.h> and checks that x86_64 and
# aarch64 get the same text.
#
# The settings are those of the published v4l2-sys-mit 0.3.0 (bindgen's defaults over the one
# header), less what the C library's own headers add: that part is no V4L2 and differs by machine.
#
# Needs bindgen 0.72.1 (`cargo install bindgen-cli --version 0.72.1`), libclang and the headers
# (Debian: libclang1, libclang-common-dev, linux-libc-dev, and for the check libc6-dev-arm64-cross
# and linux-libc-dev-arm64-cross, whose folder AARCH64_INCLUDE may name).
set -eu
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

generate() {
    machine=$1
    shift
    bindgen --rust-target 1.82 \
        --allowlist-file '.*/linux/(videodev2|v4l2-common|v4l2-controls)\.h' \
        --allowlist-type 'time_t|timeval' \
        wrapper.h -- --target="$machine-unknown-linux-gnu" "$@"
}

# One version of the kernel's headers for both, or the check would compare versions.
ln -s /usr/include/linux "$scratch/linux"
generate x86_64 > src/bindings.rs
generate aarch64 -nostdlibinc -isystem "$scratch" \
    -isystem "${AARCH64_INCLUDE:-/usr/aarch64-linux-gnu/include}" > "$scratch/aarch64.rs"
diff -u src/bindings.rs "$scratch/aarch64.rs"
echo "src/bindings.rs: the same on x86_64 and aarch64"
