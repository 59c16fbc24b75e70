/* The loss of a recipe: sums of losses times numbers, made of the graph's operators. */
#include "ir/loss.h"
#include "sema/sema.h"

#include <string.h>

/* A part of the expression: a tensor of one number, or a number. */
struct term {
    bool good;
    struct node *node; /* NULL: `number` */
    double number;
};

static struct term convert(struct sema *, const struct place *, const struct ast_expr *);

/* ---- tensors ---- */

/* An output of that name, or an input; `output` is the main one. NULL: there is none. */
static struct node *find_tensor(const struct graph *g, const char *name)
{
    if (!strcmp(name, "output"))
        return g->outputs.at[0].node;
    for (size_t i = 0; i < g->outputs.n; i++)
        if (!strcmp(g->outputs.at[i].name, name))
            return g->outputs.at[i].node;
    return graph_find_input(g, name);
}

static void unknown_tensor(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    const struct graph *g = s->graph;
    struct diag *d = SEMA_ERROR(s, p, e->span, MESSAGE(err_unknown_name), e->string);
    struct nearest n;
    struct text names;
    nearest_init(&n, e->string);
    text_init(&names, s->arena);
    nearest_offer(&n, "output");
    for (size_t i = 1; i < g->outputs.n; i++) {
        nearest_offer(&n, g->outputs.at[i].name);
        text_printf(&names, ", %s", g->outputs.at[i].name);
    }
    for (size_t i = 0; i < g->inputs.n; i++) {
        nearest_offer(&n, g->inputs.at[i].node->name);
        text_printf(&names, ", %s", g->inputs.at[i].node->name);
    }
    if (nearest_best(&n))
        diag_suggest(d, nearest_best(&n));
    else
        diag_hint(d, "a loss is of outputs and inputs: output%s", text_string(&names));
}

/* A tensor of the net; NULL after an error. */
static struct node *tensor_of(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    struct node *n = e->kind == EXPR_name ? find_tensor(s->graph, e->string) : NULL;
    if (n)
        return n;
    if (e->kind == EXPR_name && !scope_find(p, e->string)) {
        unknown_tensor(s, p, e);
        return NULL;
    }
    const struct value v = eval(s, p, e);
    if (v.kind == VALUE_tensor && v.tensor.flow.kind == FLOW_tensor)
        return v.tensor.flow.node;
    if (v.kind != VALUE_poison)
        SEMA_ERROR(s, p, e->span, MESSAGE(err_loss_tensor), value_describe(&v));
    return NULL;
}

static bool is_labels(const struct sema *s, const struct ast_expr *e)
{
    return e->kind == EXPR_name && !strcmp(e->string, loss_labels) &&
           !find_tensor(s->graph, loss_labels);
}

/* Whether labels that are mixed are such as the loss takes: a class for each picture. */
static bool check_mixing(struct sema *s, const struct place *p, enum op op,
                         const struct attrs *attrs, const struct node *scores, struct span span)
{
    const struct picture *mixing = loss_mixing(s->graph);
    struct attrs plain;
    attrs_init(&plain, OP_loss_cross_entropy);
    if (!mixing || (op == OP_loss_cross_entropy && attrs->ignore_index == plain.ignore_index &&
                    type_elements(&scores->type) == scores->type.dim[0] * scores->type.dim[1]))
        return true;
    struct diag *d = SEMA_ERROR(s, p, span, MESSAGE(err_mixing_loss), op_info(op)->name,
                                op_info(mixing->op)->name);
    diag_note(d, mixing->span, "labels are mixed here");
    diag_hint(d, "'cross_entropy' of one class a picture takes shares, without 'ignore_index'");
    return false;
}

/* Whether a data set has such labels: a number for each picture, or a class for each pixel of it,
 * or what is mixed of classes. */
static bool data_has(const struct sema *s, enum op op, const struct type *labels)
{
    const struct type *in = &s->graph->inputs.at[0].node->type;
    const bool pixels = in->rank == 4 && labels->rank == 4 && in->dim[2] == labels->dim[2] &&
                        in->dim[3] == labels->dim[3];
    return loss_mixing(s->graph) || type_elements(labels) == labels->dim[0] ||
           (op == OP_loss_cross_entropy && pixels);
}

static void lacks_data(struct sema *s, const struct place *p, enum op op, const struct type *labels,
                       struct span span)
{
    const char *loss = op_info(op)->name;
    struct text image;
    text_init(&image, s->arena);
    type_print_image(&image, labels);
    struct diag *d = SEMA_ERROR(s, p, span, MESSAGE(err_loss_data), loss, text_string(&image));
    if (op == OP_loss_cross_entropy)
        diag_hint(d, "maps of labels have the pixels of the input: 'upsample' brings scores there");
    else
        diag_hint(d,
                  "of an input of that size, 'input target[…]' and '%s(…, target)', the command "
                  "'gradients' computes a step's",
                  loss);
}

