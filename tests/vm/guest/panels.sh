#!/bin/sh
# What a display shows: a framebuffer's pixels and a display of the kernel's mode setting.
#
# Without a camera the screen stands still, so the same one can be had as a file: OUT/file.png. The
# display is 640x480, the screen half as large. OUT/fb.png, OUT/drm.png and OUT/live.png are what qemu
# shows.

absent=v4l2:///dev/video63

# stands PANEL PICTURE...: the screen without a camera is shown, and pictured by that command.
stands() {
    run "$absent" --panel "$1"
    shift
    said '"state":"no-camera"' && sleep 5 && "$@" && lives
}

# A second program is told what is wrong, and goes on.
taken() {
    first=$firmware first_events=$events events=/run/second.jsonl
    run performer:// --panel drm://auto
    said '"panel-lost"' && grep '"panel-lost"' "$events" | sed -n '1s/^/# /p'
    told=$?
    stop
    firmware=$first events=$first_events
    [ "$told" -eq 0 ] && lives
}

load virtio_gpu
sleep 1
check "the screen is written to a file" \
    stands png:///run/file.png cp /run/file.png /run/out/
check "the firmware stops when told to" stop
check "the screen is shown in a framebuffer" \
    stands "fb:///dev/fb0?scale=2&console=/dev/tty0" shot fb
check "the firmware lets go of the framebuffer" stop
check "the screen is shown on a display" stands "drm://auto?scale=2" shot drm
check "a second program is told that the display is taken" taken
check "the firmware lets go of the display" stop
run performer:// --panel "drm://auto?scale=2"
check "readings are shown on a display" said '"type":"reading"'
sleep 3
check "the display can be pictured" shot live
check "the firmware stops when told to" stop
