/* Elements of a checkpoint's tensors as floats. */
#include "checkpoint_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if NETRT_HAVE_ZLIB
#include <zlib.h>
#endif

enum { CHUNK = 16384, WIDEST = 8 };

static void widen_f32(const unsigned char *from, size_t n, float *to)
{
    memcpy(to, from, n * sizeof *to);
}

static float widen_half(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31;
    uint32_t mantissa = half & 1023, bits;
    if (!exponent) {
        float small = (float)mantissa / 16777216; /* subnormal: units of 2^-24 */
        return sign ? -small : small;
    }
    bits = sign | (exponent == 31 ? 255 : exponent + 112) << 23 | mantissa << 13;
    float wide;
    memcpy(&wide, &bits, sizeof wide);
    return wide;
}

static void widen_f16(const unsigned char *from, size_t n, float *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] = widen_half((uint16_t)(from[2 * i] | from[2 * i + 1] << 8));
}

static void widen_bf16(const unsigned char *from, size_t n, float *to)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = (uint32_t)from[2 * i] << 16 | (uint32_t)from[2 * i + 1] << 24;
        memcpy(&to[i], &bits, sizeof to[i]);
    }
}

/* Rounded, as every framework rounds a double to a float. */
static void widen_f64(const unsigned char *from, size_t n, float *to)
{
    for (size_t i = 0; i < n; i++) {
        double wide;
        memcpy(&wide, from + i * sizeof wide, sizeof wide);
        to[i] = (float)wide;
    }
}

static const struct checkpoint_type types[] = {
#define DTYPE(id, bytes, name, numpy, torch, widen, ...) {name, numpy, torch, bytes, widen},
#include "dtypes.def"
};

const struct checkpoint_type *checkpoint_type(enum checkpoint_naming naming, const char *name)
{
    for (size_t i = 0; name && i < sizeof types / sizeof *types; i++) {
        const char *own = naming == CHECKPOINT_OWN     ? types[i].name
                          : naming == CHECKPOINT_NUMPY ? types[i].numpy
                                                       : types[i].torch;
        if (own && !strcmp(own, name))
            return &types[i];
    }
    return NULL;
}

#if NETRT_HAVE_ZLIB
/* Inflates a place, whose bytes are taken in turn, into what is skipped and then `data`. */
static int inflate_into(const struct netrt_checkpoint *c, const struct checkpoint_place *p,
                        z_stream *z, unsigned char *data, struct checkpoint_error *error)
{
    unsigned char in[CHUNK], skipped[CHUNK];
    uint64_t taken = 0, made = 0, end = p->skip + p->bytes;
    for (int status = Z_OK; made < end;) {
        uint64_t left = p->deflated - taken;
        if (!z->avail_in && left) {
            size_t n = left < CHUNK ? (size_t)left : CHUNK;
            if (checkpoint_read_at(c, p->file, p->start + taken, in, n, error))
                return -1;
            z->next_in = in;
            z->avail_in = (uInt)n;
            taken += n;
        }
        uint64_t room = made < p->skip ? p->skip - made : end - made;
        uInt n = room < CHUNK ? (uInt)room : CHUNK;
        z->next_out = made < p->skip ? skipped : data + (made - p->skip);
        z->avail_out = n;
        status = inflate(z, Z_NO_FLUSH);
        made += n - z->avail_out;
        if ((status != Z_OK && status != Z_STREAM_END) || (status == Z_STREAM_END && made < end))
            return checkpoint_fail(error, "'%s' is damaged: what it holds compressed is not whole",
                                   c->files[p->file].path);
    }
    return 0;
}

static int read_deflated(const struct netrt_checkpoint *c, const struct checkpoint_place *p,
                         unsigned char *data, struct checkpoint_error *error)
{
    z_stream z = {0};
    if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
        return checkpoint_fail(error, "out of memory");
    int status = inflate_into(c, p, &z, data, error);
    inflateEnd(&z);
    return status;
}
#else
static int read_deflated(const struct netrt_checkpoint *c, const struct checkpoint_place *p,
                         unsigned char *data, struct checkpoint_error *error)
{
    (void)data;
    return checkpoint_fail(error, "'%s' is compressed, and this program was built without zlib",
                           c->files[p->file].path);
}
#endif

int checkpoint_read_place(const struct netrt_checkpoint *c, const struct checkpoint_place *p,
                          unsigned char *data, struct checkpoint_error *error)
{
    return p->deflated ? read_deflated(c, p, data, error)
                       : checkpoint_read_at(c, p->file, p->start, data, (size_t)p->bytes, error);
}

