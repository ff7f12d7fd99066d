#!/bin/sh
# Every pixel format that the firmware asks of a V4L2 camera, in several sizes and at several rates.
#
# The camera shows colour bars. Each format leaves a picture of the screen, OUT/FORMAT.png: whoever
# runs this compares them, since wrongly read pixels still give readings.

load vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0x0
camera=/dev/video0
v4l2-ctl -d "$camera" -c osd_text_mode=2

# reads OPTIONS SIZE: frames are read, each of that size; the screen is left as a picture.
reads() {
    run "v4l2://$camera?$1" --panel "png:///run/screen.png?rate=10" --set display.portrait=picture
    said '"sequence":10,' && cp /run/screen.png "/run/out/$name.png" && stop || return 1
    grep '"frame_size"' "$events" > /run/sizes
    [ -s /run/sizes ] && ! grep -q -v "\"frame_size\":\[$2\]" /run/sizes
}

# settled FIELD VALUE: what the driver was set to.
settled() {
    v4l2-ctl -d "$camera" -V -P | grep -q "$1 *: *$2"
}

for format in yuyv=YUYV nv12=NV12 i420=YU12 grey=GREY rgb=RGB3 bgr=BGR3; do
    name=${format%=*}
    check "$name is read" reads "format=$name&size=640x480&fps=30" 640,480
    check "$name is what the camera sends" settled "Pixel Format" "'${format#*=}'"
done

name=other
check "a format that is not offered gives way to another" \
    reads "format=mjpeg&size=640x480&fps=30" 640,480
for size in 320x180 640x360 1280x720; do
    check "$size is read" reads "size=$size" "$(echo "$size" | tr x ,)"
done
check "the nearest size is taken" reads "size=600x440" 640,480
for fps in 10 25 60; do
    check "$fps frames per second are read" reads "size=320x180&fps=$fps" 320,180
    check "$fps frames per second are what the camera sends" settled "Frames per second" "$fps"
done
