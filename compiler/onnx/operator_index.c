/* What makes positions of elements, and what takes elements by them. */
#include "base/number.h"
#include "onnx/operators.h"

/* Runs of positions that follow each other are a slice each. */
static bool gather_runs(struct call *c, const struct datum *v, int axis, const struct constant *at,
                        struct datum *out)
{
    enum { MOST_RUNS = 256 };
    const int64_t n = constant_elements(at), size = datum_dim(v, axis);
    struct datum *parts = arena_array(c->import->arena, MOST_RUNS, sizeof *parts);
    const struct datum *list[MOST_RUNS];
    int runs = 0;
    for (int64_t i = 0, end; i < n; i = end) {
        int64_t first = constant_int_at(at, i);
        first = first < 0 ? first + size : first;
        for (end = i + 1; end < n; end++) {
            const int64_t next = constant_int_at(at, end);
            if ((next < 0 ? next + size : next) != first + end - i)
                break;
        }
        if (first < 0 || first + end - i > size)
            return call_lacks(c, "a position outside of dimension %d", axis);
        if (runs == MOST_RUNS)
            return call_lacks(c, "more than %d positions that do not follow each other", MOST_RUNS);
        if (!datum_slice(c, v, axis, first, end - i, 1, &parts[runs]))
            return false;
        list[runs] = &parts[runs];
        runs++;
    }
    return runs ? datum_concat(c, list, runs, axis, out) : call_lacks(c, "it gathers nothing");
}

/* Any positions, of what is known: an element each. */
static bool gather_known(struct call *c, const struct constant *k, int axis,
                         const struct constant *at, int rank, const int64_t *dim)
{
    struct import *s = c->import;
    void *elements;
    struct constant *all = constant_new(s->arena, &s->budget, k->dtype, rank, dim, &elements);
    const int64_t n = constant_elements(at), count = all ? constant_elements(all) : 0;
    int64_t inner = 1;
    for (int i = axis + 1; i < k->rank; i++)
        inner *= k->dim[i];
    for (int64_t i = 0; i < count; i++) {
        int64_t index = constant_int_at(at, i / inner % n);
        index = index < 0 ? index + k->dim[axis] : index;
        if (index < 0 || index >= k->dim[axis])
            return call_lacks(c, "a position outside of dimension %d", axis);
        struct walk w;
        walk_begin(&w, k, (i / inner / n * k->dim[axis] + index) * inner + i % inner);
        constant_put(all, elements, i, k, w.at);
    }
    return give_constant(c, all);
}

/* The dimensions of what is gathered: those of the positions in the place of one. */
static int gathered_dims(const struct call *c, int axis, int64_t dim[2 * CONSTANT_RANK])
{
    int rank = 0;
    for (int i = 0; i < operand_rank(c, 0); i++)
        if (i != axis)
            dim[rank++] = operand_dim(c, 0, i);
        else
            for (int k = 0; k < operand_rank(c, 1); k++)
                dim[rank++] = operand_dim(c, 1, k);
    return rank;
}

/* Positions that are known, of what flows or is known as well. */
static bool gather_at(struct call *c, const struct constant *at, int axis)
{
    int64_t dim[2 * CONSTANT_RANK];
    struct datum out;
    const int rank = gathered_dims(c, axis, dim);
    if (rank > CONSTANT_RANK)
        return call_lacks(c, "more than %d dimensions", CONSTANT_RANK);
    if (c->in[0]->kind == DATUM_constant)
        return gather_known(c, c->in[0]->constant, axis, at, rank, dim);
    return gather_runs(c, c->in[0], axis, at, &out) && datum_reshape(c, &out, rank, dim, &out) &&
           give_datum(c, out);
}

