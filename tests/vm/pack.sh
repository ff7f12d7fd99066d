#!/bin/sh
# Packs the first files of the virtual board: busybox, `init` and the drivers that it loads, each
# named in a list in the order of loading.
#
#   tests/vm/pack.sh KERNEL_FOLDER KERNEL_VERSION INIT IMAGE
set -eu

kernel=$1 version=$2 init=$3 image=$4
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/bin" "$root/dev" "$root/proc" "$root/host" "$root/drivers"
cp "$(command -v busybox)" "$root/bin/"
cp "$init" "$root/init"

# The files of a driver and of those that it needs, none of what the kernel has built in.
files_of() {
    modprobe -d "$kernel" -S "$version" --show-depends "$1" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
}

# The kernel loads compressed drivers only with the help of a program.
unpack() {
    case $1 in
        *.xz) xz -dc "$1" ;;
        *.zst) zstd -dcq "$1" ;;
        *) cat "$1" ;;
    esac
}

[ -f "$kernel/lib/modules/$version/modules.dep.bin" ] || depmod -b "$kernel" "$version"
for driver in 9pnet_virtio 9p virtio_gpu vivid; do
    for file in $(files_of "$driver"); do
        name=${file##*/}
        name=${name%%.*}.ko
        [ -f "$root/drivers/$name" ] || unpack "$file" > "$root/drivers/$name"
        echo "$name" >> "$root/drivers/$driver.list"
    done
done
(cd "$root" && find . | cpio --quiet -o -H newc -R 0:0 | gzip -1) > "$image"
