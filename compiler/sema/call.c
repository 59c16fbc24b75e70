/* Calls in step position: operators, blocks and `inline`. */
#include "base/number.h"
#include "front/slips.h"
#include "sema/sema.h"

#include <string.h>

enum {
    MOST_CALLS = 100, /* blocks inside one another */
    MOST_OPERANDS = MOST_MAPS + MAX_OPERANDS
};

/* The name here of a step that others call `name`, and the import that brings it, where it is none
 * of the operators. */
static void hint_habit(struct sema *s, const struct place *p, const char *name, struct diag *d)
{
    const char *ours = strings_intern0(s->strings, habit_layer(name));
    diag_suggest(d, ours);
    if (!scope_callable(s, p, ours, (struct span){0}))
        scope_hint_import(s, ours, d);
}

static void hint_kind(struct sema *s, const struct place *p, const char *name, struct diag *d)
{
    const struct callable *c = scope_callable(s, p, name, (struct span){0});
    struct binding *b = scope_find(p, name);
    struct value v = b ? binding_value(s, p, b) : c ? value_callable(c) : value_poison();
    struct nearest n;
    nearest_init(&n, name);
    scope_offer_steps(p, &n);
    if (v.kind == VALUE_tensor || scope_label(s, p, name))
        diag_hint(d, "'%s' is a tensor here: go back to it with 'from %s'", name, name);
    else if (v.kind != VALUE_poison)
        diag_hint(d, "'%s' is %s here, not a block or an operator", name, value_describe(&v));
    else if (scope_hint_import(s, name, d))
        return;
    else if (habit_layer(name))
        hint_habit(s, p, name, d);
    else if (slip_hint(name))
        diag_hint(d, "%s", slip_hint(name));
    else if (nearest_best(&n))
        diag_suggest(d, nearest_best(&n));
}

static void unknown_step(struct sema *s, const struct place *p, const struct ast_action *a)
{
    const char *name = a->call.name;
    hint_kind(s, p, name, SEMA_ERROR(s, p, a->call.name_span, MESSAGE(err_unknown_step), name));
}

/* Rows of the input with its padding; INT64_MAX: too many, which the shape rule will say. */
static int64_t padded_rows(const struct attrs *a, const struct type *in)
{
    int64_t rows;
    const bool fits =
        checked_add(a->padding[0], a->padding[2], &rows) && checked_add(rows, type_h(in), &rows);
    return fits ? rows : INT64_MAX;
}

/* A window that nobody means: a large one that moves by a small part of itself. A convolution's has
 * to fit in its input besides, and is hardly ever even, unless it reduces by an even number as
 * well; a transposed one may be larger than its input, and mostly is even. */
static bool is_strange_window(const struct callable *c, const struct attrs *a,
                              const struct type *in)
{
    enum { LARGE = 32, SMALL_PART = 4, LEAST_EVEN = 6 };
    const int64_t kernel = a->kernel[0], stride = a->stride[0];
    if (kernel >= LARGE && stride < kernel / SMALL_PART)
        return true;
    const bool even = kernel >= LEAST_EVEN && kernel % 2 == 0 && stride % 2 == 1;
    return c->op == OP_conv && (kernel > padded_rows(a, in) || even);
}

/* PyTorch's conv(3, 64, 7): the number of input channels, then what would be the kernel. */
static bool is_conv_habit(const struct callable *c, const struct attrs *a, const struct type *in,
                          const struct ast_args *args)
{
    if (c->op != OP_conv && c->op != OP_conv_transpose)
        return false;
    size_t positional = 0;
    for (size_t i = 0; i < args->list.n; i++)
        positional += !args->list.at[i].name;
    return positional >= 3 && a->out == type_c(in) && a->kernel[0] == a->kernel[1] &&
           is_strange_window(c, a, in);
}

static void report_conv_habit(struct sema *s, const struct place *p, const struct callable *c,
                              const struct attrs *a, const struct ast_action *call)
{
    struct diag *d = SEMA_ERROR(s, p, call->span, MESSAGE(err_conv_inputs), c->name);
    diag_hint(d, "the number of inputs is known: '%s' has %lld outputs and a %lldx%lld kernel",
              call_without_first(s, c, &call->call.args), (long long)a->kernel[0],
              (long long)a->stride[0], (long long)a->stride[1]);
    diag_hint(d, "if a %lldx%lld kernel is meant, give the stride by name", (long long)a->kernel[0],
              (long long)a->kernel[1]);
}

/* maxpool(3, padding=1) moves by 3. */
static void note_pool(struct sema *s, const struct place *p, const struct callable *c,
                      const struct attrs *a, struct span span)
{
    if (c->op != OP_maxpool && c->op != OP_avgpool)
        return;
    bool padded = a->padding[0] || a->padding[1] || a->padding[2] || a->padding[3];
    const struct attr_info *attrs = op_info(c->op)->attrs;
    for (int i = 0; padded && i < c->n_slots; i++)
        if (attrs[i].presence == ATTR_AS_KERNEL && c->slots[i].state == SLOT_empty)
            SEMA_WARNING(s, p, span, note_pool_stride, c->name, (long long)a->stride[0],
                         (long long)a->stride[1]);
}