/* Copies elements that lie by strides into C order. */
static void put_in_order(const struct checkpoint_tensor *t, const unsigned char *from,
                         unsigned char *to)
{
    const size_t size = t->type->size;
    uint64_t index[CHECKPOINT_MAX_RANK] = {0}, n = checkpoint_elements(t), at = 0;
    for (uint64_t i = 0; i < n; i++) {
        memcpy(to + i * size, from + at * size, size);
        for (int d = t->rank - 1; d >= 0; d--) {
            at += t->stride[d];
            if (++index[d] < t->dim[d])
                break;
            at -= t->stride[d] * t->dim[d];
            index[d] = 0;
        }
    }
}

/* Reads a whole tensor that does not lie in the file as it is wanted. Its shape is that of a
 * network's parameter, so the memory is no more than the network's own. */
static int hold(const struct netrt_checkpoint *c, struct checkpoint_tensor *t,
                struct checkpoint_error *error)
{
    unsigned char *raw = malloc((size_t)t->place.bytes + 1), *ordered = raw;
    if (!t->in_order)
        ordered = malloc((size_t)checkpoint_elements(t) * t->type->size + 1);
    int status = raw && ordered ? checkpoint_read_place(c, &t->place, raw, error)
                                : checkpoint_fail(error, "out of memory");
    if (!status && !t->in_order)
        put_in_order(t, raw, ordered);
    if (!status)
        t->held = ordered;
    if (status && ordered != raw)
        free(ordered);
    if (status || ordered != raw)
        free(raw);
    return status;
}

/* Elements that lie in the file as they are wanted, a chunk at a time. */
static int stream(const struct netrt_checkpoint *c, const struct checkpoint_tensor *t, size_t first,
                  size_t n, float *data, struct checkpoint_error *error)
{
    unsigned char chunk[CHUNK];
    const size_t size = t->type->size, most = CHUNK / WIDEST;
    for (size_t done = 0; done < n; done += most) {
        size_t count = n - done < most ? n - done : most;
        if (checkpoint_read_at(c, t->place.file, t->place.start + (first + done) * size, chunk,
                               count * size, error))
            return -1;
        t->type->widen(chunk, count, data + done);
    }
    return 0;
}

static int load(struct netrt_source *source, const struct netrt_tensor *param, int number,
                long first, long n, float *data, char *text, size_t text_size)
{
    const struct netrt_checkpoint *c = ((struct netrt_checkpoint_source *)source)->checkpoint;
    struct checkpoint_tensor *t = checkpoint_find(c, param->name);
    struct checkpoint_error error = {text, text_size};
    (void)number;
    if (!t || !t->type || !t->type->widen || (uint64_t)(first + n) > checkpoint_elements(t))
        return checkpoint_fail(&error, "'%s' has no tensor '%s' that fits", c->files[0].path,
                               param->name);
    if (t->in_order && !t->place.deflated)
        return stream(c, t, (size_t)first, (size_t)n, data, &error);
    if (!t->held && hold(c, t, &error))
        return -1;
    t->type->widen(t->held + (size_t)first * t->type->size, (size_t)n, data);
    return 0;
}

void netrt_checkpoint_source_init(struct netrt_checkpoint_source *source,
                                  struct netrt_checkpoint *checkpoint)
{
    *source = (struct netrt_checkpoint_source){.source.load = load, .checkpoint = checkpoint};
}

static int bind(struct netrt_checkpoint *c, const struct netrt_model *model, const char *path,
                const struct netrt_checkpoint_options *options, void *packed,
                struct checkpoint_error *error, char **report)
{
    struct netrt_checkpoint_source source;
    const int bad = netrt_checkpoint_fit(c, model, options, report);
    if (bad && !*report)
        return checkpoint_fail(error, "no memory to check weights '%s': out of memory", path);
    if (bad)
        return checkpoint_fail(error, "weights '%s' do not fit network '%s':", path, model->name);
    netrt_checkpoint_source_init(&source, c);
    return netrt_pack_weights(model, &source.source, packed, error->text, error->size);
}

int netrt_checkpoint_bind(const struct netrt_model *model, const char *path,
                          const struct netrt_checkpoint_options *options, void *packed, char *error,
                          size_t error_size, char **report)
{
    struct checkpoint_error e = {error, error_size};
    *report = NULL;
    struct netrt_checkpoint *c = netrt_checkpoint_open(path, options, error, error_size);
    int status = c ? bind(c, model, path, options, packed, &e, report) : -1;
    netrt_checkpoint_close(c);
    return status;
}
