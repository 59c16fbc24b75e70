/* What makes positions of elements, and what takes elements by them. */
#include "base/number.h"
#include "onnx/chosen.h"

/* Position number i, which counts from the end where it is negative. False: it is outside of the
 * dimension, of that size (reported). */
static bool position_at(struct call *c, const struct constant *at, int64_t i, int64_t size,
                        int axis, int64_t *index)
{
    *index = constant_int_at(at, i);
    *index = *index < 0 ? *index + size : *index;
    return (*index >= 0 && *index < size) ||
           call_lacks(c, "a position outside of dimension %d", axis);
}

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
        int64_t first;
        if (!position_at(c, at, i, size, axis, &first))
            return false;
        for (end = i + 1; end < n; end++) {
            const int64_t next = constant_int_at(at, end);
            if ((next < 0 ? next + size : next) != first + end - i)
                break;
        }
        if (first + end - i > size)
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
        int64_t index;
        if (!position_at(c, at, i / inner % n, k->dim[axis], axis, &index))
            return false;
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

/* Positions that are known, of what flows or is known as well; the result is of these dimensions.
 */
static bool gather_into(struct call *c, const struct datum *v, int axis, const struct constant *at,
                        int rank, const int64_t *dim)
{
    struct datum out;
    if (rank > CONSTANT_RANK)
        return call_lacks(c, "more than %d dimensions", CONSTANT_RANK);
    if (v->kind == DATUM_constant)
        return gather_known(c, v->constant, axis, at, rank, dim);
    return gather_runs(c, v, axis, at, &out) && datum_reshape(c, &out, rank, dim, &out) &&
           give_datum(c, out);
}

static bool gather_at(struct call *c, const struct constant *at, int axis)
{
    int64_t dim[2 * CONSTANT_RANK];
    const int rank = gathered_dims(c, axis, dim);
    return gather_into(c, c->in[0], axis, at, rank, dim);
}

/* Positions that flow choose rows of a table that is known; the result is of these dimensions. */
static bool gather_table(struct call *c, const struct constant *table, struct flow at, int rank,
                         const int64_t *dim, struct flow *out)
{
    struct attrs a;
    if (table->rank < 1 || table->dim[0] < 1 || rank > MAX_RANK)
        return call_lacks(c, "a table of %d dimensions", table->rank);
    attrs_init(&a, OP_embedding);
    a.num_embeddings = table->dim[0];
    a.embedding_dim = constant_elements(table) / table->dim[0];
    const struct bound bound = {ROLE_weight, table};
    *out = (struct flow){make(c, OP_embedding, &a, &at.node, 1, &bound, 1), at.lead};
    return out->node && (table->rank == 2 || flow_reshape(c, *out, rank, dim, out));
}

static bool gather_rows(struct call *c, const struct constant *table)
{
    struct flow at, f;
    int64_t dim[2 * CONSTANT_RANK];
    const int rank = gathered_dims(c, 0, dim);
    return operand_flow(c, 1, &at) && gather_table(c, table, at, rank, dim, &f) && give(c, f);
}

/* Positions, [n, 1], for each column: of many by way of floats, which spread. */
static bool spread_positions(struct call *c, struct flow at, int64_t n, int64_t columns,
                             int64_t rows, struct datum *out)
{
    enum { MOST_PARTS = 64, MOST_EXACT = 1 << 24 };
    const int64_t dim[2] = {n, columns};
    const struct datum one = datum_of_flow(at), *list[MOST_PARTS];
    struct datum number;
    struct flow f;
    for (int64_t i = 0; i < columns && i < MOST_PARTS; i++)
        list[i] = &one;
    if (columns <= MOST_PARTS)
        return datum_concat(c, list, (int)columns, 1, out);
    if (rows > MOST_EXACT)
        return call_lacks(c, "rows of more than %d elements are chosen of more than %d", MOST_PARTS,
                          MOST_EXACT);
    if (!flow_floats(c, at, &f))
        return false;
    number = datum_of_flow(f);
    if (!datum_spread(c, &number, 2, dim, out) || !flow_integers(c, out->flow, &f))
        return false;
    *out = datum_of_flow(f);
    return true;
}

