#!/bin/sh
# Boots a Linux kernel in qemu with virtual cameras and a virtual display, and runs a script in it.
#
#   MIEN_KERNEL=FOLDER tests/vm/boot.sh SUITE OUT PROGRAM
#
# SUITE names a script in guest/, OUT a folder for what it leaves, PROGRAM the firmware. The script's
# results go to standard output, in the form of the Test Anything Protocol; the kernel's messages to
# OUT/console.log. MIEN_KERNEL is an unpacked kernel package: README.md says how to get one.
#
# The guest runs this machine's programs from this machine's files, which it sees read-only through
# 9p. It has three serial ports: console, results, and qemu's own monitor, through which a script
# takes pictures of the display.
#
# Exits with 77, the usual code of a skipped test, where a tool or the kernel is absent.
set -eu

here=$(cd "$(dirname "$0")" && pwd)

skip() {
    echo "SKIPPED: $1; nothing was checked on a virtual board." >&2
    echo "tests/vm/README.md lists what to install." >&2
    exit 77
}

[ "$#" -eq 3 ] || { sed -n '4s/^#   //p' "$0" >&2; exit 2; }
suite=$1
out=$(cd "$2" && pwd)
program=$(realpath "$3")
[ -f "$here/guest/$suite.sh" ] || { echo "$here/guest/$suite.sh: no such script" >&2; exit 2; }

for tool in qemu-system-x86_64 busybox cpio depmod modprobe xz v4l2-ctl; do
    command -v "$tool" > /dev/null || skip "$tool is not installed"
done
[ -n "${MIEN_KERNEL:-}" ] || skip "MIEN_KERNEL is not set"
kernel=$(find "$MIEN_KERNEL/boot" -name 'vmlinuz-*' 2> /dev/null | sort | tail -n 1)
[ -n "$kernel" ] || skip "$MIEN_KERNEL has no boot/vmlinuz-*"

"$here/pack.sh" "$MIEN_KERNEL" "${kernel##*/vmlinuz-}" "$here/guest/init" "$out/initrd.img"

exec timeout "${MIEN_VM_SECONDS:-600}" qemu-system-x86_64 \
    -M q35 -cpu max -smp 2 -m 1024 -display none -nodefaults -no-reboot \
    -kernel "$kernel" -initrd "$out/initrd.img" \
    -append "console=ttyS0 loglevel=5 panic=-1 harness=$here/guest/harness.sh suite=$suite out=$out program=$program" \
    -virtfs local,path=/,mount_tag=host,security_model=none,multidevs=remap,readonly=on \
    -virtfs "local,path=$out,mount_tag=out,security_model=none" \
    -device virtio-gpu-pci,xres=640,yres=480 \
    -serial "file:$out/console.log" -serial stdio \
    -chardev "socket,id=monitor,path=$out/monitor,server=on,wait=off" -mon chardev=monitor \
    -chardev "socket,id=guest,path=$out/monitor" -serial chardev:guest < /dev/null