static void missing_operand(struct sema *s, const struct place *p, const struct callable *c, int i,
                            struct span span)
{
    const struct result_info *operand = &op_info(c->op)->operands[i];
    struct diag *d = SEMA_ERROR(s, p, span, MESSAGE(err_missing_arg), c->name, operand->name);
    diag_hint(d, "%s, a tensor: %s", operand->name, operand->doc);
}

/* The count of the rows of what is given, where that has one. */
static struct value known_count(struct sema *s, const struct place *p, struct node *const *in,
                                int n, struct span span)
{
    for (int i = 0; i < n; i++) {
        struct node *counter = type_is_counted(&in[i]->type) ? graph_counter(in[i]) : NULL;
        if (counter)
            return operator_result(s, p, counter, op_find_result(counter->op, "count"), span);
    }
    return value_poison();
}

/* A tensor, or the list of them that an operand may be, at in[n]; how many there are then. 0: one
 * is none, after an error. */
static int add_operand(const struct value *v, struct node *in[], int n)
{
    const struct value *at = value_is_sequence(v) ? v->items.at : v;
    const size_t end = value_is_sequence(v) ? v->items.n : 1;
    for (size_t i = 0; i < end; i++) {
        if (at[i].kind != VALUE_tensor || at[i].tensor.flow.kind != FLOW_tensor)
            return 0;
        in[n++] = at[i].tensor.flow.node;
    }
    return n;
}

/* The tensors that an operator is given as arguments; how many: 0 after an error. */
static int bind_operands(struct sema *s, const struct place *p, const struct callable *c,
                         struct span span, struct node *in[MOST_OPERANDS])
{
    const struct op_info *info = op_info(c->op);
    int n = 0;
    for (int i = 0; i < info->n_operands; i++) {
        struct value v = c->slots[i].value;
        if (c->slots[i].state == SLOT_empty && i < info->least) {
            missing_operand(s, p, c, i, span);
            return 0;
        }
        if (c->slots[i].state == SLOT_empty)
            v = known_count(s, p, in, n, span);
        if (c->slots[i].state == SLOT_empty && v.kind != VALUE_tensor)
            return n;
        n = add_operand(&v, in, n);
        if (!n)
            return 0;
    }
    return n;
}

/* An operator of which all operands are arguments. */
static void call_on_arguments(struct sema *s, struct place *p, const struct ast_action *a,
                              const struct callable *c, const struct entry *e, const char *label)
{
    struct attrs attrs;
    struct node *in[MOST_OPERANDS];
    const int n = bind_operands(s, p, c, a->span, in);
    if (!n || !attrs_bind(s, p, c, a->span, NULL, &attrs))
        flow_poison(p);
    else if (op_has(c->op, OP_COMPOSITE))
        elaborate_proposals(s, p, &attrs, in, e, label, a->span);
    else
        elaborate_node(s, p, c->op, &attrs, in, n, e->path, label, a->span);
}

static void call_operator(struct sema *s, struct place *p, const struct ast_action *a,
                          const struct callable *c, const struct entry *e, const char *label)
{
    struct attrs attrs;
    struct node *in = p->in.node;
    if (op_info(c->op)->class == CLASS_PICTURE) {
        SEMA_ERROR(s, p, a->span, MESSAGE(err_not_a_tensor), c->name);
        flow_poison(p);
        return;
    }
    if (op_info(c->op)->n_operands) {
        call_on_arguments(s, p, a, c, e, label);
        return;
    }
    const bool reads = op_info(c->op)->most != 0;
    bool flows = !reads || flow_check(s, p, a->span);
    if (!attrs_bind(s, p, c, a->span, flows && reads ? &in->type : NULL, &attrs) || !flows) {
        flow_poison(p);
        return;
    }
    if (reads && is_conv_habit(c, &attrs, &in->type, &a->call.args)) {
        report_conv_habit(s, p, c, &attrs, a);
        flow_poison(p);
        return;
    }
    note_pool(s, p, c, &attrs, a->span);
    elaborate_node(s, p, c->op, &attrs, &in, reads, e->path, label, a->span);
}

/* Whether a step's name is a parameter's: a block may be an argument of itself. */
static bool is_passed(const struct place *p, const char *name)
{
    const struct binding *b = scope_find(p, name);
    return b && b->value.kind == VALUE_callable;
}

