/* The tensors that paths name: `from skip`, `from features.pool[i]`. A path begins with a parameter
 * or variable that holds a tensor, or a list of tensors, or else with a label; it goes on into
 * labelled steps. */
#include "sema/sema.h"

static bool holds_tensor(const struct value *v)
{
    return value_is_sequence(v) ? v->items.tensors : v->kind == VALUE_tensor;
}

static void unknown_label(struct sema *s, const struct place *p, const char *name, struct span span)
{
    if (scope_incomplete(p->scope))
        return;
    struct nearest n;
    struct diag *d = SEMA_ERROR(s, p, span, MESSAGE(err_unknown_label), name);
    nearest_init(&n, name);
    scope_offer_labels(p, &n);
    if (nearest_best(&n))
        diag_suggest(d, nearest_best(&n));
    else if (p->call->parent)
        diag_hint(d,
                  "labels outside '%s' are not visible in it: give it a parameter, and the tensor "
                  "as an argument",
                  p->call->definition->name);
}

static bool is_index(const struct ast_path *path, size_t i)
{
    return i < path->items.n && path->items.at[i].kind == PATH_index;
}

/* The name at path->items[*i], with the indices that follow it; *i moves on. */
static const char *component(struct sema *s, const struct place *p, const struct ast_path *path,
                             size_t *i, struct span *span)
{
    const struct ast_path_item *first = &path->items.at[*i];
    const char *name = first->value ? names_text(s, p, first->value) : first->name;
    *span = first->span;
    for (++*i; name && is_index(path, *i); ++*i) {
        name = names_index(s, p, name, path->items.at[*i].value);
        *span = span_join(*span, path->items.at[*i].span);
    }
    return name;
}

/* Says which numbers the steps in a labelled one have. */
static void hint_numbers(struct sema *s, const char *outer, struct diag *d)
{
    long long n = 0;
    while (outer && map_get(&s->entries, names_join(s, outer, arena_printf(s->arena, "%lld", n))))
        n++;
    if (n == 1)
        diag_hint(d, "the step without a label in it is 0");
    else if (n)
        diag_hint(d, "the steps without labels in it are 0 to %lld", n - 1);
}

struct value operator_result(struct sema *s, const struct place *p, struct node *of, int i,
                             struct span span)
{
    struct node *n = i ? graph_find_result(s->graph, of, i) : of;
    struct flow flow = {FLOW_tensor, n};
    if (!n) {
        const char *name = op_info(of->op)->results[i].name;
        struct place there = *p;
        struct attrs attrs;
        attrs_init(&attrs, OP_result);
        attrs.index = i;
        elaborate_node(s, &there, OP_result, &attrs, &of, 1, names_join(s, of->name, name), NULL,
                       span);
        flow = there.in;
    }
    if (flow.kind != FLOW_tensor)
        return value_poison();
    return (struct value){.kind = VALUE_tensor, .tensor = {flow, NULL}};
}

void hint_results(const struct sema *s, enum op op, struct diag *d)
{
    const struct op_info *info = op_info(op);
    struct text names;
    text_init(&names, s->arena);
    for (int i = 0; i < info->n_results; i++)
        text_printf(&names, "%s'%s'", i ? ", " : "", info->results[i].name);
    if (info->n_results)
        diag_hint(d, "the results of '%s' are %s", info->name, text_string(&names));
}

static void no_inner_step(struct sema *s, const struct place *p, const struct ast_path *path,
                          const struct value *of, const char *name, struct span span)
{
    const char *outer = of->tensor.path;
    struct diag *d = SEMA_ERROR(s, p, span, MESSAGE(err_no_inner_label), name,
                                outer ? outer : sema_text(s, path->items.at[0].span));
    hint_numbers(s, outer, d);
    hint_results(s, of->tensor.flow.node->op, d);
}

/* The step named at path->items[*i], among labels or in a tensor's labelled step; NULL after an
 * error, unless that is known already. */
static struct entry *next_step(struct sema *s, const struct place *p, const struct ast_path *path,
                               size_t *i, const struct value *of)
{
    struct span span;
    const char *name = component(s, p, path, i, &span);
    if (!name)
        return NULL;
    const char *outer = of ? of->tensor.path : NULL;
    struct entry *e = !of     ? scope_label(s, p, name)
                      : outer ? map_get(&s->entries, names_join(s, outer, name))
                              : NULL;
    if (e && e->done)
        return e;
    if (!of)
        unknown_label(s, p, name, span);
    else
        no_inner_step(s, p, path, of, name, span);
    return NULL;
}

/* What a path goes on to in a tensor: a labelled step in the one that made it, or, where that is an
 * operator, a result of it. */
static struct value next_value(struct sema *s, const struct place *p, const struct ast_path *path,
                               size_t *i, const struct value *of)
{
    const struct ast_path_item *item = &path->items.at[*i];
    struct node *node = of->tensor.flow.node;
    const int result = item->kind == PATH_name ? op_find_result(node->op, item->name) : -1;
    const char *outer = of->tensor.path;
    if (result < 0 || (outer && map_get(&s->entries, names_join(s, outer, item->name)))) {
        const struct entry *e = next_step(s, p, path, i, of);
        return e ? label_value(e) : value_poison();
    }
    ++*i;
    return operator_result(s, p, node, result, item->span);
}

/* The element that the indices behind a list choose; *i moves on. */
static struct value element(struct sema *s, const struct place *p, const struct ast_path *path,
                            size_t *i, struct value v)
{
    while (value_is_sequence(&v) && is_index(path, *i)) {
        const struct ast_expr *index = path->items.at[*i].value;
        v = sequence_item(s, p, &v, index, path->items.at[*i].span);
        ++*i;
    }
    return v;
}

/* The value that a path begins with: a variable's, or the result of a label. */
static struct value first_value(struct sema *s, const struct place *p, const struct ast_path *path,
                                size_t *i)
{
    const struct ast_path_item *first = &path->items.at[0];
    struct binding *b = first->kind == PATH_name ? scope_find(p, first->name) : NULL;
    struct value v = b ? binding_value(s, p, b) : value_poison();
    if (b && (holds_tensor(&v) || (path->items.n == 1 && !scope_label(s, p, b->name)))) {
        *i = 1;
        return element(s, p, path, i, v);
    }
    const struct entry *e = next_step(s, p, path, i, NULL);
    return e ? label_value(e) : value_poison();
}

static void report_no_tensor(struct sema *s, const struct place *p, const struct ast_path *path,
                             const struct value *v)
{
    const char *text = sema_text(s, path->span);
    struct diag *d = SEMA_ERROR(s, p, path->span, MESSAGE(err_from_value), value_describe(v));
    if (holds_tensor(v))
        diag_hint(d, "choose one of its tensors: 'from %s[0]'", text);
    else
        diag_hint(d, "a tensor is the result of a labelled step, 'in', or a parameter that one of "
                     "these was given to");
}

struct value path_value(struct sema *s, const struct place *p, const struct ast_path *path)
{
    size_t i = 0;
    struct value v = first_value(s, p, path, &i);
    while (v.kind == VALUE_tensor && i < path->items.n)
        v = next_value(s, p, path, &i, &v);
    if (v.kind == VALUE_tensor || v.kind == VALUE_poison)
        return v;
    report_no_tensor(s, p, path, &v);
    return value_poison();
}
