#!/bin/sh
# Runs a script of claims on the virtual board, with the words that all of them share.
#
#   harness.sh SUITE OUT PROGRAM
#
# A script has these words, and in $events what the firmware it started said. Times are in
# hundredths of a second.

suite=$1 out=$2 program=$3
events=/run/events.jsonl
claims=0

# check WHAT COMMAND...: a claim, and whether the command bears it out.
check() {
    claims=$((claims + 1))
    what=$1
    shift
    if "$@"; then echo "ok $claims - $what"; else fail "$what"; fi
}

fail() {
    echo "not ok $claims - $1"
    tail -n 3 /run/firmware.log "$events" 2> /dev/null | cut -c 1-300 | sed 's/^/# /'
}

now() {
    cut -d ' ' -f 1 /proc/uptime | tr -d .
}

# load DRIVER [OPTION=VALUE...]: loads a driver, with its options, after those it needs.
load() {
    list=/run/drivers/$1.list
    shift
    for file in $(head -n -1 "$list"); do
        [ -d "/sys/module/$(echo "${file%.ko}" | tr - _)" ] || insmod "/run/drivers/$file"
    done
    insmod "/run/drivers/$(tail -n 1 "$list")" "$@"
}

# run CAMERA [OPTION...]: starts the firmware.
run() {
    marked=0
    rm -f "$events"
    "$program" run --events "jsonl://$events?mode=replace" --camera "$@" \
        2> /run/firmware.log &
    firmware=$!
}

stop() {
    kill "$firmware"
    wait "$firmware"
}

# Whether the firmware runs.
lives() {
    [ -e "/proc/$firmware/exe" ]
}

# What was said since the last mark.
since_mark() {
    tail -n "+$((marked + 1))" "$events" 2> /dev/null
}

mark() {
    marked=$(wc -l < "$events")
}

# said PATTERN [SECONDS]: waits until that is said, counted from the last mark.
said() {
    limit=$(($(now) + 100 * ${2:-30}))
    until since_mark | grep -q -e "$1"; do
        [ "$(now)" -lt "$limit" ] && lives || return 1
        sleep 0.05
    done
}

# shot NAME: what the display shows, as OUT/NAME.png.
shot() {
    rm -f "/run/out/$1.png"
    printf '\nscreendump %s -f png\n' "$out/$1.png" >&9
    limit=$(($(now) + 3000))
    until tail -c 8 "/run/out/$1.png" 2> /dev/null | grep -q -a IEND; do
        [ "$(now)" -lt "$limit" ] || return 1
        sleep 0.1
    done
}

# qemu's monitor hears what is written there. Its answers must not go back to it; what it greeted
# with may have, which is why a command begins with the end of a line.
stty -F /dev/ttyS2 raw -echo
exec 9> /dev/ttyS2

# shellcheck source=/dev/null
. "${0%/*}/$suite.sh"
# Said last, so that a script that ends early does not pass.
echo "1..$claims"
