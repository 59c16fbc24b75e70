/* Whole files: read into memory, and written under another name until they are complete. */
#ifndef NETRT_HOST_FILE_H
#define NETRT_HOST_FILE_H

#include "message.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

struct netrt_bytes {
    unsigned char *data; /* from malloc; one zero byte follows the last */
    size_t size;
};

/* Reads all that comes, to its end; free(bytes->data) is the caller's. */
int netrt_stream_read(FILE *, const char *name, struct netrt_bytes *bytes, struct netrt_message *);
/* Reads a regular file; free(bytes->data) is the caller's. */
int netrt_file_read(const char *path, struct netrt_bytes *bytes, struct netrt_message *);

/* A file being written. */
struct netrt_writer {
    const char *path;
    char *temporary; /* NULL: a device or pipe, written in place */
    FILE *file;
    sigset_t signals; /* before: all wait while there is a temporary file */
};

/* Whether `path` is a pipe or a device, which is written as it is. */
bool netrt_is_device(const char *path);
/* Whether netrt_writer_open() can open it: before the work is done. */
int netrt_writer_check(const char *path, struct netrt_message *);
int netrt_writer_open(struct netrt_writer *, const char *path, struct netrt_message *);
/* Ends a file that was opened: gives it its name, or removes it where it is not complete
 * (`status` is not 0, or a write failed). Returns status, or the failure. */
int netrt_writer_close(struct netrt_writer *, int status, struct netrt_message *);

#endif
