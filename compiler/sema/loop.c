/* `repeat`, `for` and `if`: unrolled and decided here. */
#include "base/number.h"
#include "sema/sema.h"

/* After an error in a count or condition nothing is known of what follows. */
static void give_up(struct place *p)
{
    scope_skip(p->scope);
    flow_poison(p);
}

void elaborate_repeat(struct sema *s, struct place *p, const struct ast_action *a)
{
    int64_t n;
    const struct ast_expr *count = a->repeat.count;
    if (!eval_int(s, p, count, &n)) {
        give_up(p);
        return;
    }
    if (n < 0) {
        SEMA_ERROR(s, p, count->span, MESSAGE(err_negative_repeat), (long long)n);
        give_up(p);
        return;
    }
    struct span head = {a->span.source, a->span.begin, count->span.end};
    for (int64_t i = 0; i < n && sema_work(s, p, count->span, WORK_CALL); i++) {
        struct place inner = *p;
        elaborate_frame(s, &inner, FRAME_repeat, "repeat", i + 1, head);
        elaborate_body(s, &inner, a->repeat.body, true);
        p->in = inner.in;
        p->last = inner.last;
    }
}

static bool bind_pattern(struct sema *s, struct place *p, const struct ast_pattern *pattern,
                         const struct value *v);

static bool bind_items(struct sema *s, struct place *p, const struct ast_pattern *pattern,
                       const struct value *v)
{
    if (!value_is_sequence(v) || v->items.n != pattern->items.n) {
        SEMA_ERROR(s, p, pattern->span, MESSAGE(err_pattern), pattern->items.n,
                   sema_describe(s, v));
        return false;
    }
    for (size_t i = 0; i < pattern->items.n; i++)
        if (!bind_pattern(s, p, pattern->items.at[i], &v->items.at[i]))
            return false;
    return true;
}

static bool bind_pattern(struct sema *s, struct place *p, const struct ast_pattern *pattern,
                         const struct value *v)
{
    if (!pattern->name)
        return bind_items(s, p, pattern, v);
    scope_bind(s, p->scope, pattern->name, *v, pattern->span);
    return true;
}

static bool begin_list(struct sema *s, const struct place *p, struct loop *t)
{
    const struct ast_expr *e = t->tree->range.first;
    t->list = eval(s, p, e);
    if (t->list.kind == VALUE_int) {
        struct diag *d = SEMA_ERROR(s, p, e->span, MESSAGE(err_for_list), "an integer");
        diag_hint(d, "count with '0..%s'", sema_text(s, e->span));
        return false;
    }
    if (t->list.kind != VALUE_poison && !value_is_sequence(&t->list))
        SEMA_ERROR(s, p, e->span, MESSAGE(err_for_list), value_describe(&t->list));
    if (!value_is_sequence(&t->list))
        return false;
    t->last = (int64_t)t->list.items.n;
    return true;
}

bool loop_begin(struct sema *s, const struct place *p, struct loop *t, const struct ast_loop *tree)
{
    *t = (struct loop){.tree = tree};
    if (!tree->range.last)
        return begin_list(s, p, t);
    if (!eval_int(s, p, tree->range.first, &t->first) ||
        !eval_int(s, p, tree->range.last, &t->last))
        return false;
    int64_t count;
    if (!checked_add(t->last, tree->range.inclusive, &t->last) ||
        __builtin_sub_overflow(t->last, t->first, &count)) {
        SEMA_ERROR(s, p, tree->range.span, MESSAGE(err_overflow));
        return false;
    }
    if (count < 0) {
        SEMA_ERROR(s, p, tree->range.span, MESSAGE(err_negative_range),
                   sema_text(s, tree->range.span));
        return false;
    }
    t->next = t->first;
    return true;
}

/* The first variable of a pattern names the loop in messages. */
static const char *pattern_name(const struct ast_pattern *pattern)
{
    while (!pattern->name && pattern->items.n)
        pattern = pattern->items.at[0];
    return pattern->name ? pattern->name : "()";
}

bool loop_next(struct sema *s, struct loop *t, struct place *inner, const struct place *outer)
{
    if (t->next >= t->last || !sema_work(s, outer, t->tree->range.span, WORK_CALL))
        return false;
    struct value v = t->tree->range.last ? value_int(t->next) : t->list.items.at[t->next];
    *inner = *outer;
    inner->scope = scope_new(s, outer->scope);
    inner->scope->loop = true;
    elaborate_frame(s, inner, FRAME_for, pattern_name(t->tree->pattern), t->next - t->first + 1,
                    t->tree->range.span);
    t->next++;
    t->failed = !bind_pattern(s, inner, t->tree->pattern, &v);
    return !t->failed;
}

void elaborate_for(struct sema *s, struct place *p, const struct ast_action *a)
{
    struct loop loop;
    struct place inner;
    if (!loop_begin(s, p, &loop, &a->loop)) {
        give_up(p);
        return;
    }
    while (loop_next(s, &loop, &inner, p)) {
        elaborate_body(s, &inner, a->loop.body, true);
        p->in = inner.in;
        p->last = inner.last;
    }
    if (loop.failed)
        give_up(p);
}

void elaborate_if(struct sema *s, struct place *p, const struct ast_action *a)
{
    int taken = -1;
    for (size_t i = 0; i < a->branch.clauses.n && taken < 0; i++) {
        const struct ast_clause *clause = &a->branch.clauses.at[i];
        bool yes = true;
        if (clause->condition && !eval_bool(s, p, clause->condition, &yes)) {
            give_up(p);
            return;
        }
        if (yes)
            taken = (int)i;
    }
    training_check(s, p, a, taken);
    if (taken >= 0)
        elaborate_body(s, p, a->branch.clauses.at[taken].body, true);
}
