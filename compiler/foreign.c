#include "foreign.h"

#include "darknet/darknet.h"
#include "onnx/onnx.h"
#include "pass/pass.h"

#include <string.h>

static bool is_onnx(const char *path)
{
    const size_t n = strlen(path), m = strlen(".onnx");
    return n > m && !strcmp(path + n - m, ".onnx");
}

const char *foreign_kind(const char *path)
{
    return is_onnx(path)          ? "an ONNX file"
           : darknet_is_cfg(path) ? "a configuration of Darknet"
                                  : NULL;
}

/* What a description has and such a file has not. */
static bool refuse_options(struct foreign *f)
{
    const struct elaborate_options *e = f->options;
    const char *problem = NULL, *kind = foreign_kind(e->file);
    if (e->net) {
        problem = "%s has no nets to choose from by name:";
        f->value = e->net;
    } else if (e->n_defines) {
        problem = "%s has no parameters for -D:";
        f->value = e->defines[0];
    } else if (e->recipe) {
        problem = "%s has no recipes to choose from by name:";
        f->value = e->recipe;
    } else if (e->training) {
        problem = "%s is a network that runs, not one for";
        f->value = "--train";
    }
    if (!problem)
        return false;
    f->problem = arena_printf(f->arena, problem, kind);
    f->hint = "'--input NAME=3x96x96' and '--batch N' set its shapes";
    return f->wrong_call = true;
}

static struct graph *import_onnx(struct foreign *f)
{
    const struct elaborate_options *e = f->options;
    const struct onnx_options o = {.path = e->file,
                                   .inputs = e->inputs,
                                   .n_inputs = e->n_inputs,
                                   .batch = e->batch,
                                   .batch_given = e->batch_given};
    struct onnx_model model = {0};
    f->wrong_call =
        onnx_import(f->arena, f->strings, f->sources, f->diags, &o, &model) == ONNX_WRONG_CALL;
    f->weights = model.weights;
    if (model.graph)
        pass_run(PASS_attention, model.graph); /* exporters write it in parts */
    return model.graph;
}

static struct graph *import_darknet(struct foreign *f)
{
    const struct darknet_options o = {.path = f->options->file,
                                      .inputs = f->options->inputs,
                                      .n_inputs = f->options->n_inputs,
                                      .batch = f->options->batch};
    return darknet_import(f->arena, f->strings, f->sources, f->diags, &o, &f->wrong_call);
}

struct graph *foreign_import(struct foreign *f)
{
    if (refuse_options(f))
        return NULL;
    return is_onnx(f->options->file) ? import_onnx(f) : import_darknet(f);
}
