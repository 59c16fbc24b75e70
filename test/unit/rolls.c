/*
 * Tables rolled up and written out again are the same, whether their rows repeat or not; those of
 * equal blocks become short.
 */
#include "check.h"
#include "compiler/plan/plan.h"
#include "runtime/core/unroll.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 400 };

struct tables {
    struct netrt_tensor params[MOST];
    struct netrt_expr exprs[MOST];
    struct netrt_packed packed[MOST];
    struct netrt_step steps[MOST];
    struct netrt_model model;
};

static int same_name(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

static int same_expr(const struct netrt_expr *a, const struct netrt_expr *b)
{
    return a->kind == b->kind && !memcmp(a->operand, b->operand, sizeof a->operand) &&
           a->param == b->param && a->axis == b->axis && a->real == b->real;
}

static int same_tables(const struct netrt_model *a, const struct netrt_model *b)
{
    int same = a->n_params == b->n_params && a->n_exprs == b->n_exprs &&
               a->n_packed == b->n_packed && a->n_steps == b->n_steps;
    for (int i = 0; i < a->n_params && same; i++)
        same = same_name(a->params[i].name, b->params[i].name) &&
               a->params[i].rank == b->params[i].rank &&
               !memcmp(a->params[i].dim, b->params[i].dim, sizeof a->params[i].dim);
    for (int i = 0; i < a->n_exprs && same; i++)
        same = same_expr(&a->exprs[i], &b->exprs[i]);
    for (int i = 0; i < a->n_packed && same; i++)
        same = !memcmp(&a->packed[i], &b->packed[i], sizeof a->packed[i]);
    for (int i = 0; i < a->n_steps && same; i++)
        same = same_name(a->steps[i].name, b->steps[i].name) &&
               !strcmp(a->steps[i].kernel, b->steps[i].kernel) &&
               a->steps[i].macs == b->steps[i].macs;
    return same;
}

/* Rolls tables up and writes them out; returns the rows in between, or -1 if they are others. */
static int rolled_rows(struct check *c, const struct netrt_model *model)
{
    struct arena *arena = arena_new();
    const struct netrt_model *rolled = plan_model_rolled(arena, model);
    struct netrt_model *again = netrt_unroll(rolled);
    const int rows = rolled->n_params + rolled->n_exprs + rolled->n_packed + rolled->n_steps;
    CHECK(c, again && same_tables(model, again));
    free(again);
    arena_free(arena);
    return rows;
}

static void add_param(struct arena *arena, struct tables *t, int part, const char *role, int size)
{
    struct netrt_tensor *p = &t->params[t->model.n_params++];
    p->name = arena_printf(arena, "part%d.%s", part, role);
    p->rank = 1;
    p->dim[0] = size;
}

/* A convolution, scaled: 4 expressions, 2 parameters, a packed tensor, a step. */
static void add_layer(struct arena *arena, struct tables *t, int part, int size)
{
    struct netrt_model *m = &t->model;
    const int e = m->n_exprs;
    t->exprs[e].kind = t->exprs[e + 1].kind = NETRT_EXPR_PARAM;
    t->exprs[e].param = m->n_params;
    t->exprs[e + 1].param = m->n_params + 1;
    t->exprs[e + 2] = (struct netrt_expr){.kind = NETRT_EXPR_SQRT, .operand = {e + 1, 0}};
    t->exprs[e + 3] = (struct netrt_expr){.kind = NETRT_EXPR_DIV, .operand = {e, e + 2}};
    m->n_exprs += 4;
    add_param(arena, t, part, "weight", size);
    add_param(arena, t, part, "scale", size);
    struct netrt_packed *p = &t->packed[m->n_packed++];
    *p = (struct netrt_packed){.expr = e + 3, .oc = size, .bytes = (size_t)size * 64};
    if (m->n_packed > 1)
        p->offset = p[-1].offset + p[-1].bytes;
    t->steps[m->n_steps++] = (struct netrt_step){arena_printf(arena, "part%d", part), "conv", size};
}

static void tables_init(struct tables *t)
{
    memset(t, 0, sizeof *t);
    t->model.params = t->params;
    t->model.exprs = t->exprs;
    t->model.packed = t->packed;
    t->model.steps = t->steps;
}

/* 40 layers from number `first` on, between two others: 2 rows of parameters, 4 of expressions, 1
 * of packed tensors and steps each. */
static void test_equal(struct check *c, struct arena *arena, struct tables *t, int first)
{
    tables_init(t);
    add_layer(arena, t, first - 2, 8);
    for (int i = first; i < first + 40; i++)
        add_layer(arena, t, i, 16);
    add_layer(arena, t, first + 40, 8);
    const int group = 2 + 4 + 1 + 1;
    CHECK(c, rolled_rows(c, &t->model) < 3 * group + 1);
}

/* What no roll may take for a repetition: names that do not count up by one or in one place, other
 * numbers between rows. */
static void test_unequal(struct check *c, struct arena *arena, struct tables *t)
{
    static const char *const names[] = {"a.%d.w", "a.%d0.w", "%d.a.w", "a.0%d.w", "a.%d"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        tables_init(t);
        for (int i = 0; i < 40; i++)
            add_layer(arena, t, i, 8 + (k == 1 && i == 20));
        for (int i = 0; i < 80; i++) {
            struct text text;
            text_init(&text, arena);
            for (const char *at = names[k]; *at; at++) {
                if (at[0] == '%')
                    text_printf(&text, "%d", i * i % 17);
                else if (at[0] != 'd' || at == names[k] || at[-1] != '%')
                    text_printf(&text, "%c", *at);
            }
            t->params[i].name = text_string(&text);
        }
        t->exprs[40].param += k == 2;
        t->packed[30].offset += k == 3 ? 64 : 0;
        t->steps[10].name = k == 4 ? NULL : "stem";
        rolled_rows(c, &t->model);
    }
}

/* Rows out of few kinds at random: repetitions of all lengths, broken off anywhere. */
static void test_random(struct check *c, struct arena *arena, struct tables *t)
{
    uint32_t state = 1;
    for (int run = 0; run < 300; run++) {
        int part = 8;
        tables_init(t);
        while (t->model.n_exprs + 4 <= MOST) {
            state = state * 1664525 + 1013904223;
            if (state >> 24 < 16)
                part = (int)(state >> 8 & 15);
            add_layer(arena, t, part++, state >> 24 < 30 ? 16 : 8);
        }
        rolled_rows(c, &t->model);
    }
}

int main(void)
{
    struct check c = {0};
    struct arena *arena = arena_new();
    struct tables *t = calloc(1, sizeof *t);
    tables_init(t);
    CHECK(&c, rolled_rows(&c, &t->model) == 0);
    test_equal(&c, arena, t, 3);  /* from one digit to two */
    test_equal(&c, arena, t, 93); /* to three, and to 110: what is the same ends in a digit */
    test_unequal(&c, arena, t);
    test_random(&c, arena, t);
    free(t);
    arena_free(arena);
    return check_end(&c);
}
