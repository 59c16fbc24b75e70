/* Steps of reductions over chosen dimensions, which keep these, of size 1 (pass squeeze). */
#include "lower/lowering.h"

/* Positions of one kind, kept or reduced, as two loops: the last is the inner one. */
enum { LOOPS = 2 };
struct loops {
    int n;
    bool overflow; /* more loops than a kernel has */
    int64_t size[LOOPS], in[LOOPS], out[LOOPS];
};

/* Adds a dimension inside of those before; what can be one with the last becomes one. */
static void loops_add(struct loops *l, int64_t size, int64_t in, int64_t out)
{
    if (size == 1)
        return;
    int at = l->n - 1;
    if (at >= 0 && l->in[at] == size * in && l->out[at] == size * out) {
        l->size[at] *= size;
    } else {
        l->overflow = l->overflow || l->n == LOOPS;
        if (l->overflow)
            return;
        at = l->n++;
        l->size[at] = size;
    }
    l->in[at] = in;
    l->out[at] = out;
}

/* Makes the last loop the inner one. */
static void loops_finish(struct loops *l)
{
    for (; l->n < LOOPS; l->n++) {
        for (int i = l->n; i > 0; i--) {
            l->size[i] = l->size[i - 1];
            l->in[i] = l->in[i - 1];
            l->out[i] = l->out[i - 1];
        }
        l->size[0] = 1;
        l->in[0] = l->out[0] = 0;
    }
}

/* Steps between neighbours of the dimensions that are positions: of a map all behind the channels,
 * of rows those between batch and channels. */
static void position_steps(const struct value *v, int64_t step[MAX_RANK])
{
    const struct type *t = &v->type;
    const bool rows = t->layout == LAYOUT_rows;
    int64_t inner = rows ? v->view.col : v->view.row;
    for (int i = t->rank - 1 - rows; i >= 1; i--) {
        const bool columns = !rows && i == t->rank - 1;
        step[i] = columns ? v->view.col : inner;
        inner *= columns ? 1 : t->dim[i];
    }
}

static void set_loops(struct netrt_reduce *k, struct loops *kept, struct loops *many)
{
    loops_finish(kept);
    loops_finish(many);
    k->kept0 = kept->size[0];
    k->kept1 = kept->size[1];
    k->in0 = kept->in[0];
    k->in1 = kept->in[1];
    k->out0 = kept->out[0];
    k->out1 = kept->out[1];
    k->many0 = many->size[0];
    k->many1 = many->size[1];
    k->step0 = many->in[0];
    k->step1 = many->in[1];
}

static enum netrt_reduction reduction_of(enum op op)
{
    static const enum netrt_reduction reductions[N_OPS] = {
#define REDUCTION(name, doc) [OP_##name] = NETRT_REDUCTION_##name,
#include "kernels/reductions.def"
    };
    return reductions[op];
}

static void reduce_add(struct lowering *l, const struct value *out, const struct value *in)
{
    const struct type *from = &in->type;
    const bool rows = from->layout == LAYOUT_rows;
    const int channels = rows ? from->rank - 1 : 1;
    const unsigned axes = attrs_axes(&l->node->attr, from);
    int64_t in_step[MAX_RANK], out_step[MAX_RANK];
    struct loops kept = {0}, many = {0};
    struct netrt_reduce *k = &step_add(l, KERNEL_reduce, out, in)->shape.reduce;
    position_steps(in, in_step);
    position_steps(out, out_step);
    for (int i = 1; i < from->rank; i++) {
        if (i == channels)
            continue;
        if (axes >> i & 1)
            loops_add(&many, from->dim[i], in_step[i], 0);
        else
            loops_add(&kept, from->dim[i], in_step[i], out_step[i]);
    }
    k->in = in->view;
    k->out = out->view;
    k->reduction = reduction_of(l->node->op);
    k->images = type_n(from);
    k->c = type_c(from);
    k->over_channels = axes >> channels & 1;
    k->oh = type_h(&out->type);
    k->ow = type_w(&out->type);
    SET_BORDER(k, out);
    set_loops(k, &kept, &many);
    if (kept.overflow || many.overflow)
        diag_add(l->diags, l->node->span, MESSAGE(err_plan_layout), l->node->name);
}

void lower_reduce(struct lowering *l)
{
    const struct value *in = value_in(l, 0), *out;
    if (!l->node->attr.keepdim)
        diag_add(l->diags, l->node->span, MESSAGE(err_plan_layout), l->node->name);
    else if ((out = value_make(l)))
        reduce_add(l, out, in);
}