/* Rows of a tensor, as gather takes them: a position for each element. */
static bool gather_flow(struct call *c, struct flow v, struct flow at, int64_t n, struct flow *out)
{
    const int64_t rows = flow_dim(v, 0), columns = type_elements(&v.node->type) / rows;
    const int64_t flat[2] = {rows, columns}, one[2] = {n, 1};
    struct datum all;
    struct attrs a;
    if (!flow_reshape(c, v, 2, flat, &v) || !flow_as(c, v, 1, &v) ||
        !flow_reshape(c, at, 2, one, &at) || !flow_as(c, at, 1, &at) ||
        !spread_positions(c, at, n, columns, rows, &all) || !flow_as(c, all.flow, 1, &at))
        return false;
    attrs_init(&a, OP_gather);
    a.dim.at[0] = 1;
    struct node *const both[2] = {v.node, at.node};
    *out = (struct flow){make(c, OP_gather, &a, both, 2, NULL, 0), 1};
    return out->node;
}

bool gather_rows_of(struct call *c, const struct datum *v, struct flow at, struct datum *out)
{
    const bool known = v->kind == DATUM_constant;
    const bool integers = known && dtype_is_integer(v->constant->dtype);
    const int rank = datum_rank(v);
    int64_t dim[CONSTANT_RANK] = {flow_dim(at, 0)};
    struct flow f;
    for (int i = 1; i < rank; i++)
        dim[i] = datum_dim(v, i);
    const struct constant *table = integers ? integers_as_floats(c, v->constant) : v->constant;
    if ((known && !table) ||
        !(known ? gather_table(c, table, at, rank, dim, &f)
                : gather_flow(c, v->flow, at, dim[0], &f) && flow_reshape(c, f, rank, dim, &f)))
        return false;
    if (integers && !flow_chosen_integers(c, f, v->constant, &f))
        return false;
    *out = datum_of_flow(f);
    return true;
}

/* Rows in the shape of their positions. */
static bool gather_vector(struct call *c, const struct datum *v, struct flow at)
{
    int64_t dim[2 * CONSTANT_RANK], n = 1;
    const int rank = gathered_dims(c, 0, dim);
    struct datum rows;
    for (int i = 0; i < flow_rank(at); i++)
        n *= flow_dim(at, i);
    if (rank > CONSTANT_RANK)
        return call_lacks(c, "more than %d dimensions", CONSTANT_RANK);
    return flow_reshape(c, at, 1, &n, &at) && gather_rows_of(c, v, at, &rows) &&
           datum_reshape(c, &rows, rank, dim, &c->out[0]);
}

static bool is_zero_at(const struct constant *k, int64_t i)
{
    return dtype_is_float(k->dtype) ? constant_real_at(k, i) == 0 : constant_int_at(k, i) == 0;
}

/* Of what is known: a column for each element that is not 0. */
bool convert_non_zero(struct call *c)
{
    struct import *s = c->import;
    const struct constant *k = operand_constant(c, 0, "what it looks for");
    int64_t dim[2] = {k ? k->rank : 0, 0}, column = 0;
    void *elements;
    struct walk w;
    if (!k || !budget_take(&s->budget, constant_elements(k)))
        return k && give_constant(c, NULL);
    for (int64_t i = 0; i < constant_elements(k); i++)
        dim[1] += !is_zero_at(k, i);
    struct constant *all = constant_new(s->arena, &s->budget, DTYPE_i64, 2, dim, &elements);
    walk_begin(&w, k, 0);
    for (int64_t i = 0; all && i < constant_elements(k); i++) {
        for (int d = 0; d < k->rank && !is_zero_at(k, i); d++)
            constant_put_int(all, elements, d * dim[1] + column, w.index[d]);
        column += !is_zero_at(k, i);
        walk_next(&w);
    }
    return give_constant(c, all);
}

