#include "bind.h"
#include "checkpoint.h"
#include "cpu.h"
#include "unroll.h"

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

static int bind_file(struct netrt_weights *w, const struct netrt_model *model, const char *path,
                     char *error, size_t error_size)
{
    struct netrt_model *whole = netrt_unroll(model);
    int status = whole ? bind_checkpoint(w, whole, path, error, error_size)
                       : bind_fail(error, error_size, "no memory for the tables of the network");
    free(whole);
    return status;
}

static int bind_embedded(struct netrt_weights *w, const struct netrt_model *model, char *error,
                         size_t error_size)
{
    w->packed = model->embedded;
    return model->embedded || !model->weights_bytes
               ? 0
               : bind_fail(error, error_size, "the program carries no weights: name a file");
}

struct netrt_weights *netrt_bind(const struct netrt_model *model, const char *path, char *error,
                                 size_t error_size)
{
    struct netrt_weights *w = calloc(1, sizeof *w);
    int status = w ? 0 : bind_fail(error, error_size, "no memory for the weights");
    if (!status && !(w->code = netrt_cpu_choose(model, error, error_size)))
        status = -1;
    if (!status)
        status = path ? bind_file(w, model, path, error, error_size)
                      : bind_embedded(w, model, error, error_size);
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
