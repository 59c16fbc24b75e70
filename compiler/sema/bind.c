/* Arguments to parameters, of blocks, nets and functions alike, and of operators by their rows of
 * ops.def. Binding copies the callable, so a partial application is the block with some slots
 * filled. */
#include "sema/sema.h"

#include <string.h>

static const struct ast_params *params_of(const struct callable *c)
{
    return c->kind == CALLABLE_function ? &c->let->params : &c->definition->params;
}

/* Inputs of a net stand behind its parameters. */
static bool is_input(const struct callable *c, int i)
{
    return c->kind == CALLABLE_net && i >= (int)params_of(c)->list.n;
}

/* An operator's attribute behind its operands. */
static const struct attr_info *attr_of(const struct callable *c, int i)
{
    return &op_info(c->op)->attrs[i - op_info(c->op)->n_operands];
}

/* Operands of an operator, where they are arguments, stand before its attributes. */
static bool is_operand(const struct callable *c, int i)
{
    return c->kind == CALLABLE_operator && i < op_info(c->op)->n_operands;
}

const char *callable_param(const struct callable *c, int i)
{
    if (is_operand(c, i))
        return op_info(c->op)->operands[i].name;
    if (c->kind == CALLABLE_operator)
        return attr_of(c, i)->name;
    return is_input(c, i) ? body_input(c->definition->body, (size_t)i - params_of(c)->list.n)->name
                          : params_of(c)->list.at[i].name;
}

static bool by_position(const struct callable *c, int i)
{
    if (is_operand(c, i))
        return i < op_info(c->op)->least;
    if (c->kind == CALLABLE_operator)
        return attr_of(c, i)->presence != ATTR_NAMED;
    return !is_input(c, i);
}

/* Values of arguments. Those of a definition with many are work: calls are many, too. */
static struct slot *new_slots(struct sema *s, size_t n)
{
    enum { FEW = 16 };
    s->work += n > FEW ? (int64_t)n : 0;
    return arena_array(s->arena, n, sizeof(struct slot));
}

const struct callable *callable_block(struct sema *s, const struct ast_definition *d,
                                      struct scope *scope, enum callable_kind kind)
{
    struct callable *c = arena_new_of(s->arena, struct callable);
    size_t n = d->params.list.n + (kind == CALLABLE_net ? body_inputs(d->body) : 0);
    *c = (struct callable){
        .kind = kind, .name = d->name, .definition = d, .scope = scope, .n_slots = (int)n};
    c->slots = new_slots(s, n);
    return c;
}

const struct callable *callable_operator(struct sema *s, enum op op)
{
    struct callable *c = arena_new_of(s->arena, struct callable);
    *c = (struct callable){.kind = CALLABLE_operator,
                           .name = op_info(op)->name,
                           .op = op,
                           .n_slots = op_info(op)->n_operands + op_info(op)->n_attrs};
    c->slots = new_slots(s, (size_t)c->n_slots);
    return c;
}

const struct callable *callable_function(struct sema *s, const struct ast_let *let,
                                         struct scope *scope)
{
    struct callable *c = arena_new_of(s->arena, struct callable);
    *c = (struct callable){.kind = CALLABLE_function,
                           .name = let->name,
                           .scope = scope,
                           .let = let,
                           .n_slots = (int)let->params.list.n};
    c->slots = new_slots(s, let->params.list.n);
    return c;
}

static struct callable *copy_callable(struct sema *s, const struct callable *c)
{
    struct callable *copy = arena_new_of(s->arena, struct callable);
    *copy = *c;
    copy->slots = new_slots(s, (size_t)c->n_slots);
    if (c->n_slots)
        memcpy(copy->slots, c->slots, (size_t)c->n_slots * sizeof *c->slots);
    return copy;
}

const struct callable *callable_named(struct sema *s, const struct callable *of, const char *name)
{
    struct callable *c = copy_callable(s, of);
    c->name = name;
    return c;
}

const struct attr_info *callable_attr(const struct callable *c, int i)
{
    return c->kind == CALLABLE_operator && !is_operand(c, i) ? attr_of(c, i) : NULL;
}

int callable_find(const struct callable *c, const char *name)
{
    for (int i = 0; i < c->n_slots; i++)
        if (!strcmp(callable_param(c, i), name))
            return i;
    return -1;
}

/* The next parameter that no earlier argument or application has taken; -1: none. */
static int next_position(const struct callable *c, int *at)
{
    while (*at < c->n_slots && (c->slots[*at].state == SLOT_given || !by_position(c, *at)))
        ++*at;
    return *at < c->n_slots ? (*at)++ : -1;
}

static int count_positions(const struct callable *c)
{
    int n = 0;
    for (int i = 0; i < c->n_slots; i++)
        n += by_position(c, i);
    return n;
}

