#include "graph_weights.h"

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

/* Whether the checkpoint fits; else what does not is reported. */
static bool fits(const struct product *p, const struct graph *g,
                 const struct netrt_checkpoint_options *options, struct netrt_checkpoint *file)
{
    const struct netrt_model model = parameters_of(p, g);
    char *report = NULL;
    const bool good = !netrt_checkpoint_fit(file, &model, options, &report);
    if (!good)
        diag_add(p->diags, (struct span){0}, MESSAGE(err_weights),
                 arena_printf(p->arena, "weights '%s' do not fit network '%s':\n%s",
                              p->options->weights, g->name, report ? report : "out of memory"));
    free(report);
    return good;
}

bool graph_weights_open(struct graph_weights *w, const struct product *p, const struct graph *g)
{
    const struct options *o = p->options;
    const struct netrt_checkpoint_options options = {.map = o->weights_map,
                                                     .ignore_extra = o->ignore_extra.at,
                                                     .n_ignore_extra = o->ignore_extra.n};
    char error[512];
    *w = (struct graph_weights){.source = p->own};
    if (!o->weights)
        return true;
    w->file = netrt_checkpoint_open(o->weights, &options, error, sizeof error);
    if (!w->file)
        diag_add(p->diags, (struct span){0}, MESSAGE(err_weights), error);
    if (!w->file || !fits(p, g, &options, w->file))
        return false;
    netrt_checkpoint_source_init(&w->bound, w->file);
    w->source = &w->bound.source;
    return true;
}

void graph_weights_close(struct graph_weights *w)
{
    netrt_checkpoint_close(w->file);
}
