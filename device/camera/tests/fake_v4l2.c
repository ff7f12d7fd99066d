/* A V4L2 camera without hardware: preload this library, and any file that begins with the line
 * "fake-v4l2" can be opened as a video device, if it is opened for reading and writing.
 *
 *     gcc -shared -fPIC -O1 -o fake_v4l2.so fake_v4l2.c -ldl
 *     printf 'fake-v4l2\nformats=YUYV\n' > /tmp/video0
 *     LD_PRELOAD=./fake_v4l2.so mien-device run --camera v4l2:///tmp/video0
 *
 * The file says what the device is and what goes wrong, one key=value a line. It is read again at
 * every request, so faults can be switched on in a running program. Removing the file unplugs the
 * device: what is open is dead for good, and a new file is a new device.
 *
 *     driver=uvcvideo card=Fake camera bus=usb-fake-1   what QUERYCAP says
 *     caps=capture           or metadata, output, m2m, nostream
 *     formats=YUYV,MJPG      four-character codes, the driver's favourite first
 *     sizes=640x480,320x240  the only sizes there are; or sizes=step:32x32-1920x1080/16x8
 *     rates=30,15            frames per second, the default first
 *     padding=1              rows are padded to a multiple of this
 *     frame_us=2000          the time between two frames, whatever the rate says
 *     content=PATH           raw frames that are shown over and over; else every byte of frame n is
 *                            n (behind FF D8 where the format is JPEG)
 *     enotty=parm,sizes,rates  requests that are not known, as with libcamera's v4l2-compat.so
 *     granted=N              buffers granted, whatever is asked
 *     colorspace=N           what S_FMT answers
 *     denied=1 busy=1        open gives EACCES; S_FMT and REQBUFS give EBUSY
 *     streamon=N streamoff=N dqbuf=N querybuf=N close=N  the request fails with error number N
 *     stall_at=N             no frame from number N on (counted from STREAMON)
 *     dqbuf_at=N             the failure of dqbuf= begins with frame N
 *     error_at=N short_at=N empty_at=N  frame N is flagged as damaged, is cut, has no byte
 *     skip_at=N              ten frames are missing before frame N
 *     shrink_at=N            from frame N on, frames have the bytes of half the height
 *
 * The descriptor is a timer's, so poll(2) is the system's own. Not for several threads at once.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define MAX_DEVICES 16
#define MAX_BUFFERS 32
#define MAGIC "fake-v4l2\n"

struct device {
    int used, fd, streaming, dead, owner;
    char path[4096];
    ino_t file;
    struct v4l2_pix_format format;
    unsigned rate;
    unsigned buffers, queued, queue[MAX_BUFFERS];
    uint8_t *memory[MAX_BUFFERS];
    unsigned frame, sequence;
};

static struct device devices[MAX_DEVICES];
static char text[16384];

#define REAL(result, name, ...) \
    static result (*real)(__VA_ARGS__); \
    if (!real) real = (result (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static int real_open(const char *path, int flags, mode_t mode) {
    REAL(int, "open64", const char *, int, ...);
    return real(path, flags, mode);
}

static int real_close(int fd) {
    REAL(int, "close", int);
    return real(fd);
}

static int fail(int error) {
    errno = error;
    return -1;
}

/* Reads a device's file into `text`; 0 where it is none. */
static int read_text(const char *path, ino_t *file) {
    int saved = errno, fd = real_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
    struct stat status;
    ssize_t length = 0;
    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
        length = read(fd, text, sizeof text - 1);
        *file = status.st_ino;
    }
    if (fd >= 0) real_close(fd);
    text[length > 0 ? length : 0] = 0;
    errno = saved;
    return strncmp(text, MAGIC, strlen(MAGIC)) == 0;
}

/* The value of a key, or its default; good until the call after the next three. */
static const char *value(const char *key, const char *otherwise) {
    static char values[4][4096];
    static unsigned turn;
    size_t length = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, length) == 0 && line[length] == '=') {
            char *out = values[turn++ % 4];
            snprintf(out, sizeof values[0], "%.*s", (int)strcspn(line + length + 1, "\n"),
                     line + length + 1);
            return out;
        }
    }
    return otherwise;
}

