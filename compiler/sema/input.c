/* Inputs of a net: their shapes, as written or by --input. */
#include "sema/sema.h"

#include <string.h>

/* The value of --input NAME=…, or NULL. */
static const char *override_of(struct sema *s, const char *name)
{
    const char *value = NULL;
    size_t n = strlen(name);
    for (size_t i = 0; i < s->options->n_inputs; i++)
        if (!strncmp(s->options->inputs[i], name, n) && s->options->inputs[i][n] == '=') {
            value = s->options->inputs[i] + n + 1;
            s->input_used[i] = true;
        }
    return value;
}

enum { MAX_DIMS = MAX_RANK - 1 }; /* but for the batch */

static bool eval_dims(struct sema *s, const struct place *p, const struct ast_input *input,
                      int64_t *dim)
{
    size_t n = input->dims.list.n;
    bool good = n <= MAX_DIMS;
    if (!good)
        SEMA_ERROR(s, p, input->name_span, MESSAGE(err_input_dims), input->name, MAX_DIMS);
    for (size_t i = 0; i < n && good; i++) {
        const struct ast_expr *e = input->dims.list.at[i];
        good = eval_int(s, p, e, &dim[i]);
        if (good && dim[i] <= 0) {
            SEMA_ERROR(s, p, e->span, MESSAGE(err_input_size), (long long)dim[i]);
            good = false;
        }
    }
    return good;
}

/* The element types of inputs: "f32, i64 or i32". */
static const char *input_dtypes(const struct sema *s)
{
    struct text t;
    int n = 0, left = 0;
    text_init(&t, s->arena);
    for (int i = 0; i < N_DTYPES; i++)
        left += dtype_in_c((enum dtype)i) != NULL;
    for (int i = 0; i < N_DTYPES; i++)
        if (dtype_in_c((enum dtype)i))
            text_printf(&t, "%s%s",
                        !n++        ? ""
                        : n == left ? " or "
                                    : ", ",
                        dtype_name((enum dtype)i));
    return text_string(&t);
}

/* The element type that is written, or f32. */
static bool find_dtype(struct sema *s, const struct place *p, const struct ast_input *input,
                       enum dtype *dtype)
{
    *dtype = input->dtype ? dtype_find(input->dtype) : DTYPE_f32;
    if (*dtype == N_DTYPES || !dtype_in_c(*dtype)) {
        SEMA_ERROR(s, p, input->dtype_span, MESSAGE(err_input_dtype), input->name, input->dtype,
                   input_dtypes(s));
        return false;
    }
    if (input->body && dtype_is_integer(*dtype)) {
        SEMA_ERROR(s, p, input->dtype_span, MESSAGE(err_integer_picture), input->name);
        return false;
    }
    return true;
}

static bool set_type(struct sema *s, const struct place *p, const struct ast_input *input,
                     struct type *type, int64_t *declared)
{
    static const char *const forms[MAX_DIMS + 1] = {"",          "784",          "1x16000",
                                                    "3x224x224", "3x16x112x112", "2x3x4x5x6"};
    int64_t dim[MAX_DIMS] = {0};
    const size_t n = input->dims.list.n;
    const char *text = override_of(s, input->name);
    enum dtype dtype;
    if (!eval_dims(s, p, input, dim) || !find_dtype(s, p, input, &dtype))
        return false;
    declared[0] = dim[1];
    declared[1] = dim[2];
    if (text && dims_parse(text, MAX_DIMS, dim) != n) {
        diag_add(s->diags, (struct span){0}, MESSAGE(err_input_option), input->name, text,
                 forms[n]);
        s->wrong_call = true;
        return false;
    }
    *type = (struct type){.dtype = dtype, .rank = (int)n + 1, .dim = {s->batch}};
    memcpy(type->dim + 1, dim, n * sizeof *dim);
    return true;
}

static struct node *input_node(struct sema *s, const struct place *p, const struct ast_input *input,
                               struct span span, int64_t *declared)
{
    struct shape shape = {.span = span, .diags = s->diags};
    struct attrs attrs;
    attrs_init(&attrs, OP_input);
    if (!set_type(s, p, input, &shape.type, declared) ||
        !shape_infer(&shape, OP_input, &attrs, NULL, 0))
        return NULL;
    struct node *node = graph_append(s->graph, &shape, OP_input, &attrs, NULL, 0, input->name);
    node->label = input->name;
    node->frame = p->frame;
    return node;
}

/* The input of a net that is a step of another: a name for a tensor that is there. It has no
 * parameters, so that its name is not claimed in the scope around. */
static void take_input(struct sema *s, struct place *p, const struct ast_input *input)
{
    int64_t dim[MAX_DIMS] = {0};
    const size_t n = input->dims.list.n;
    struct type declared = {.rank = (int)n + 1, .dim = {1}};
    struct flow flow = {FLOW_poison, NULL};
    if (eval_dims(s, p, input, dim) && find_dtype(s, p, input, &declared.dtype)) {
        memcpy(declared.dim + 1, dim, n * sizeof *dim);
        flow = subnet_input(s, p, input, &declared);
    }
    struct entry *e = names_unclaimed(s, p, input->name, input->name_span);
    e->flow = flow;
    e->done = true;
    scope_add_label(s, p->scope, e);
    p->net->n_seen++;
    if (p->net->n_inputs == 1)
        p->in = flow;
}

void elaborate_input(struct sema *s, struct place *p, const struct ast_input *input,
                     struct span span)
{
    int64_t declared[2];
    if (p->net->call) {
        take_input(s, p, input);
        return;
    }
    struct entry *e = names_claim(s, p, input->name, input->name_span);
    struct graph_input in = {.node = input_node(s, p, input, span, declared)};
    e->flow = (struct flow){in.node ? FLOW_tensor : FLOW_poison, in.node};
    e->done = true;
    scope_add_label(s, p->scope, e);
    if (in.node && input->body)
        elaborate_pictures(s, p, &in, input, declared);
    if (in.node)
        VEC_PUSH(s->arena, &s->graph->inputs, in);
    p->net->n_seen++;
    if (p->net->n_inputs == 1)
        p->in = e->flow;
}
