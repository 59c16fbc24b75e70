#include "report/style.h"

#include <string.h>

struct style_names {
    const char *torch, *gluon;
};

static const struct style_names names[N_OPS] = {
#define STYLE(op, torch, gluon) [OP_##op] = {torch, gluon},
#include "report/styles.def"
};

const char *style_torch_name(enum op op)
{
    return names[op].torch ? names[op].torch : "";
}

const char *style_gluon_name(enum op op)
{
    return names[op].gluon ? names[op].gluon : "";
}

const char *style_class(struct arena *arena, const char *block)
{
    struct text t;
    text_init(&t, arena);
    bool start = true;
    for (; *block; block++) {
        bool capital = start && *block >= 'a' && *block <= 'z';
        start = *block == '_';
        if (!start)
            text_printf(&t, "%c", capital ? *block - 'a' + 'A' : *block);
    }
    return t.n ? text_string(&t) : "Sequential";
}

struct summary {
    const struct report *report;
    struct text *out;
    int next;
};

static void print_gluon(struct summary *s, const char *layer, const struct type *type,
                        int64_t params)
{
    struct text dims;
    text_init(&dims, s->report->arena);
    for (int i = 0; i < type->rank; i++)
        text_printf(&dims, "%s%lld", i ? ", " : "(", (long long)type->dim[i]);
    text_append(&dims, ")");
    text_printf(s->out, "%20s  %42s %15lld\n", layer, text_string(&dims), (long long)params);
}

static void print_numbered(struct summary *s, const char *class, const struct type *type,
                           int64_t params)
{
    print_gluon(s, arena_printf(s->report->arena, "%s-%d", class, ++s->next), type, params);
}

/* Dense flattens by itself. */
static bool is_shown(const struct report *r, size_t i)
{
    const struct report_row *row = &r->rows.at[i];
    bool before_dense =
        row->op == OP_flatten && i + 1 < r->rows.n && r->rows.at[i + 1].op == OP_linear;
    return *style_gluon_name(row->op) && !before_dense;
}

/* An activation right after a convolution or dense layer is that layer's own, and comes first. */
static bool is_own(const struct report *r, size_t i)
{
    const struct report_row *row = &r->rows.at[i];
    if (!i || strcmp(style_gluon_name(row->op), "Activation") != 0)
        return false;
    enum op before = r->rows.at[i - 1].op;
    return row->from[0] == (int)i - 1 && (before == OP_conv || before == OP_linear);
}

static void print_gluon_row(struct summary *s, size_t i)
{
    const struct report_row *row = &s->report->rows.at[i];
    if (is_shown(s->report, i))
        print_numbered(s, style_gluon_name(row->op), &row->output, row->figures.at[FIGURE_params]);
}

/* A block that joins branches is a class, printed after its layers; others are sequences. */
static void close_scopes(struct summary *s, size_t i)
{
    const struct report *r = s->report;
    for (int at = r->rows.at[i].scope; at >= 0; at = r->scopes.at[at].parent) {
        const struct report_scope *scope = &r->scopes.at[at];
        bool last = scope->last_row == (int)i && *scope->kind;
        if (last && scope->joins)
            print_numbered(s, style_class(r->arena, scope->kind), &r->rows.at[i].output, 0);
    }
}

static void print_gluon_footer(struct text *t, int64_t params)
{
    text_printf(t,
                "Parameters in forward computation graph, duplicate included\n"
                "   Total params: %lld\n   Trainable params: %lld\n"
                "   Non-trainable params: 0\n"
                "Shared params in forward computation graph: 0\n"
                "Unique parameters in model: %lld\n",
                (long long)params, (long long)params, (long long)params);
}

static void print_dashes(struct text *t, char c)
{
    for (int i = 0; i < 80; i++)
        text_printf(t, "%c", c);
    text_append(t, "\n");
}

void style_gluon(struct text *out, const struct report *r)
{
    struct summary s = {.report = r, .out = out};
    print_dashes(out, '-');
    text_printf(out, "%20s  %42s %15s\n", "Layer (type)", "Output Shape", "Param #");
    print_dashes(out, '=');
    if (r->inputs.n)
        print_gluon(&s, "Input", &r->inputs.at[0].type, 0);
    for (size_t i = 0; i < r->rows.n; i++) {
        bool swapped = i + 1 < r->rows.n && is_own(r, i + 1);
        if (swapped)
            print_gluon_row(&s, i + 1);
        print_gluon_row(&s, i);
        close_scopes(&s, i);
        if (swapped)
            close_scopes(&s, ++i);
    }
    print_dashes(out, '=');
    print_gluon_footer(out, r->total.at[FIGURE_params]);
    print_dashes(out, '-');
}