/* Positions that flow choose rows of a table that is known. */
static bool gather_rows(struct call *c, const struct constant *table)
{
    struct flow at, f;
    struct attrs a;
    int64_t dim[2 * CONSTANT_RANK];
    const int rank = gathered_dims(c, 0, dim);
    if (!operand_flow(c, 1, &at))
        return false;
    if (table->rank < 1 || table->dim[0] < 1 || rank > MAX_RANK)
        return call_lacks(c, "a table of %d dimensions", table->rank);
    attrs_init(&a, OP_embedding);
    a.num_embeddings = table->dim[0];
    a.embedding_dim = constant_elements(table) / table->dim[0];
    const struct bound bound = {ROLE_weight, table};
    f = (struct flow){make(c, OP_embedding, &a, &at.node, 1, &bound, 1), at.lead};
    return f.node && (table->rank == 2 || flow_reshape(c, f, rank, dim, &f)) && give(c, f);
}

bool convert_gather(struct call *c)
{
    const struct datum *v = operand_datum(c, 0), *at = v ? operand_datum(c, 1) : NULL;
    int axis;
    if (!at || !operand_axis(c, datum_rank(v), attribute_int(c, "axis", 0), &axis))
        return false;
    if (at->kind == DATUM_constant)
        return gather_at(c, at->constant, axis);
    if (v->kind == DATUM_constant && axis == 0)
        return gather_rows(c, v->constant);
    return call_lacks(c, "positions that flow choose rows of a matrix that is known here");
}

/* One position for each element of the result, as PyTorch's gather has them. */
bool convert_gather_elements(struct call *c)
{
    struct flow f, at;
    struct attrs a;
    int axis;
    if (!operand_flow(c, 0, &f) || !operand_flow(c, 1, &at) ||
        !operand_axis(c, flow_rank(f), attribute_int(c, "axis", 0), &axis))
        return false;
    const int lead = axis == 0 || flow_rank(f) < 2 ? 1 : 0;
    if (!flow_as(c, f, lead, &f) || !flow_as(c, at, lead, &at))
        return false;
    attrs_init(&a, OP_gather);
    a.dim.at[0] = lead + axis;
    struct node *const both[2] = {f.node, at.node};
    f = (struct flow){make(c, OP_gather, &a, both, 2, NULL, 0), lead};
    return f.node && give(c, f);
}

/* What flows in, its dimension `axis` being none of batches. */
static bool flow_along(struct call *c, int64_t axis, struct flow *f, int *to)
{
    return operand_flow(c, 0, f) && operand_axis(c, flow_rank(*f), axis, to) &&
           (*to || f->lead || flow_as(c, *f, 1, f));
}

static bool arg(struct call *c, enum op op)
{
    struct flow f;
    int axis;
    const bool keep = attribute_int(c, "keepdims", 1) != 0;
    if (attribute_int(c, "select_last_index", 0))
        return call_lacks(c, "it takes the last of several that are equal");
    return flow_along(c, attribute_int(c, "axis", 0), &f, &axis) &&
           flow_reduce(c, op, f, 1u << axis, keep, &f) && give(c, f);
}

bool convert_arg_max(struct call *c)
{
    return arg(c, OP_argmax);
}

bool convert_arg_min(struct call *c)
{
    return arg(c, OP_argmin);
}

/* How many: an attribute before version 10. */
static bool take_count(struct call *c, int64_t *count)
{
    int64_t list[1];
    const int n = operand_ints(c, 1, "k", list, 1);
    *count = n == 1 ? list[0] : attribute_int(c, "k", 0);
    return n >= 0;
}

bool convert_top_k(struct call *c)
{
    struct flow f, at;
    struct attrs a;
    int axis;
    attrs_init(&a, OP_topk);
    if (!flow_along(c, attribute_int(c, "axis", -1), &f, &axis) || !take_count(c, &a.count))
        return false;
    a.dim.at[0] = f.lead + axis;
    a.largest = attribute_int(c, "largest", 1) != 0;
    a.sorted = attribute_int(c, "sorted", 1) != 0;
    if (!make_flow(c, OP_topk, &a, f, &f))
        return false;
    if (c->n_out > 0)
        c->out[0] = datum_of_flow(f);
    attrs_init(&a, OP_result);
    a.index = 1;
    if (c->n_out < 2 || !*c->node->output[1])
        return true;
    if (!make_flow(c, OP_result, &a, f, &at))
        return false;
    c->out[1] = datum_of_flow(at);
    return true;
}
