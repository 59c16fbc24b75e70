#include "write_onnx.h"

#include "core/checkpoint.h"
#include "driver/output.h"
#include "onnx/onnx.h"

#include <stdlib.h>

/* What a checkpoint is compared with. */
static struct netrt_model parameters_of(const struct product *p, const struct graph *g)
{
    struct netrt_tensor *params = arena_array(p->arena, g->params.n + 1, sizeof *params);
    const char **ignored = arena_array(p->arena, g->ignored.n + 1, sizeof *ignored);
    for (size_t i = 0; i < g->params.n; i++) {
        const struct type *t = &g->params.at[i]->type;
        params[i] = (struct netrt_tensor){.name = g->params.at[i]->name, .rank = t->rank};
        for (int k = 0; k < t->rank; k++)
            params[i].dim[k] = (long)t->dim[k];
    }
    for (size_t i = 0; i < g->ignored.n; i++)
        ignored[i] = g->ignored.at[i];
    return (struct netrt_model){
        .name = g->name, .n_params = (int)g->params.n, .params = params, .ignored = ignored};
}

static bool write(const struct product *p, const struct graph *g, struct netrt_source *weights)
{
    const struct onnx_export_options o = {
        .opset = p->options->opset, .batch_given = p->options->batch_given, .weights = weights};
    struct onnx_bytes bytes;
    return onnx_export(p->arena, p->diags, g, &o, &bytes) &&
           output_write(p->diags, product_path(p), bytes.at, bytes.n);
}

/* With what a checkpoint holds. */
static bool write_bound(const struct product *p, const struct graph *g)
{
    const struct options *o = p->options;
    const struct netrt_checkpoint_options options = {.map = o->weights_map,
                                                     .ignore_extra = o->ignore_extra.at,
                                                     .n_ignore_extra = o->ignore_extra.n};
    const struct netrt_model model = parameters_of(p, g);
    char error[512], *report = NULL;
    struct netrt_checkpoint *c = netrt_checkpoint_open(o->weights, &options, error, sizeof error);
    bool done = false;
    if (!c) {
        diag_add(p->diags, (struct span){0}, MESSAGE(err_weights), error);
    } else if (netrt_checkpoint_fit(c, &model, &options, &report)) {
        const char *what = arena_printf(p->arena, "weights '%s' do not fit network '%s':\n%s",
                                        o->weights, g->name, report ? report : "out of memory");
        diag_add(p->diags, (struct span){0}, MESSAGE(err_weights), what);
    } else {
        struct netrt_checkpoint_source source;
        netrt_checkpoint_source_init(&source, c);
        done = write(p, g, &source.source);
    }
    free(report);
    netrt_checkpoint_close(c);
    return done;
}

bool write_onnx(const struct product *p, const struct graph *g)
{
    return p->options->weights ? write_bound(p, g) : write(p, g, p->own);
}