/* "'a' calls itself: a -> b -> a". Nets made from one are that one. */
static bool check_recursion(struct sema *s, const struct place *p, const struct callable *c,
                            const struct ast_action *a)
{
    struct span span = a->span;
    const struct call *again = p->call;
    while (again && again->definition != c->definition)
        again = again->parent;
    bool deep = p->call->depth >= MOST_CALLS;
    if (deep)
        SEMA_ERROR(s, p, span, MESSAGE(err_deep_calls), MOST_CALLS);
    if (deep || !again || is_passed(p, a->call.name))
        return !deep;
    const char *cycle = c->definition->name;
    for (const struct call *f = p->call; f != again->parent; f = f->parent)
        cycle = arena_printf(s->arena, "%s -> %s", f->definition->name, cycle);
    SEMA_ERROR(s, p, span, MESSAGE(err_recursion), c->definition->name, cycle);
    return false;
}

/* An argument that the block never speaks of. */
static void warn_unused(struct sema *s, const struct place *p, const struct callable *c)
{
    for (int i = 0; i < (int)c->definition->params.list.n; i++) {
        if (c->slots[i].state != SLOT_given || !param_unused(s, c->definition, i))
            continue;
        struct diag *d =
            SEMA_WARNING(s, p, c->slots[i].span, warn_unused_arg, callable_param(c, i), c->name);
        diag_note(d, c->definition->params.list.at[i].span, "the parameter is here");
    }
}

static void call_block(struct sema *s, struct place *p, const struct ast_action *a,
                       const struct callable *c, const struct entry *e)
{
    struct names own = {e ? e->path : NULL, 0};
    struct call call = {
        .parent = p->call, .definition = c->definition, .depth = p->call->depth + 1, .in = p->in};
    struct place inner = *p;
    if (!check_recursion(s, p, c, a)) {
        flow_poison(p);
        return;
    }
    warn_unused(s, p, c);
    if (own.path)
        inner.names = &own;
    inner.call = &call;
    inner.net_body = false;
    inner.scope = scope_new(s, c->scope);
    inner.scope->block = true;
    elaborate_frame(s, &inner, FRAME_block, c->name, 0, a->span);
    call.frame = c->kind == CALLABLE_block ? inner.frame : NULL;
    if (!bind_params(s, &inner, c, &c->definition->params, p, a->span)) {
        flow_poison(p);
        return;
    }
    if (c->kind == CALLABLE_net)
        elaborate_subnet(s, &inner, c, a->span);
    else
        elaborate_body(s, &inner, c->definition->body, a->call.inlined);
    p->in = inner.in;
    p->last = a->call.inlined ? inner.last : NULL;
    if (a->call.inlined)
        scope_splice_labels(s, p->scope, inner.scope);
}

static bool is_expect(const struct place *p, const char *name)
{
    struct module *owner;
    return !strcmp(name, "expect") && !module_find(p->scope->module, name, ITEM_block, &owner);
}

static bool check_inline(struct sema *s, const struct place *p, const struct ast_action *a,
                         const struct callable *c, const struct entry *e)
{
    if (a->call.inlined && e)
        SEMA_ERROR(s, p, a->span, MESSAGE(err_inline_label), e->label);
    else if (a->call.inlined && c->kind == CALLABLE_operator)
        SEMA_ERROR(s, p, a->span, MESSAGE(err_inline_operator), c->name);
    else
        return true;
    return false;
}

/* Whether it was said what is wrong with a name: with the value of a parameter, or with what a net
 * is made from. */
static bool is_reported(struct sema *s, const struct place *p, const char *name)
{
    struct binding *b = scope_find(p, name);
    return (b && binding_value(s, p, b).kind == VALUE_poison) || scope_net(s, p->scope, name);
}

/* Arguments are evaluated even where the tensor is unknown, so that their errors are reported. */
static const struct callable *resolve(struct sema *s, struct place *p, const struct ast_action *a,
                                      const struct entry *e)
{
    const struct callable *c = scope_step(s, p, a->call.name, a->call.name_span);
    if (!c && is_reported(s, p, a->call.name))
        return NULL;
    if (!c) {
        unknown_step(s, p, a);
        return NULL;
    }
    if (!check_inline(s, p, a, c, e))
        return NULL;
    return bind_args(s, p, c, &a->call.args, false);
}

void elaborate_call(struct sema *s, struct place *p, const struct ast_action *a, struct entry *e)
{
    if (is_expect(p, a->call.name) && !p->pictures) {
        elaborate_expect(s, p, a);
        return;
    }
    p->last = NULL;
    const struct callable *c = resolve(s, p, a, e);
    const bool numbered = !e && !a->call.inlined && !p->pictures;
    struct entry *own = numbered ? names_number(s, p, a->span) : e;
    if (!c)
        flow_poison(p);
    else if (c->kind == CALLABLE_block || (c->kind == CALLABLE_net && !p->pictures))
        call_block(s, p, a, c, own);
    else if (p->pictures)
        elaborate_picture(s, p, c, a->span);
    else
        call_operator(s, p, a, c, own, e ? e->label : NULL);
    if (numbered) {
        own->flow = p->in;
        own->done = true;
    }
}