/* The labels that a loss of these scores adds to the net, or has added. */
static struct node *own_labels(struct sema *s, const struct place *p, enum op op,
                               const struct node *scores, struct span span)
{
    const struct type type = loss_label_type(s->graph, op, &scores->type);
    struct node *n = loss_labels_of(s->graph, scores, &type);
    if (!n) {
        struct diag *d = SEMA_ERROR(s, p, span, MESSAGE(err_loss_labels), op_info(op)->name);
        diag_hint(d, "a net is trained by one set of labels: numbers of classes, or numbers for "
                     "each score");
    }
    if (n && !s->options->any_labels && !data_has(s, op, &type)) {
        lacks_data(s, p, op, &type, span);
        return NULL;
    }
    return n;
}

/* ---- calls ---- */

enum { TENSORS = 2 /* scores, labels: by position */ };

static size_t count_tensors(const struct ast_args *args)
{
    size_t n = 0;
    while (n < TENSORS && n < args->list.n && !args->list.at[n].name)
        n++;
    return n;
}

/* The named arguments, as attributes. */
static bool bind_rest(struct sema *s, const struct place *p, enum op op,
                      const struct ast_args *args, size_t first, struct span span, struct attrs *a)
{
    struct ast_args rest = {.present = true, .span = args->span};
    for (size_t i = first; i < args->list.n; i++)
        VEC_PUSH(s->arena, &rest.list, args->list.at[i]);
    const struct callable *c = bind_args(s, p, callable_operator(s, op), &rest, false);
    return c && attrs_bind(s, p, c, span, NULL, a);
}

static struct term lacks_tensor(struct sema *s, const struct place *p, enum op op,
                                const struct ast_expr *e)
{
    struct diag *d = SEMA_ERROR(s, p, e->span, MESSAGE(err_loss_arguments), op_info(op)->name);
    diag_hint(d, "write '%s(output, labels)'", op_info(op)->name);
    return (struct term){0};
}

/* Whether the numbers of a loss are such as it takes. */
static bool check_numbers(struct sema *s, const struct place *p, enum op op, const struct attrs *a,
                          const struct node *scores, struct span span)
{
    const int64_t weights = a->class_weights.n, classes = scores->type.dim[1];
    if (a->label_smoothing > 1)
        SEMA_ERROR(s, p, span, MESSAGE(err_share), "label_smoothing", "at most",
                   a->label_smoothing);
    else if (weights && weights != classes)
        diag_hint(SEMA_ERROR(s, p, span, MESSAGE(err_class_weights), op_info(op)->name,
                             (long long)weights, (long long)classes),
                  "'weight' has a number for each class, in their order");
    else
        return true;
    return false;
}

/* Of scores and labels that may not fit it, or each other. */
static struct term make_fitting(struct sema *s, const struct place *p, enum op op,
                                const struct attrs *attrs, struct node *scores, struct node *labels,
                                struct span span)
{
    struct text of, to;
    if (!loss_fits(op, scores, &labels->type)) {
        text_init(&of, s->arena);
        text_init(&to, s->arena);
        type_print_image(&of, &scores->type);
        type_print_image(&to, &labels->type);
        struct diag *d = SEMA_ERROR(s, p, span, MESSAGE(err_loss_shape), op_info(op)->name,
                                    text_string(&of), text_string(&to));
        if (op == OP_loss_bce)
            diag_hint(d, "'bce' is of the result of a sigmoid; of what goes into one it is "
                         "'binary_cross_entropy_with_logits'");
        return (struct term){0};
    }
    if (!check_numbers(s, p, op, attrs, scores, span))
        return (struct term){0};
    return (struct term){.good = true, .node = loss_make(s->graph, op, attrs, scores, labels)};
}

static struct term make_loss(struct sema *s, const struct place *p, enum op op,
                             const struct ast_expr *e)
{
    const struct ast_args *args = &e->call.args;
    const size_t n = count_tensors(args);
    struct attrs attrs;
    if (!n)
        return lacks_tensor(s, p, op, e);
    if (!bind_rest(s, p, op, args, n, e->span, &attrs))
        return (struct term){0};
    struct node *scores = tensor_of(s, p, args->list.at[0].value), *labels = NULL;
    if (scores && (n < TENSORS || is_labels(s, args->list.at[1].value)))
        labels = check_mixing(s, p, op, &attrs, scores, e->span)
                     ? own_labels(s, p, op, scores, e->span)
                     : NULL;
    else if (scores)
        labels = tensor_of(s, p, args->list.at[1].value);
    return labels ? make_fitting(s, p, op, &attrs, scores, labels, e->span) : (struct term){0};
}

