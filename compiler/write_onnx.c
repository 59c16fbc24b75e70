#include "write_onnx.h"

#include "driver/output.h"
#include "graph_weights.h"
#include "onnx/onnx.h"

static bool write(const struct product *p, const struct graph *g, struct netrt_source *weights)
{
    const struct onnx_export_options o = {
        .opset = p->options->opset, .batch_given = p->options->batch_given, .weights = weights};
    struct onnx_bytes bytes;
    return onnx_export(p->arena, p->diags, g, &o, &bytes) &&
           output_write(p->diags, product_path(p), bytes.at, bytes.n);
}

bool write_onnx(const struct product *p, const struct graph *g)
{
    struct graph_weights weights;
    const bool done = graph_weights_open(&weights, p, g) && write(p, g, weights.source);
    graph_weights_close(&weights);
    return done;
}
