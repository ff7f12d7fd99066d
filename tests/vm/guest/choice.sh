#!/bin/sh
# Which of many video devices is the camera: by itself, by name and by link.

reads() {
    run "$1" --panel none://
    said '"type":"reading"' && stop
}

refuses() {
    ! "$program" run --camera "$1" --panel none:// --frames 3 2> /run/firmware.log &&
        grep -q "$2" /run/firmware.log
}

# Metadata first, output second, a camera of several planes third: none of them can be used.
load vivid n_devs=2 multiplanar=2,1 node_types=0x60101,0x60101 \
    meta_cap_nr=0,-1 vid_out_nr=1,-1 vid_cap_nr=2,7 num_inputs=1,1 input_types=0,0
for device in /sys/class/video4linux/video*; do
    echo "# ${device##*/} $(cat "$device/name")"
done
check "auto passes over metadata, outputs and cameras of several planes" \
    reads "v4l2://auto?size=320x180"
check "a metadata device is no camera" refuses "v4l2:///dev/video0?retry=0" "not a video capture"
check "an output is no camera" refuses "v4l2:///dev/video1?retry=0" "not a video capture"
check "a camera of several planes is told apart" refuses "v4l2:///dev/video2?retry=0" "/dev/video2"
mkdir -p /dev/v4l/by-path
ln -s ../../video7 /dev/v4l/by-path/platform-vivid.0-video-index0
check "a link is followed" reads "v4l2:///dev/v4l/by-path/platform-vivid.0-video-index0?size=320x180"
check "a camera is known by its name" reads "v4l2://card=vivid-001?size=320x180"
check "a name that no camera has is refused" refuses "v4l2://card=Kinect?retry=0" "vivid-001"
