#include "file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(FILE *file, const char *path, struct netrt_bytes *bytes,
                    struct netrt_message *m)
{
    struct stat info;
    if (fstat(fileno(file), &info))
        return netrt_fail(m, "cannot read '%s': %s", path, strerror(errno));
    if (S_ISDIR(info.st_mode))
        return netrt_fail(m, "'%s' is a folder, not a file", path);
    if (!S_ISREG(info.st_mode))
        return netrt_fail(m, "'%s' is not a regular file", path);
    bytes->data = (unsigned char *)malloc((size_t)info.st_size + 1);
    if (!bytes->data)
        return netrt_fail(m, "no memory for the %lld bytes of '%s'", (long long)info.st_size, path);
    bytes->size = fread(bytes->data, 1, (size_t)info.st_size, file);
    bytes->data[bytes->size] = 0;
    if (!ferror(file) && bytes->size == (size_t)info.st_size)
        return 0;
    int status = ferror(file) ? netrt_fail(m, "cannot read '%s': %s", path, strerror(errno))
                              : netrt_fail(m, "'%s' was cut short while it was read", path);
    free(bytes->data);
    *bytes = (struct netrt_bytes){0};
    return status;
}

int netrt_stream_read(FILE *file, const char *name, struct netrt_bytes *bytes,
                      struct netrt_message *m)
{
    size_t room = 1 << 16, n;
    *bytes = (struct netrt_bytes){.data = (unsigned char *)malloc(room)};
    while (bytes->data && (n = fread(bytes->data + bytes->size, 1, room - bytes->size - 1, file))) {
        bytes->size += n;
        if (bytes->size + 1 < room)
            continue;
        unsigned char *more =
            room > SIZE_MAX / 2 ? NULL : (unsigned char *)realloc(bytes->data, room *= 2);
        if (!more)
            free(bytes->data);
        bytes->data = more;
    }
    if (!bytes->data)
        return netrt_fail(m, "no memory for what '%s' has", name);
    bytes->data[bytes->size] = 0;
    if (!ferror(file))
        return 0;
    int status = netrt_fail(m, "cannot read '%s': %s", name, strerror(errno));
    free(bytes->data);
    *bytes = (struct netrt_bytes){0};
    return status;
}

int netrt_file_read(const char *path, struct netrt_bytes *bytes, struct netrt_message *m)
{
    *bytes = (struct netrt_bytes){0};
    FILE *file = fopen(path, "rb");
    if (!file)
        return netrt_fail(m, "cannot open '%s': %s", path, strerror(errno));
    int status = read_all(file, path, bytes, m);
    fclose(file);
    return status;
}

static int cannot_write(const char *path, struct netrt_message *m)
{
    return netrt_fail(m, "cannot write '%s': %s", path, strerror(errno));
}

/* The name under which a file is written: beside it, so that it can be renamed. */
static char *temporary_name(const char *path)
{
    size_t size = strlen(path) + 32;
    char *name = (char *)malloc(size);
    if (name)
        snprintf(name, size, "%s.%ld.tmp", path, (long)getpid());
    return name;
}

/* A fault of this thread cannot wait: one that has a handler may end well. */
static void hold_signals(struct netrt_writer *out)
{
    sigset_t all;
    sigfillset(&all);
    sigdelset(&all, SIGBUS);
    pthread_sigmask(SIG_BLOCK, &all, &out->signals);
}

/* Forgets the temporary file, which is renamed or removed: signals that waited come now. */
static void release_signals(struct netrt_writer *out)
{
    if (out->temporary)
        pthread_sigmask(SIG_SETMASK, &out->signals, NULL);
    free(out->temporary);
}

/* A pipe or a device is not replaced by a renamed file: it is written as it is. */
bool netrt_is_device(const char *path)
{
    struct stat info;
    return !stat(path, &info) && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

int netrt_writer_open(struct netrt_writer *out, const char *path, struct netrt_message *m)
{
    *out = (struct netrt_writer){.path = path};
    if (!netrt_is_device(path)) {
        out->temporary = temporary_name(path);
        if (!out->temporary)
            return netrt_fail(m, "out of memory");
        hold_signals(out);
    }
    out->file = fopen(out->temporary ? out->temporary : path, "wb");
    if (out->file)
        return 0;
    int status = cannot_write(path, m);
    release_signals(out);
    return status;
}

int netrt_writer_close(struct netrt_writer *out, int status, struct netrt_message *m)
{
    int bad = ferror(out->file);
    if ((fclose(out->file) || bad) && !status)
        status = cannot_write(out->path, m);
    if (out->temporary && !status && rename(out->temporary, out->path))
        status = cannot_write(out->path, m);
    if (out->temporary && status)
        remove(out->temporary);
    release_signals(out);
    return status;
}

int netrt_writer_check(const char *path, struct netrt_message *m)
{
    if (netrt_is_device(path)) /* a pipe that is closed at once would end its reader */
        return 0;
    struct netrt_writer out;
    int status = netrt_writer_open(&out, path, m);
    if (!status)
        netrt_writer_close(&out, NETRT_FAILED, m);
    return status;
}
