/* Attention of queries, keys and values, [batch, heads, rows, columns]. */
#include "onnx/operators.h"

#include "base/number.h"

#include <math.h>
#include <string.h>

struct attention {
    struct datum query, key, value, mask;
    bool masked;
    int64_t heads, groups; /* of queries, of keys */
};

/* Which keys a row sees: those between so many before its own place and so many behind it. */
struct sight {
    int64_t rows, keys, past;
    int64_t left, right; /* below 0: all */
};

/* [batch, rows, heads * columns] as [batch, heads, rows, columns]. */
static bool part_heads(struct call *c, int64_t heads, struct datum *v)
{
    static const int turned[4] = {0, 2, 1, 3};
    const int64_t columns = datum_dim(v, 2);
    if (heads < 1 || columns % heads)
        return call_lacks(c, "%lld columns do not divide into %lld heads", (long long)columns,
                          (long long)heads);
    const int64_t dim[4] = {datum_dim(v, 0), datum_dim(v, 1), heads, columns / heads};
    return datum_reshape(c, v, 4, dim, v) && datum_permute(c, v, turned, v);
}

static bool take_heads(struct call *c, int i, const char *heads, struct datum *v)
{
    const struct datum *given = operand_datum(c, i);
    if (!given)
        return false;
    *v = *given;
    if (datum_rank(v) == 4)
        return true;
    return datum_rank(v) == 3
               ? part_heads(c, attribute_int(c, heads, 0), v)
               : call_lacks(c, "operand %d has %d dimensions, not 3 or 4", i + 1, datum_rank(v));
}

/* Keys or values of before stand before them. */
static bool add_past(struct call *c, int i, struct datum *v)
{
    const struct datum *both[2] = {operand_given(c, i) ? operand_datum(c, i) : NULL, v};
    if (!operand_given(c, i))
        return true;
    if (!both[0] || datum_rank(both[0]) != 4)
        return call_lacks(c, "operand %d has not 4 dimensions", i + 1);
    return datum_concat(c, both, 2, 2, v);
}

static bool take_matrices(struct call *c, struct attention *a)
{
    if (!take_heads(c, 0, "q_num_heads", &a->query) || !take_heads(c, 1, "kv_num_heads", &a->key) ||
        !take_heads(c, 2, "kv_num_heads", &a->value))
        return false;
    if (!add_past(c, 4, &a->key) || !add_past(c, 5, &a->value))
        return false;
    a->heads = datum_dim(&a->query, 1);
    a->groups = datum_dim(&a->key, 1);
    const int64_t values = datum_dim(&a->value, 1);
    return (a->groups > 0 && a->heads % a->groups == 0 && values == a->groups) ||
           call_lacks(c, "%lld heads of queries do not divide into %lld of keys, %lld of values",
                      (long long)a->heads, (long long)a->groups, (long long)values);
}

static bool hides(const struct sight *s, int64_t row, int64_t key)
{
    const int64_t before = row + s->past - key;
    return (s->left >= 0 && before > s->left) || (s->right >= 0 && -before > s->right);
}

static struct sight sight_of(const struct call *c, const struct attention *a)
{
    const bool causal = attribute_int(c, "is_causal", 0);
    const int64_t right = attribute_int(c, "right_window_size", -1);
    return (struct sight){.rows = datum_dim(&a->query, 2),
                          .keys = datum_dim(&a->key, 2),
                          .past = operand_given(c, 4) ? operand_dim(c, 4, 2) : 0,
                          .left = attribute_int(c, "left_window_size", -1),
                          .right = causal ? 0 : right};
}

/* What a mask adds, of which the first `own` keys of each row are told; a key that it hides gets
 * -inf, as the others do. */
static double added(const struct constant *mask, int64_t own, int64_t row, int64_t key)
{
    const int64_t at = row * own + key;
    if (key >= own)
        return -INFINITY;
    if (mask->dtype == DTYPE_bool)
        return constant_int_at(mask, at) ? 0 : -INFINITY;
    return constant_real_at(mask, at);
}

/* The mask with a row for each of queries, and as many keys as it has; NULL: it does not spread. */
static const struct constant *spread_rows(struct call *c, const struct constant *mask,
                                          const struct sight *s)
{
    int64_t dim[CONSTANT_RANK] = {0};
    const int rank = (int)int_max(mask->rank, 2);
    memcpy(dim + rank - mask->rank, mask->dim, (size_t)mask->rank * sizeof *dim);
    dim[rank - 2] = s->rows;
    dim[rank - 1] = mask->rank ? dim[rank - 1] : 1;
    return constant_spread(c->import->arena, mask, rank, dim);
}

/* A mask that is known, and what the sight adds to it. NULL: reported. */
static const struct constant *known_mask(struct call *c, const struct constant *mask,
                                         const struct sight *s)
{
    int64_t dim[CONSTANT_RANK];
    void *elements;
    if (!(mask = spread_rows(c, mask, s)) || mask->dim[mask->rank - 1] > s->keys) {
        call_lacks(c, "its mask does not spread to %lld rows and %lld keys", (long long)s->rows,
                   (long long)s->keys);
        return NULL;
    }
    const int64_t own = mask->dim[mask->rank - 1];
    memcpy(dim, mask->dim, sizeof dim);
    dim[mask->rank - 1] = s->keys;
    struct constant *all =
        constant_new(c->import->arena, &c->import->budget, DTYPE_f32, mask->rank, dim, &elements);
    for (int64_t i = 0, n = all ? constant_elements(all) : 0; i < n; i++) {
        const int64_t row = i / s->keys, key = i % s->keys;
        const double hidden = hides(s, row % s->rows, key) ? -INFINITY : 0;
        constant_put_real(all, elements, i, added(mask, own, row, key) + hidden);
    }
    if (!all)
        give_constant(c, NULL);
    return all;
}

