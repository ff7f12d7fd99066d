#!/bin/sh
# A camera that comes late, goes, comes back, and comes back under another number.

driver=/sys/bus/platform/drivers/vivid

unplug() {
    mark
    echo vivid.0 > "$driver/unbind"
    said '"state":"no-camera"' && lives
}

# Tells how long the first reading took.
plug() {
    mark
    start=$(now)
    echo vivid.0 > "$driver/bind"
    said '"type":"reading"' && lives || return 1
    echo "# first reading after $(($(now) - start)) hundredths of a second"
}

arrive() {
    mark
    start=$(now)
    load vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0
    said '"type":"reading"' && lives || return 1
    echo "# first reading after $(($(now) - start)) hundredths of a second"
}

run "v4l2://auto?size=320x180&fps=30" --panel none://
check "without a camera it waits" said '"state":"no-camera"'
check "a camera that comes late is read" arrive
check "a camera that goes is missed" unplug
check "a camera that comes back is read" plug

# A node that somebody holds keeps its number.
exec 3< /dev/video0
check "a camera that goes again is missed again" unplug
check "a camera that comes back under another number is read" plug
check "its number is another" [ ! -e /dev/video0 ]
exec 3<&-
check "the firmware stops when told to" stop