bool convert_gather(struct call *c)
{
    const struct datum *v = operand_datum(c, 0), *at = v ? operand_datum(c, 1) : NULL;
    int axis;
    if (!at || !operand_axis(c, datum_rank(v), attribute_int(c, "axis", 0), &axis))
        return false;
    if (at->kind == DATUM_constant)
        return gather_at(c, at->constant, axis);
    if (axis)
        return call_lacks(c, "positions that flow choose rows, not along dimension %d", axis);
    return v->kind == DATUM_constant && dtype_is_float(v->constant->dtype)
               ? gather_rows(c, v->constant)
               : gather_vector(c, v, at->flow);
}

/* Of positions in the first dimensions, `batch` + `depth` of them, each as one number: that of the
 * part in C order. In the first `batch` dimensions a position is at its own place. NULL: reported.
 */
static struct constant *positions_in_order(struct call *c, const struct datum *v,
                                           const struct constant *at, int batch, int depth)
{
    struct import *s = c->import;
    void *elements;
    struct constant *all =
        constant_new(s->arena, &s->budget, DTYPE_i64, at->rank - 1, at->dim, &elements);
    if (!all)
        give_constant(c, NULL);
    for (int64_t row = 0, n = all ? constant_elements(all) : 0; row < n; row++) {
        struct walk w;
        int64_t place = 0;
        walk_begin(&w, all, row);
        for (int i = 0; i < batch; i++)
            place = place * datum_dim(v, i) + w.index[i];
        for (int i = 0; i < depth; i++) {
            const int64_t size = datum_dim(v, batch + i);
            int64_t index;
            if (!position_at(c, at, row * depth + i, size, batch + i, &index))
                return NULL;
            place = place * size + index;
        }
        constant_put_int(all, elements, row, place);
    }
    return all;
}

/* Whether positions fit what they choose from: their last dimension says how many dimensions a
 * position has, the first `batch` ones are those of both. */
static bool positions_fit(const struct datum *v, const struct constant *at, int64_t batch)
{
    if (at->rank < 1 || batch < 0 || batch >= at->rank || at->dim[at->rank - 1] < 1 ||
        batch + at->dim[at->rank - 1] > datum_rank(v))
        return false;
    for (int i = 0; i < batch; i++)
        if (at->dim[i] != datum_dim(v, i))
            return false;
    return true;
}

/* Gather along the dimensions that positions have, as one. */
bool convert_gather_nd(struct call *c)
{
    const struct datum *v = operand_datum(c, 0);
    const struct constant *at = v ? operand_constant(c, 1, "the positions") : NULL;
    const int64_t batch = attribute_int(c, "batch_dims", 0);
    int64_t flat[CONSTANT_RANK] = {1}, dim[2 * CONSTANT_RANK];
    struct datum parts;
    int rank = 0, n = 1;
    if (!at)
        return false;
    if (!positions_fit(v, at, batch))
        return call_lacks(c, "its positions do not fit its operand");
    const int depth = (int)at->dim[at->rank - 1];
    for (; rank < at->rank - 1; rank++)
        dim[rank] = at->dim[rank];
    for (int i = 0; i < datum_rank(v); i++)
        if (i < batch + depth)
            flat[0] *= datum_dim(v, i);
        else
            flat[n++] = dim[rank++] = datum_dim(v, i);
    const struct constant *places = positions_in_order(c, v, at, (int)batch, depth);
    return places && datum_reshape(c, v, n, flat, &parts) &&
           gather_into(c, &parts, 0, places, rank, dim);
}

/* Of what is not chosen netc puts nothing anywhere. */
bool convert_scatter_elements(struct call *c)
{
    return call_lacks(c, "it puts elements where no mask is true that was made of them");
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
