#!/bin/sh
# A camera that misbehaves, as vivid's own error injection does it.

load vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0

set_control() {
    mark
    v4l2-ctl -d /dev/video0 -c "$1"
}

goes_on() {
    mark
    said '"type":"reading"' && lives
}

# recovers CONTROL: after the fault, whatever it does, there are readings again.
recovers() {
    set_control "$1" && sleep 1 && goes_on
}

# returns CONTROL: the fault is a loss of the camera, and there are readings again.
returns() {
    start=$(now)
    set_control "$1" && said '"state":"no-camera"' && goes_on || return 1
    echo "# read again after $(($(now) - start)) hundredths of a second"
}

# starts_anew_with CONTROL: the fault comes when the stream is started anew.
starts_anew_with() {
    set_control "$1=0" && returns inject_fatal_streaming_error=0
}

run "v4l2:///dev/video0?size=320x180&fps=30" --panel none:// --set events.status_every_s=1
check "it reads" said '"type":"reading"'
check "half of the frames lost in the driver leave readings" \
    recovers percentage_of_dropped_buffers=50
check "all of them lost are a stall" set_control percentage_of_dropped_buffers=100
check "a stall is told" said '"camera-stalled"'
check "readings go on when frames do" recovers percentage_of_dropped_buffers=0
check "a damaged frame is passed over" recovers inject_v4l2_buf_flag_error=0
check "a damaged frame is counted" said '"damaged":[1-9]'
check "a buffer that is refused is survived" recovers inject_vidioc_qbuf_error=0
check "a stream that breaks is started anew" returns inject_fatal_streaming_error=0
check "a stream that does not start is tried again" starts_anew_with inject_vidioc_streamon_error
check "buffers that are not granted are asked for again" \
    starts_anew_with inject_vidioc_reqbufs_error
check "a camera torn off is read again" returns disconnect=0
grep '"no-camera"' "$events" | sed 's/.*"fault":{\(.*\)},"health.*/# \1/'
check "the firmware stops when told to" stop
