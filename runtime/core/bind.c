#include "bind.h"
#include "checkpoint.h"
#include "cpu.h"
#include "unroll.h"
#include "weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BIND_ALIGN = 64 };

static int bind_fail(char *error, size_t error_size, const char *message)
{
    snprintf(error, error_size, "%s", message);
    return -1;
}

/* Zeroed memory for the packed weights. */
static void *bind_memory(const struct netrt_model *model)
{
    const size_t whole = (model->weights_bytes + BIND_ALIGN) / BIND_ALIGN * BIND_ALIGN;
    void *memory = aligned_alloc(BIND_ALIGN, whole);
    return memory ? memset(memory, 0, whole) : NULL;
}

static int pack(struct netrt_weights *w, const struct netrt_model *model,
                struct netrt_source *source, char *error, size_t error_size)
{
    w->owned = bind_memory(model);
    w->packed = w->owned;
    if (!w->owned)
        return bind_fail(error, error_size, "no memory for the weights");
    return netrt_pack_weights(model, source, w->owned, error, error_size);
}

static int bind_checkpoint(struct netrt_weights *w, const struct netrt_model *model,
                           const char *path, char *error, size_t error_size)
{
    char *report = NULL;
    w->owned = bind_memory(model);
    w->packed = w->owned;
    if (!w->owned)
        return bind_fail(error, error_size, "no memory for the weights");
    int status = netrt_checkpoint_bind(model, path, NULL, w->owned, error, error_size, &report);
    if (report) {
        size_t n = strlen(error);
        snprintf(error + n, error_size - n, "\n%s", report);
    }
    free(report);
    return status;
}

/* Packs the numbers of a network without parameters, for which any source will do. */
static int bind_constants(struct netrt_weights *w, const struct netrt_model *model, char *error,
                          size_t error_size)
{
    struct netrt_random_source none;
    netrt_random_source_init(&none, 0);
    return pack(w, model, &none.source, error, error_size);
}

static int bind_unrolled(struct netrt_weights *w, const struct netrt_model *model, const char *path,
                         char *error, size_t error_size)
{
    struct netrt_model *whole = netrt_unroll(model);
    if (!whole)
        return bind_fail(error, error_size, "no memory for the tables of the network");
    int status = path ? bind_checkpoint(w, whole, path, error, error_size)
                      : bind_constants(w, whole, error, error_size);
    free(whole);
    return status;
}

static int bind_weights(struct netrt_weights *w, const struct netrt_model *model, const char *path,
                        char *error, size_t error_size)
{
    w->packed = model->embedded;
    if (!path && (model->embedded || !model->weights_bytes))
        return 0;
    if (!path && model->n_params)
        return bind_fail(error, error_size, "the program carries no weights: name a file");
    return bind_unrolled(w, model, path, error, error_size);
}

struct netrt_weights *netrt_bind(const struct netrt_model *model, const char *path, char *error,
                                 size_t error_size)
{
    struct netrt_weights *w = calloc(1, sizeof *w);
    int status = w ? 0 : bind_fail(error, error_size, "no memory for the weights");
    if (!status && !(w->code = netrt_cpu_choose(model, error, error_size)))
        status = -1;
    if (!status)
        status = bind_weights(w, model, path, error, error_size);
    if (!status)
        return w;
    netrt_unbind(w);
    return NULL;
}

void netrt_unbind(struct netrt_weights *w)
{
    if (w)
        free(w->owned);
    free(w);
}