static long number(const char *key, long otherwise) {
    const char *digits = value(key, NULL);
    return digits ? atol(digits) : otherwise;
}

/* Whether frame number `frame` is the one that `key` names. */
static int at(const char *key, unsigned frame) { return number(key, -1) == (long)frame; }

/* The index-th item of a list, into `out`. */
static int item(const char *list, unsigned index, char *out, size_t room) {
    while (index-- && list) list = strchr(list, ',') ? strchr(list, ',') + 1 : NULL;
    if (!list || !*list) return 0;
    snprintf(out, room, "%.*s", (int)strcspn(list, ","), list);
    return 1;
}

static const char *formats(void) { return value("formats", "YUYV"); }
static const char *sizes(void) { return value("sizes", "640x480,320x240"); }
static const char *rates(void) { return value("rates", "30,15"); }

static int unknown(const char *request) { return strstr(value("enotty", ""), request) != NULL; }

static uint32_t code(const char *name) { return v4l2_fourcc(name[0], name[1], name[2], name[3]); }

static int is_jpeg(uint32_t pixelformat) {
    return pixelformat == V4L2_PIX_FMT_MJPEG || pixelformat == V4L2_PIX_FMT_JPEG;
}

static uint32_t bytes(uint32_t pixelformat, uint32_t stride, uint32_t height) {
    switch (pixelformat) {
    case V4L2_PIX_FMT_NV12:
    case V4L2_PIX_FMT_YUV420: return stride * height * 3 / 2;
    default: return stride * height;
    }
}

static uint32_t row(uint32_t pixelformat, uint32_t width) {
    switch (pixelformat) {
    case V4L2_PIX_FMT_YUYV:
    case V4L2_PIX_FMT_UYVY: return 2 * width;
    case V4L2_PIX_FMT_RGB24:
    case V4L2_PIX_FMT_BGR24: return 3 * width;
    default: return width;
    }
}

/* Makes of what is asked what the device can do, silently, as drivers do. */
static void settle(struct v4l2_pix_format *format) {
    char name[64];
    unsigned width, height, best = ~0u, index;
    uint32_t pixelformat = 0;
    for (index = 0; item(formats(), index, name, sizeof name); index++)
        if (!pixelformat || code(name) == format->pixelformat) pixelformat = code(name);
    unsigned from_w, from_h, to_w, to_h, step_w, step_h;
    uint32_t asked_w = format->width, asked_h = format->height;
    if (sscanf(sizes(), "step:%ux%u-%ux%u/%ux%u", &from_w, &from_h, &to_w, &to_h, &step_w,
               &step_h) == 6) {
        width = asked_w < from_w ? from_w : asked_w > to_w ? to_w : asked_w;
        height = asked_h < from_h ? from_h : asked_h > to_h ? to_h : asked_h;
        format->width = from_w + (width - from_w) / step_w * step_w;
        format->height = from_h + (height - from_h) / step_h * step_h;
    } else {
        for (index = 0; item(sizes(), index, name, sizeof name); index++) {
            if (sscanf(name, "%ux%u", &width, &height) != 2) continue;
            unsigned distance = abs((int)(width - asked_w)) + abs((int)(height - asked_h));
            if (distance < best) {
                best = distance;
                format->width = width;
                format->height = height;
            }
        }
    }
    long padding = number("padding", 1);
    format->pixelformat = pixelformat;
    format->field = V4L2_FIELD_NONE;
    format->bytesperline = (row(pixelformat, format->width) + padding - 1) / padding * padding;
    format->sizeimage = bytes(pixelformat, format->bytesperline, format->height);
    if (is_jpeg(pixelformat)) format->bytesperline = 0;
    format->colorspace = number("colorspace", V4L2_COLORSPACE_SRGB);
}

static void run_timer(struct device *device, int on) {
    long us = on ? number("frame_us", 2000) : 0;
    struct timespec period = {us / 1000000, us % 1000000 * 1000};
    struct itimerspec timer = {period, period};
    timerfd_settime(device->fd, 0, &timer, NULL);
}

static void release(struct device *device) {
    device->buffers = device->queued = device->owner = 0;
}

static struct device *find(int fd) {
    for (int i = 0; i < MAX_DEVICES; i++)
        if (devices[i].used && devices[i].fd == fd) return &devices[i];
    return NULL;
}

