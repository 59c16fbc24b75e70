#include "image.h"
#include "codecs.h"
#include "../host/file.h"

#include <stdlib.h>
#include <string.h>

struct codec {
    const char *name;
    const char *magic;
    size_t magic_size;
    netrt_decoder *decode; /* NULL: this program was built without */
};

static const struct codec codecs[] = {
    {"JPEG", "\xff\xd8\xff", 3, NETRT_DECODE_JPEG},
    {"PNG", "\x89PNG\r\n\x1a\n", 8, NETRT_DECODE_PNG},
};

static const struct codec label_codecs[] = {
    {"PNG", "\x89PNG\r\n\x1a\n", 8, NETRT_DECODE_PNG},
};

enum {
    N_CODECS = sizeof codecs / sizeof *codecs,
    N_LABEL_CODECS = sizeof label_codecs / sizeof *label_codecs
};

static int decode(struct netrt_image *image, const struct codec *list, int n,
                  const struct netrt_bytes *bytes, const char *path, struct netrt_message *m)
{
    for (int i = 0; i < n; i++) {
        const struct codec *codec = &list[i];
        if (bytes->size < codec->magic_size ||
            memcmp(bytes->data, codec->magic, codec->magic_size) != 0)
            continue;
        if (!codec->decode)
            return netrt_fail(m, "'%s' is a %s picture, which this program was built without", path,
                              codec->name);
        struct netrt_message why = {0};
        if (codec->decode(image, bytes, &why))
            return netrt_fail(m, "cannot read picture '%s': %s", path, why.text);
        return 0;
    }
    return netrt_fail(m, "'%s' is not a %s: %s", path, list == codecs ? "picture" : "map of labels",
                      list == codecs ? "JPEG and PNG files are" : "PNG files are");
}

static int read_by(struct netrt_image *image, const struct codec *list, int n, const char *path,
                   struct netrt_message *m)
{
    struct netrt_bytes bytes;
    const bool input = !strcmp(path, "-");
    const char *name = input ? "standard input" : path;
    int status =
        input ? netrt_stream_read(stdin, name, &bytes, m) : netrt_file_read(path, &bytes, m);
    if (status)
        return status;
    status = decode(image, list, n, &bytes, name, m);
    free(bytes.data);
    if (status)
        netrt_image_release(image);
    return status;
}

int netrt_image_read(struct netrt_image *image, const char *path, struct netrt_message *m)
{
    *image = (struct netrt_image){.channels = 3};
    return read_by(image, codecs, N_CODECS, path, m);
}

int netrt_image_read_labels(struct netrt_image *image, const char *path, struct netrt_message *m)
{
    *image = (struct netrt_image){.channels = 1};
    return read_by(image, label_codecs, N_LABEL_CODECS, path, m);
}

int netrt_image_can_write(struct netrt_message *m)
{
    netrt_encoder *encode = NETRT_ENCODE_PNG;
    return encode ? 0
                  : netrt_fail(m, "this program was built without PNG, so it writes no pictures");
}

int netrt_image_write(const struct netrt_image *image, const unsigned char *palette,
                      const char *path, struct netrt_message *m)
{
    netrt_encoder *encode = NETRT_ENCODE_PNG;
    struct netrt_writer out;
    int status = netrt_image_can_write(m);
    if (!status)
        status = netrt_writer_open(&out, path, m);
    if (status)
        return status;
    status = encode(image, palette, out.file, m);
    return netrt_writer_close(&out, status, m);
}
