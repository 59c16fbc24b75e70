#include "lsp/transport.h"

#include "base/arena.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* More than any editor sends: a description is at most 16 MiB. */
enum { LARGEST_HEADER = 1 << 13, LARGEST_MESSAGE = 1 << 27, CHUNK = 1 << 16 };

void transport_init(struct transport *t, int in, int out)
{
    *t = (struct transport){.in = in, .out = out};
}

void transport_release(struct transport *t)
{
    free(t->bytes);
}

/* Room for CHUNK more bytes. */
static void make_room(struct transport *t)
{
    if (t->at) {
        memmove(t->bytes, t->bytes + t->at, t->n - t->at);
        t->n -= t->at;
        t->at = 0;
    }
    if (t->capacity - t->n < CHUNK) {
        t->capacity = 2 * t->capacity + CHUNK;
        t->bytes = memory_resize(t->bytes, t->capacity);
    }
}

/* Reads some more; false at the end of the stream. */
static bool read_more(struct transport *t)
{
    make_room(t);
    ssize_t got;
    do
        got = read(t->in, t->bytes + t->n, CHUNK);
    while (got < 0 && errno == EINTR);
    if (got <= 0)
        return false;
    t->n += (size_t)got;
    return true;
}

/* The length of the header that is there as a whole, with its empty line; 0: it is not. */
static size_t header_size(const struct transport *t)
{
    for (size_t i = t->at; i + 4 <= t->n; i++)
        if (!memcmp(t->bytes + i, "\r\n\r\n", 4))
            return i + 4 - t->at;
    return 0;
}

/* The number that a line of the header gives; false: it gives none. */
static bool content_length(const char *line, size_t n, size_t *length)
{
    static const char name[] = "Content-Length:";
    char digits[32] = "", *end;
    size_t skip = sizeof name - 1;
    if (n <= skip || strncasecmp(line, name, skip) || n - skip >= sizeof digits)
        return false;
    memcpy(digits, line + skip, n - skip);
    char *first = digits + strspn(digits, " \t");
    unsigned long long value = strtoull(first, &end, 10);
    end += strspn(end, " \t");
    if (*first < '0' || *first > '9' || *end || value > LARGEST_MESSAGE)
        return false;
    *length = (size_t)value;
    return true;
}

static bool read_length(const char *header, size_t n, size_t *length)
{
    const char *end = header + n - 2;
    while (header < end) {
        const char *line = header;
        while (memcmp(header, "\r\n", 2))
            header++;
        if (content_length(line, (size_t)(header - line), length))
            return true;
        header += 2;
    }
    return false;
}

enum received transport_receive(struct transport *t, const char **message, size_t *size)
{
    size_t header;
    while (!(header = header_size(t)))
        if (t->n - t->at > LARGEST_HEADER)
            return RECEIVED_broken;
        else if (!read_more(t))
            return t->n == t->at ? RECEIVED_end : RECEIVED_broken;
    if (!read_length(t->bytes + t->at, header, size))
        return RECEIVED_broken;
    t->at += header;
    while (t->n - t->at < *size)
        if (!read_more(t))
            return RECEIVED_broken;
    *message = t->bytes + t->at;
    t->at += *size;
    return RECEIVED_message;
}

bool transport_pending(const struct transport *t)
{
    struct pollfd p = {.fd = t->in, .events = POLLIN};
    return t->at < t->n || poll(&p, 1, 0) > 0;
}

static bool write_all(int out, const char *bytes, size_t n)
{
    while (n) {
        ssize_t put = write(out, bytes, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        bytes += put;
        n -= (size_t)put;
    }
    return true;
}

bool transport_send(struct transport *t, json_t *message)
{
    char *text = json_dumps(message, JSON_COMPACT), header[64];
    json_decref(message);
    if (!text)
        return false;
    int n = snprintf(header, sizeof header, "Content-Length: %zu\r\n\r\n", strlen(text));
    bool sent = write_all(t->out, header, (size_t)n) && write_all(t->out, text, strlen(text));
    free(text);
    return sent;
}
