#!/bin/sh
# What twenty losses of the camera leave behind: no open file, no memory.

driver=/sys/bus/platform/drivers/vivid
cycles=20
# In KiB: what the allocator may keep.
slack=2048

cycle() {
    mark
    echo vivid.0 > "$driver/unbind"
    said '"state":"no-camera"' || return 1
    mark
    echo vivid.0 > "$driver/bind"
    said '"type":"reading"'
}

cycles() {
    left=$1
    while [ "$left" -gt 0 ]; do
        cycle && lives || return 1
        left=$((left - 1))
    done
}

files() {
    find "/proc/$firmware/fd" -type l | wc -l
}

memory() {
    sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$firmware/status"
}

threads() {
    sed -n 's/^Threads:[^0-9]*//p' "/proc/$firmware/status"
}

load vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0
run "v4l2://auto?size=320x180&fps=30" --panel none://
check "it reads" said '"type":"reading"'
check "it survives two losses" cycles 2
files=$(files) memory=$(memory) threads=$(threads)
check "it survives $cycles more" cycles "$cycles"
echo "# files $files, then $(files); threads $threads, then $(threads); KiB $memory, then $(memory)"
check "no file is left open" [ "$(files)" -le "$files" ]
check "no thread is left" [ "$(threads)" -le "$threads" ]
check "no memory is lost" [ "$(memory)" -le "$((memory + slack))" ]
check "the firmware stops when told to" stop