/* What the sight alone adds. */
static const struct constant *sight_mask(struct call *c, const struct sight *s)
{
    struct budget one = {1};
    void *zero;
    const int64_t single = 1, dim[2] = {s->rows, s->keys};
    const struct constant *k = constant_new(c->import->arena, &one, DTYPE_f32, 1, &single, &zero);
    return known_mask(c, constant_spread(c->import->arena, k, 2, dim), s);
}

/* A mask that flows, to which the sight is added. */
static bool add_sight(struct call *c, const struct sight *s, struct datum *mask)
{
    struct flow f;
    const int rank = datum_rank(mask);
    if (rank < 1 || datum_dim(mask, rank - 1) != s->keys)
        return call_lacks(c, "its mask, which flows, has not %lld columns, one for each key",
                          (long long)s->keys);
    const struct datum seen = datum_of_constant(sight_mask(c, s));
    const struct datum *both[2] = {mask, &seen};
    if (!seen.constant || !flow_join(c, OP_add, both, 2, &f))
        return false;
    *mask = datum_of_flow(f);
    return true;
}

static bool take_mask(struct call *c, struct attention *a)
{
    const struct sight s = sight_of(c, a);
    const bool limited = s.left >= 0 || s.right >= 0;
    a->masked = operand_given(c, 3) || limited;
    if (!a->masked)
        return true;
    const struct datum *given = operand_given(c, 3) ? operand_datum(c, 3) : NULL;
    if (operand_given(c, 3) && !given)
        return false;
    if (given && given->kind == DATUM_flow) {
        a->mask = *given;
        return add_sight(c, &s, &a->mask);
    }
    const struct constant *k = given ? known_mask(c, given->constant, &s) : sight_mask(c, &s);
    a->mask = datum_of_constant(k);
    return k;
}

/* The dimension of heads as two. */
static bool part_groups(struct call *c, int64_t first, int64_t second, struct datum *v)
{
    int64_t dim[CONSTANT_RANK + 1];
    const int rank = datum_rank(v);
    for (int i = 0; i < rank; i++)
        dim[i + (i > rank - 3)] = datum_dim(v, i);
    dim[rank - 3] = first;
    dim[rank - 2] = second;
    return datum_reshape(c, v, rank + 1, dim, v);
}

/* Heads of queries that share keys get a dimension of their own, along which the keys spread. */
static bool share_keys(struct call *c, struct attention *a)
{
    const int64_t each = a->heads / a->groups;
    const int rank = a->masked ? datum_rank(&a->mask) : 0;
    const int64_t heads = rank < 3 ? 1 : datum_dim(&a->mask, rank - 3);
    if (rank > 4 || (heads != 1 && heads != a->heads))
        return call_lacks(c, "its mask has %d dimensions, %lld heads", rank, (long long)heads);
    if (each == 1 || a->groups == 1)
        return true;
    if (rank >= 3 && !part_groups(c, heads == 1 ? 1 : a->groups, heads == 1 ? 1 : each, &a->mask))
        return false;
    return part_groups(c, a->groups, each, &a->query) && part_groups(c, a->groups, 1, &a->key) &&
           part_groups(c, a->groups, 1, &a->value);
}

/* The result as the queries were: with heads, or with those in its columns. */
static bool give_rows(struct call *c, const struct attention *a, struct flow f)
{
    static const int turned[4] = {0, 2, 1, 3};
    const int rank = flow_rank(f);
    const int64_t rows = flow_dim(f, rank - 2), columns = flow_dim(f, rank - 1);
    const int64_t parted[4] = {flow_dim(f, 0), a->heads, rows, columns};
    const int64_t joined[3] = {flow_dim(f, 0), rows, a->heads * columns};
    if (!flow_reshape(c, f, 4, parted, &f))
        return false;
    if (operand_rank(c, 0) == 3 &&
        (!flow_permute(c, f, turned, &f) || !flow_reshape(c, f, 3, joined, &f)))
        return false;
    return give(c, f);
}

static bool check_attention(struct call *c)
{
    const double cap = attribute_real(c, "softcap", 0);
    if (operand_given(c, 6))
        return call_lacks(c, "how many keys are there, operand 7, is given");
    return cap == 0 || call_lacks(c, "'softcap' is %g", cap);
}

bool convert_attention(struct call *c)
{
    struct attention a = {.masked = false};
    struct attrs attrs;
    struct flow f;
    attrs_init(&attrs, OP_scaled_dot_product_attention);
    attrs.factor = attribute_real(c, "scale", 0);
    if (!check_attention(c) || !take_matrices(c, &a))
        return false;
    const struct datum key = a.key, value = a.value;
    const struct datum *const in[4] = {&a.query, &a.key, &a.value, &a.mask};
    if (!take_mask(c, &a) || !share_keys(c, &a) ||
        !flow_join_as(c, OP_scaled_dot_product_attention, &attrs, in, a.masked ? 4 : 3, &f) ||
        !give_rows(c, &a, f))
        return false;
    if (c->n_out > 1)
        c->out[1] = key;
    if (c->n_out > 2)
        c->out[2] = value;
    return true;
}