/* A tensor, or of the first operand of an operator that has any number of them a list. */
static bool is_operand_value(const struct callable *c, int i, const struct value *v)
{
    const bool list = value_is_sequence(v) && i == 0 && op_info(c->op)->most == MANY;
    if (!list || v->items.n < 1 || v->items.n > MOST_MAPS)
        return v->kind == VALUE_tensor;
    for (size_t k = 0; k < v->items.n; k++)
        if (v->items.at[k].kind != VALUE_tensor)
            return false;
    return true;
}

static bool accepts(struct sema *s, const struct place *p, const struct callable *c,
                    const struct ast_args *args, size_t k, int i, const struct value *v)
{
    const struct span span = args->list.at[k].span;
    const bool operand = is_operand(c, i);
    const bool tensor = operand ? is_operand_value(c, i, v) : v->kind == VALUE_tensor;
    if (is_input(c, i) && !tensor)
        SEMA_ERROR(s, p, span, MESSAGE(err_subnet_value), callable_param(c, i), c->name,
                   value_describe(v));
    else if (operand && !tensor)
        SEMA_ERROR(s, p, span, MESSAGE(err_operand_kind), callable_param(c, i), c->name,
                   value_describe(v));
    if (c->kind != CALLABLE_operator || operand)
        return tensor || !(operand || is_input(c, i));
    return !argument_is_linear_input(s, p, c, args, k, i, v) &&
           attr_accepts(s, p, c->op, attr_of(c, i), v, span);
}

static int position_of(struct sema *s, const struct place *p, struct callable *c,
                       const struct ast_args *args, size_t k, int *at)
{
    const char *name = args->list.at[k].name;
    const int i = name ? callable_find(c, name) : next_position(c, at);
    if (i < 0 && name)
        argument_unknown(s, p, c, args, k);
    else if (i < 0)
        argument_too_many(s, p, c, args, k, count_positions(c));
    return i;
}

static bool bind_one(struct sema *s, const struct place *p, struct callable *c,
                     const struct ast_args *args, size_t k, int i, bool *taken,
                     enum slot_state state)
{
    const struct ast_arg *arg = &args->list.at[k];
    if (argument_is_bare_word(s, p, c, args, k, i))
        return false;
    struct value v = eval(s, p, arg->value);
    if (taken[i]) {
        argument_twice(s, p, c, args, k, i);
        return false;
    }
    taken[i] = true;
    if (v.kind == VALUE_poison || !accepts(s, p, c, args, k, i, &v))
        return false;
    c->slots[i] = (struct slot){state, v, arg->span};
    return true;
}

const struct callable *bind_args(struct sema *s, const struct place *p, const struct callable *of,
                                 const struct ast_args *args, bool options)
{
    struct callable *c = copy_callable(s, of);
    bool *taken = arena_array(s->arena, (size_t)c->n_slots, sizeof *taken);
    bool good = true;
    int at = 0;
    for (size_t k = 0; k < args->list.n; k++) {
        const struct ast_arg *arg = &args->list.at[k];
        if (argument_compares(s, p, c, arg)) {
            good = false;
            continue;
        }
        int i = position_of(s, p, c, args, k, &at);
        if (i >= 0 && options && !arg->name) {
            SEMA_ERROR(s, p, arg->span, MESSAGE(err_default_position), c->name);
            i = -1;
        }
        good &= i >= 0 && bind_one(s, p, c, args, k, i, taken, options ? SLOT_option : SLOT_given);
    }
    return good ? c : NULL;
}

const struct callable *bind_options(struct sema *s, const struct callable *of,
                                    const struct callable *options)
{
    struct callable *c = copy_callable(s, of);
    for (int i = 0; i < c->n_slots; i++)
        if (c->slots[i].state == SLOT_empty)
            c->slots[i] = options->slots[i];
    return c;
}

static int count_given(const struct callable *c)
{
    int n = 0;
    for (int i = 0; i < c->n_slots; i++)
        n += c->slots[i].state != SLOT_empty;
    return n;
}

static void missing_arg(struct sema *s, const struct place *p, const struct callable *c,
                        const char *name, struct span span)
{
    struct diag *d = SEMA_ERROR(s, p, span, MESSAGE(err_missing_arg), c->name, name);
    hint_params(s, c, d);
    if (c->kind == CALLABLE_block && count_given(c) == 0)
        diag_hint(d, "what flows into a block is none of its parameters: its first step takes it");
}

bool bind_params(struct sema *s, struct place *inner, const struct callable *c,
                 const struct ast_params *params, const struct place *outer, struct span span)
{
    for (size_t i = 0; i < params->list.n; i++) {
        const struct ast_param *param = &params->list.at[i];
        struct value v = c->slots[i].value;
        if (c->slots[i].state == SLOT_empty && !param->value) {
            missing_arg(s, outer, c, param->name, span);
            return false;
        }
        if (c->slots[i].state == SLOT_empty)
            v = eval(s, inner, param->value);
        scope_bind(s, inner->scope, param->name, v, param->span);
    }
    return true;
}