/* A call of a loss, or of a function of numbers. */
static struct term convert_call(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    const struct ast_expr *name = e->call.callee;
    const char *text = name->kind == EXPR_name ? name->string : "";
    const enum op op = op_find(text, CLASS_LOSS);
    if (op != N_OPS)
        return make_loss(s, p, op, e);
    if (name->kind == EXPR_name && !scope_find(p, text) &&
        !scope_callable(s, p, text, name->span)) {
        recipe_unknown(s, p, CLASS_LOSS, "loss", text, name->span);
        return (struct term){0};
    }
    const struct value v = eval(s, p, e);
    return (struct term){.good = value_is_number(&v),
                         .number = value_is_number(&v) ? value_number(&v) : 0};
}

/* ---- sums ---- */

static struct term scaled(struct sema *s, struct term t, double factor)
{
    if (t.node)
        t.node = loss_scale(s->graph, t.node, factor);
    else
        t.number *= factor;
    return t;
}

/* a + b, of two losses, or of two numbers. */
static struct term sum(struct sema *s, const struct place *p, const struct ast_expr *e,
                       struct term a, struct term b)
{
    if (!a.node != !b.node) {
        SEMA_ERROR(s, p, e->span, MESSAGE(err_loss_sum));
        return (struct term){0};
    }
    if (a.node)
        a.node = loss_add(s->graph, a.node, b.node);
    else
        a.number += b.number;
    return a;
}

static struct term product(struct sema *s, const struct place *p, const struct ast_expr *e,
                           struct term a, struct term b)
{
    const bool divides = e->binary.operator== OPERATOR_div;
    if ((a.node && b.node) || (divides && (b.node || b.number == 0))) {
        SEMA_ERROR(s, p, e->span, MESSAGE(err_loss_product));
        return (struct term){0};
    }
    if (b.node)
        return scaled(s, b, a.number);
    return scaled(s, a, divides ? 1 / b.number : b.number);
}

static struct term convert_binary(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    const struct term a = convert(s, p, e->binary.left), b = convert(s, p, e->binary.right);
    if (!a.good || !b.good)
        return (struct term){0};
    switch (e->binary.operator) {
    case OPERATOR_add:
        return sum(s, p, e, a, b);
    case OPERATOR_sub:
        return sum(s, p, e, a, scaled(s, b, -1));
    default:
        return product(s, p, e, a, b);
    }
}

static bool is_arithmetic(const struct ast_expr *e)
{
    const enum ast_operator op = e->kind == EXPR_binary ? e->binary.operator: OPERATOR_index;
    return op == OPERATOR_add || op == OPERATOR_sub || op == OPERATOR_mul || op == OPERATOR_div;
}

static struct term convert(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    bool yes;
    if (is_arithmetic(e))
        return convert_binary(s, p, e);
    if (e->kind == EXPR_unary && e->binary.operator== OPERATOR_neg)
        return scaled(s, convert(s, p, e->binary.left), -1);
    if (e->kind == EXPR_cond)
        return eval_bool(s, p, e->cond.condition, &yes)
                   ? convert(s, p, yes ? e->cond.yes : e->cond.no)
                   : (struct term){0};
    if (e->kind == EXPR_call)
        return convert_call(s, p, e);
    if (e->kind == EXPR_name && op_find(e->string, CLASS_LOSS) != N_OPS &&
        !scope_find(p, e->string))
        return lacks_tensor(s, p, op_find(e->string, CLASS_LOSS), e);
    const struct value v = eval(s, p, e);
    if (!value_is_number(&v) && v.kind != VALUE_poison)
        SEMA_ERROR(s, p, e->span, MESSAGE(err_loss_value), value_describe(&v));
    return (struct term){.good = value_is_number(&v),
                         .number = value_is_number(&v) ? value_number(&v) : 0};
}

void elaborate_loss(struct sema *s, const struct place *p, const struct ast_expr *e)
{
    if (!loss_names_are_free(s->graph)) {
        SEMA_ERROR(s, p, e->span, MESSAGE(err_training_input), loss_labels, loss_seed);
        return;
    }
    const struct term t = convert(s, p, e);
    if (t.node)
        loss_output(s->graph, t.node, e->span);
    else if (t.good)
        SEMA_ERROR(s, p, e->span, MESSAGE(err_loss_number));
}
