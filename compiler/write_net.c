#include "write_net.h"

#include "core/safetensors.h"
#include "driver/output.h"
#include "graph_weights.h"
#include "write/write.h"

#include <stdlib.h>
#include <string.h>

/* A checkpoint in memory. */
struct checkpoint {
    struct netrt_source *source;
    struct netrt_tensor *tensors; /* as the description calls them */
    const struct written_param *params;
    int n;
    char *bytes;
    size_t size;
};

static void describe(struct checkpoint *c, struct arena *arena)
{
    c->tensors = arena_array(arena, (size_t)c->n + 1, sizeof *c->tensors);
    for (int i = 0; i < c->n; i++) {
        const struct type *t = &c->params[i].weight->type;
        c->tensors[i] = (struct netrt_tensor){.name = c->params[i].name, .rank = t->rank};
        for (int k = 0; k < t->rank; k++)
            c->tensors[i].dim[k] = (long)t->dim[k];
    }
}

/* Reads each tensor to its place, under the name that its file has for it. */
static bool fill(struct checkpoint *c, size_t at, char *error, size_t error_size)
{
    for (int i = 0; i < c->n; i++) {
        struct netrt_tensor t = c->tensors[i];
        const long n = netrt_tensor_elements(&t);
        t.name = c->params[i].weight->name;
        if (c->source->load(c->source, &t, i, 0, n, (float *)(void *)(c->bytes + at), error,
                            error_size))
            return false;
        at += (size_t)n * sizeof(float);
    }
    return true;
}

/* The header is a multiple of 8 bytes, so that all tensors are aligned. */
static bool make(struct checkpoint *c, char *error, size_t error_size)
{
    size_t header_size, at;
    char *header = netrt_safetensors_header(c->tensors, c->n, &header_size);
    snprintf(error, error_size, "out of memory");
    at = sizeof(uint64_t) + header_size;
    c->size = at;
    for (int i = 0; i < c->n; i++)
        c->size += (size_t)netrt_tensor_elements(&c->tensors[i]) * sizeof(float);
    c->bytes = header ? malloc(c->size) : NULL;
    if (c->bytes) {
        const uint64_t length = header_size;
        memcpy(c->bytes, &length, sizeof length);
        memcpy(c->bytes + sizeof length, header, header_size);
    }
    free(header);
    return c->bytes && fill(c, at, error, error_size);
}

/* "net/resnet.safetensors" beside "net/resnet.net". */
static const char *weights_path(const struct product *p, const char *path)
{
    const size_t n = strlen(path);
    const bool ends = n > 4 && !strcmp(path + n - 4, ".net");
    return arena_printf(p->arena, "%.*s.safetensors", (int)(ends ? n - 4 : n), path);
}

static bool write_weights(const struct product *p, struct netrt_source *source,
                          const struct written_params *params, const char *path)
{
    struct checkpoint c = {.source = source, .params = params->list.at, .n = (int)params->list.n};
    char error[512];
    describe(&c, p->arena);
    bool done = make(&c, error, sizeof error);
    if (done)
        done = output_write(p->diags, path, c.bytes, c.size);
    else
        diag_add(p->diags, (struct span){0}, MESSAGE(err_write), path, error);
    free(c.bytes);
    return done;
}

/* The weights that there are, if any. */
static bool write_bound(const struct product *p, const struct graph *g,
                        const struct written_params *params, const char *path)
{
    struct graph_weights weights;
    const bool open = graph_weights_open(&weights, p, g);
    const bool done = open && (!weights.source || write_weights(p, weights.source, params, path));
    graph_weights_close(&weights);
    return done;
}

bool write_description(const struct product *p, struct sources *sources, struct strings *strings,
                       const struct graph *g)
{
    const char *path = p->options->import ? product_path(p) : p->options->output;
    struct written_params params = {0};
    struct text text;
    text_init(&text, p->arena);
    path = path ? path : "-";
    if (!write_net(&text, sources, p->diags, strings, g, &params))
        return false;
    if (p->options->import && params.list.n && strcmp(path, "-") != 0 &&
        !write_bound(p, g, &params, weights_path(p, path)))
        return false;
    return output_write(p->diags, path, text_string(&text), text.n);
}
