/* What a description says of itself, checked where it stands: `expect` of shapes, `require` of what
 * a block is called with. */
#include "front/format.h"
#include "sema/sema.h"

#include <string.h>

/* ---- whose fault it is ---- */

/* The block whose own tensor still flows, so that what is wrong with it is wrong with the call;
 * NULL: a step of the block made it, or there is no block. */
static const struct call *caller_of_flow(const struct place *p)
{
    const struct call *c = p->call;
    return c->frame && p->in.kind == FLOW_tensor && p->in.node == c->in.node ? c : NULL;
}

/* Where the caller stands. */
static struct place outside(const struct place *p, const struct call *c)
{
    struct place there = *p;
    there.frame = c->frame->parent;
    return there;
}

/* ---- expect ---- */

/* The dimensions behind the batch; -1: any number. */
struct expected {
    int64_t dim[MAX_RANK - 1];
    int n;
    bool open; /* one of them is any */
};

static bool read_expected(struct sema *s, const struct place *p, const struct ast_action *a,
                          struct expected *e)
{
    const size_t n = a->call.args.list.n;
    *e = (struct expected){.n = (int)n};
    if (!n || n >= MAX_RANK) {
        SEMA_ERROR(s, p, a->span, MESSAGE(err_expect_args), MAX_RANK - 1);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!eval_int(s, p, a->call.args.list.at[i].value, &e->dim[i]))
            return false;
        e->open |= e->dim[i] == -1;
    }
    return true;
}

/* Channels, rows and columns are those of the declared input: in a net that is a step on another
 * size rows and columns are passed over, unless a -1 says which ones vary. */
static bool fits(const struct expected *e, const struct type *t, bool resized)
{
    const int held = resized && !e->open ? 1 : e->n;
    bool good = e->n == t->rank - 1;
    for (int i = 0; i < held && good; i++)
        good = e->dim[i] == -1 || e->dim[i] == t->dim[i + 1];
    return good;
}

static const char *expected_text(struct sema *s, const struct expected *e)
{
    struct text t;
    text_init(&t, s->arena);
    for (int i = 0; i < e->n; i++) {
        text_append(&t, i ? "x" : "");
        if (e->dim[i] == -1)
            text_append(&t, "?");
        else
            text_printf(&t, "%lld", (long long)e->dim[i]);
    }
    return text_string(&t);
}

/* Of a map where a sequence is wanted. */
static void hint_tokens(struct diag *d, const struct expected *e, const struct type *t)
{
    if (e->n == 2 && t->rank == 4)
        diag_hint(d, "a map becomes a sequence by 'reshape([%lld, -1]) -> permute([0, 2, 1])'",
                  (long long)type_c(t));
}

static void report_shape(struct sema *s, const struct place *p, const struct ast_action *a,
                         const struct expected *e)
{
    const struct call *caller = caller_of_flow(p);
    const struct place there = caller ? outside(p, caller) : *p;
    const struct span span = caller ? caller->frame->span : a->span;
    struct text found;
    text_init(&found, s->arena);
    type_print_image(&found, &p->in.node->type);
    struct diag *d = diag_add(sema_sink(s, span), span, MESSAGE(err_expect), expected_text(s, e),
                              text_string(&found));
    hint_tokens(d, e, &p->in.node->type);
    if (caller)
        diag_note(d, a->span, "'%s' expects it here", caller->definition->name);
    diag_note(d, p->in.node->span, "%s comes from here", text_string(&found));
    sema_walk_out(&there, d);
}

void elaborate_expect(struct sema *s, struct place *p, const struct ast_action *a)
{
    struct expected e;
    const bool good = read_expected(s, p, a, &e);
    if (good && flow_check(s, p, a->span) && fits(&e, &p->in.node->type, p->net->resized))
        return;
    if (good && p->in.kind == FLOW_tensor)
        report_shape(s, p, a, &e);
    flow_poison(p);
}

/* ---- require, in a block ---- */

/* ", heads is 3", of a name in a condition; each once. */
static void list_value(struct sema *s, const struct place *p, const struct ast_expr *e,
                       struct text *t)
{
    const struct value v = eval(s, p, e);
    const char *said =
        arena_printf(s->arena, ", %s is %s", sema_text(s, e->span), sema_describe(s, &v));
    const bool plain = value_is_number(&v) || v.kind == VALUE_bool || v.kind == VALUE_string;
    const char *before = arena_printf(s->arena, "%s,", text_string(t));
    if (plain && !strstr(before, arena_printf(s->arena, "%s,", said)))
        text_append(t, said);
}

static void list_values(struct sema *s, const struct place *p, const struct ast_expr *e,
                        struct text *t)
{
    switch (e->kind) {
    case EXPR_name:
    case EXPR_member:
        list_value(s, p, e, t);
        return;
    case EXPR_binary:
    case EXPR_index:
        list_values(s, p, e->binary.left, t);
        list_values(s, p, e->binary.right, t);
        return;
    case EXPR_unary:
        list_values(s, p, e->binary.left, t);
        return;
    default:
        return;
    }
}

void elaborate_condition(struct sema *s, struct place *p, const struct ast_expr *e)
{
    const struct call *caller = p->call;
    const struct place there = outside(p, caller);
    struct text condition, values;
    bool holds;
    if (!eval_bool(s, p, e, &holds) || holds)
        return;
    text_init(&condition, s->arena);
    text_init(&values, s->arena);
    format_expr(&condition, e);
    list_values(s, p, e, &values);
    struct diag *d =
        SEMA_ERROR(s, &there, caller->frame->span, MESSAGE(err_condition), caller->definition->name,
                   text_string(&condition), text_string(&values));
    diag_note(d, e->span, "'%s' says so here", caller->definition->name);
    flow_poison(p);
}