/* Another open descriptor of the same device that has buffers. */
static int held_by_another(const struct device *device) {
    for (int i = 0; i < MAX_DEVICES; i++)
        if (devices[i].used && &devices[i] != device && devices[i].owner && !devices[i].dead &&
            strcmp(devices[i].path, device->path) == 0)
            return 1;
    return 0;
}

static int open_device(const char *path) {
    struct device *device = NULL;
    for (int i = 0; i < MAX_DEVICES && !device; i++)
        if (!devices[i].used) device = &devices[i];
    if (!device) return fail(EMFILE);
    if (number("denied", 0)) return fail(EACCES);
    memset(device, 0, sizeof *device);
    snprintf(device->path, sizeof device->path, "%s", path);
    read_text(path, &device->file);
    device->format.width = 640;
    device->format.height = 480;
    settle(&device->format);
    device->rate = atoi(rates());
    device->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    device->used = device->fd >= 0;
    return device->fd;
}

static int open_any(const char *path, int flags, mode_t mode) {
    ino_t file;
    if ((flags & O_ACCMODE) == O_RDWR && !(flags & O_CREAT) && read_text(path, &file))
        return open_device(path);
    return real_open(path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
    va_end(list);
    return open_any(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
    va_end(list);
    return open_any(path, flags, mode);
}

int close(int fd) {
    struct device *device = find(fd);
    if (device) {
        ino_t file;
        long error = read_text(device->path, &file) ? number("close", 0) : 0;
        device->used = 0;
        real_close(fd);
        return error ? fail(error) : 0;
    }
    return real_close(fd);
}

static void *map(void *start, size_t length, int protection, int flags, int fd, off_t offset) {
    REAL(void *, "mmap64", void *, size_t, int, int, int, off_t);
    struct device *device = find(fd);
    if (!device || (flags & MAP_ANONYMOUS)) return real(start, length, protection, flags, fd, offset);
    uint32_t size = device->format.sizeimage;
    unsigned index = size ? offset / size : 0;
    if (index >= device->buffers || length != size || (uint64_t)offset != (uint64_t)index * size) {
        errno = EINVAL;
        return MAP_FAILED;
    }
    void *memory = real(NULL, length, protection, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) device->memory[index] = memory;
    return memory;
}

void *mmap(void *start, size_t length, int protection, int flags, int fd, off_t offset) {
    return map(start, length, protection, flags, fd, offset);
}

void *mmap64(void *start, size_t length, int protection, int flags, int fd, off64_t offset) {
    return map(start, length, protection, flags, fd, offset);
}

int munmap(void *start, size_t length) {
    REAL(int, "munmap", void *, size_t);
    for (int i = 0; i < MAX_DEVICES; i++)
        for (int j = 0; j < MAX_BUFFERS; j++)
            if (devices[i].memory[j] == start) devices[i].memory[j] = NULL;
    return real(start, length);
}

static int query_capabilities(struct v4l2_capability *answer) {
    const char *caps = value("caps", "capture");
    memset(answer, 0, sizeof *answer);
    snprintf((char *)answer->driver, sizeof answer->driver, "%s", value("driver", "uvcvideo"));
    snprintf((char *)answer->card, sizeof answer->card, "%s", value("card", "Fake camera"));
    snprintf((char *)answer->bus_info, sizeof answer->bus_info, "%s", value("bus", "usb-fake-1"));
    answer->version = 6 << 16;
    answer->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
    if (strcmp(caps, "metadata") == 0) answer->device_caps = V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING;
    if (strcmp(caps, "output") == 0) answer->device_caps = V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_STREAMING;
    if (strcmp(caps, "m2m") == 0) answer->device_caps = V4L2_CAP_VIDEO_M2M | V4L2_CAP_STREAMING;
    if (strcmp(caps, "nostream") == 0) answer->device_caps = V4L2_CAP_VIDEO_CAPTURE;
    answer->capabilities = answer->device_caps | V4L2_CAP_DEVICE_CAPS;
    return 0;
}

static int enumerate_formats(struct v4l2_fmtdesc *answer) {
    char name[64];
    if (!item(formats(), answer->index, name, sizeof name)) return fail(EINVAL);
    answer->pixelformat = code(name);
    answer->flags = is_jpeg(answer->pixelformat) ? V4L2_FMT_FLAG_COMPRESSED : 0;
    snprintf((char *)answer->description, sizeof answer->description, "%s", name);
    return 0;
}

static int enumerate_sizes(struct v4l2_frmsizeenum *answer) {
    char name[64];
    struct v4l2_frmsize_stepwise *step = &answer->stepwise;
    if (unknown("sizes")) return fail(ENOTTY);
    if (sscanf(sizes(), "step:%ux%u-%ux%u/%ux%u", &step->min_width, &step->min_height,
               &step->max_width, &step->max_height, &step->step_width, &step->step_height) == 6) {
        answer->type = V4L2_FRMSIZE_TYPE_STEPWISE;
        return answer->index ? fail(EINVAL) : 0;
    }
    if (!item(sizes(), answer->index, name, sizeof name)) return fail(EINVAL);
    answer->type = V4L2_FRMSIZE_TYPE_DISCRETE;
    return sscanf(name, "%ux%u", &answer->discrete.width, &answer->discrete.height) == 2
               ? 0 : fail(EINVAL);
}

static int enumerate_rates(struct v4l2_frmivalenum *answer) {
    char name[64];
    if (unknown("rates")) return fail(ENOTTY);
    if (!item(rates(), answer->index, name, sizeof name)) return fail(EINVAL);
    answer->type = V4L2_FRMIVAL_TYPE_DISCRETE;
    answer->discrete.numerator = 1;
    answer->discrete.denominator = atoi(name);
    return 0;
}

static int parameters(struct device *device, struct v4l2_streamparm *answer, int set) {
    if (unknown("parm")) return fail(ENOTTY);
    struct v4l2_fract *interval = &answer->parm.capture.timeperframe;
    if (set && interval->numerator) {
        char name[64];
        double wish = (double)interval->denominator / interval->numerator, best = 1e9;
        for (unsigned index = 0; item(rates(), index, name, sizeof name); index++) {
            double rate = atof(name), distance = rate > wish ? rate - wish : wish - rate;
            if (distance < best) best = distance, device->rate = rate;
        }
    }
    memset(&answer->parm, 0, sizeof answer->parm);
    answer->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
    interval->numerator = 1;
    interval->denominator = device->rate;
    return 0;
}

static int request_buffers(struct device *device, struct v4l2_requestbuffers *request) {
    if (request->memory != V4L2_MEMORY_MMAP) return fail(EINVAL);
    if (number("busy", 0) || held_by_another(device)) return fail(EBUSY);
    if (device->streaming) return fail(EBUSY);
    release(device);
    if (!request->count) return 0;
    request->count = number("granted", request->count > MAX_BUFFERS ? MAX_BUFFERS : request->count);
    device->buffers = request->count;
    device->owner = 1;
    return 0;
}

static int query_buffer(struct device *device, struct v4l2_buffer *buffer) {
    if (number("querybuf", 0)) return fail(number("querybuf", 0));
    if (buffer->index >= device->buffers) return fail(EINVAL);
    buffer->length = device->format.sizeimage;
    buffer->m.offset = buffer->index * device->format.sizeimage;
    buffer->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    return 0;
}

static int queue_buffer(struct device *device, struct v4l2_buffer *buffer) {
    if (buffer->index >= device->buffers || buffer->memory != V4L2_MEMORY_MMAP) return fail(EINVAL);
    for (unsigned i = 0; i < device->queued; i++)
        if (device->queue[i] == buffer->index) return fail(EINVAL);
    device->queue[device->queued++] = buffer->index;
    return 0;
}

/* Writes frame number `frame` into `memory`. */
static void draw(const struct device *device, unsigned frame, uint8_t *memory, uint32_t length) {
    memset(memory, frame, length);
    if (is_jpeg(device->format.pixelformat) && length > 1) memory[0] = 0xff, memory[1] = 0xd8;
    const char *path = value("content", NULL);
    struct stat status;
    int fd = path ? real_open(path, O_RDONLY | O_CLOEXEC, 0) : -1;
    if (fd < 0) return;
    if (fstat(fd, &status) == 0 && status.st_size >= (off_t)length) {
        off_t frames = status.st_size / length;
        if (pread(fd, memory, length, frame % frames * length) < 0) memset(memory, 0, length);
    }
    real_close(fd);
}

static int dequeue_buffer(struct device *device, struct v4l2_buffer *buffer) {
    uint64_t ticks;
    if (buffer->memory != V4L2_MEMORY_MMAP || !device->streaming) return fail(EINVAL);
    if (!device->queued || read(device->fd, &ticks, sizeof ticks) < 0) return fail(EAGAIN);
    unsigned frame = device->frame;
    if (number("dqbuf", 0) && (long)frame >= number("dqbuf_at", 0)) return fail(number("dqbuf", 0));
    unsigned index = device->queue[0];
    memmove(device->queue, device->queue + 1, --device->queued * sizeof device->queue[0]);
    device->frame++;
    if (at("skip_at", frame)) device->sequence += 10;
    uint32_t length = device->format.sizeimage;
    if (device->memory[index]) draw(device, frame, device->memory[index], length);
    long shrink = number("shrink_at", -1);
    if (shrink >= 0 && (long)frame >= shrink) length /= 2;
    if (at("short_at", frame)) length -= 7;
    if (at("empty_at", frame)) length = 0;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    buffer->index = index;
    buffer->bytesused = length;
    buffer->length = device->format.sizeimage;
    buffer->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC | V4L2_BUF_FLAG_MAPPED;
    if (at("error_at", frame)) buffer->flags |= V4L2_BUF_FLAG_ERROR;
    buffer->field = V4L2_FIELD_NONE;
    buffer->timestamp = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    buffer->sequence = device->sequence++;
    if (at("stall_at", device->frame)) run_timer(device, 0);
    return 0;
}

static int stream(struct device *device, int on) {
    const char *key = on ? "streamon" : "streamoff";
    if (number(key, 0)) return fail(number(key, 0));
    if (on && !device->buffers) return fail(EINVAL);
    if (on && !device->streaming) device->frame = device->sequence = 0;
    device->streaming = on;
    if (!on) device->queued = 0;
    run_timer(device, on && number("stall_at", -1) != 0);
    return 0;
}

static int request(struct device *device, unsigned long request, void *argument) {
    struct v4l2_format *format = argument;
    switch (request) {
    case VIDIOC_QUERYCAP: return query_capabilities(argument);
    case VIDIOC_ENUM_FMT: return enumerate_formats(argument);
    case VIDIOC_ENUM_FRAMESIZES: return enumerate_sizes(argument);
    case VIDIOC_ENUM_FRAMEINTERVALS: return enumerate_rates(argument);
    case VIDIOC_G_FMT: format->fmt.pix = device->format; return 0;
    case VIDIOC_TRY_FMT: settle(&format->fmt.pix); return 0;
    case VIDIOC_S_FMT:
        if (number("busy", 0) || device->buffers || held_by_another(device)) return fail(EBUSY);
        settle(&format->fmt.pix);
        device->format = format->fmt.pix;
        return 0;
    case VIDIOC_G_PARM: return parameters(device, argument, 0);
    case VIDIOC_S_PARM: return parameters(device, argument, 1);
    case VIDIOC_REQBUFS: return request_buffers(device, argument);
    case VIDIOC_QUERYBUF: return query_buffer(device, argument);
    case VIDIOC_QBUF: return queue_buffer(device, argument);
    case VIDIOC_DQBUF: return dequeue_buffer(device, argument);
    case VIDIOC_STREAMON: return stream(device, 1);
    case VIDIOC_STREAMOFF: return stream(device, 0);
    default: return fail(ENOTTY);
    }
}

int ioctl(int fd, unsigned long number, ...) {
    REAL(int, "ioctl", int, unsigned long, ...);
    va_list list;
    va_start(list, number);
    void *argument = va_arg(list, void *);
    va_end(list);
    struct device *device = find(fd);
    if (!device) return real(fd, number, argument);
    ino_t file = 0;
    if (!read_text(device->path, &file) || file != device->file) device->dead = 1;
    if (device->dead) return fail(ENODEV);
    return request(device, number, argument);
}
