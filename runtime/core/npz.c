/* NumPy's archives: each tensor a .npy file, compressed or not. */
#include "npy_header.h"
#include "zip.h"

#include <string.h>

enum { MOST_HEADER = 4096 }; /* NumPy's own have 128 bytes, whatever the shape */

/* C order, or the first dimension next to itself. */
static void take_shape(struct checkpoint_tensor *t, const struct netrt_npy_header *h)
{
    uint64_t stride = 1;
    t->rank = h->rank;
    for (int i = 0; i < h->rank; i++)
        t->dim[i] = (uint64_t)h->dim[i];
    checkpoint_order(t);
    for (int i = 0; h->fortran && i < h->rank; i++) {
        t->stride[i] = stride;
        stride *= t->dim[i];
    }
}

/* Fills the tensor from its file's header; -1: that is none, or its shape needs another size. */
static int parse_entry(struct checkpoint_tensor *t, const unsigned char *bytes, size_t n)
{
    struct netrt_npy_header h = {0};
    uint64_t span, content = t->place.bytes;
    size_t start = netrt_npy_start(bytes, n, &h);
    if (!start || start > content)
        return -1;
    take_shape(t, &h);
    t->type = checkpoint_type(CHECKPOINT_NUMPY, h.type);
    if (checkpoint_span(t, &span) || (t->type && span != content - start))
        return -1;
    t->place.bytes -= start;
    if (t->place.deflated)
        t->place.skip = start;
    else
        t->place.start += start;
    return 0;
}

static int add_entry(struct netrt_checkpoint *c, int file, const struct zip_entry *e,
                     struct checkpoint_error *error)
{
    unsigned char bytes[MOST_HEADER];
    struct checkpoint_tensor t = {.name = NULL};
    if (zip_place(c, file, e, &t.place, error))
        return -1;
    struct checkpoint_place head = t.place;
    head.bytes = head.bytes < MOST_HEADER ? head.bytes : MOST_HEADER;
    if (checkpoint_read_place(c, &head, bytes, error))
        return -1;
    if (parse_entry(&t, bytes, (size_t)head.bytes))
        return checkpoint_fail(error,
                               "'%s' is cut short or damaged: tensor '%.80s' does not fit in it",
                               c->files[file].path, e->name);
    t.name = checkpoint_keep_text(c, e->name, strlen(e->name) - strlen(".npy"), error);
    return t.name ? checkpoint_add(c, &t, error) : -1;
}

int npz_read(struct netrt_checkpoint *c, int file, const struct zip *zip,
             struct checkpoint_error *error)
{
    for (size_t i = 0; i < zip->n; i++) {
        size_t n = strlen(zip->entries[i].name);
        if (n < 4 || strcmp(zip->entries[i].name + n - 4, ".npy") != 0)
            return checkpoint_fail(error,
                                   "'%s' is a zip archive, but neither PyTorch's nor NumPy's: it "
                                   "holds '%.80s'",
                                   c->files[file].path, zip->entries[i].name);
        if (add_entry(c, file, &zip->entries[i], error))
            return -1;
    }
    return 0;
}
