/* The constant tables of struct netrt_model, printed from the ones that the plan makes. */
#include "core/weights.h"
#include "emit/parts.h"
#include "ir/names.h"

#include <string.h>

/* "{"name", 4, {64, 3, 7, 7}}". */
static const char *tensor(struct emitter *e, const struct netrt_tensor *tensor)
{
    struct text t;
    text_init(&t, e->arena);
    text_printf(&t, "{%s, %d, {", c_string(e->arena, tensor->name), tensor->rank);
    for (int i = 0; i < tensor->rank; i++)
        text_printf(&t, "%s%ld", i ? ", " : "", tensor->dim[i]);
    text_append(&t, tensor->rank ? "}}" : "0}}");
    return text_string(&t);
}

static const char *triple(struct emitter *e, const float *x)
{
    return arena_printf(e->arena, "{%s, %s, %s}", c_float(e->arena, x[0]), c_float(e->arena, x[1]),
                        c_float(e->arena, x[2]));
}

/* What else a program must know to answer by an output, or to learn from it; "" where that is
 * nothing. */
static const char *answer(struct emitter *e, const struct netrt_output *o)
{
    if (o->purpose == NETRT_PURPOSE_gradient)
        return arena_printf(e->arena, ", .made = %d", o->made);
    if (o->purpose == NETRT_PURPOSE_map)
        return arena_printf(e->arena, ", .threshold = %s", c_float(e->arena, o->threshold));
    if (o->purpose == NETRT_PURPOSE_boxes)
        return arena_printf(e->arena,
                            ", .centers = %d, .relative = %d, .background = %d, .score = %s, "
                            ".iou = %s",
                            o->centers, o->relative, o->background, c_float(e->arena, o->score),
                            c_float(e->arena, o->iou));
    if (o->purpose == NETRT_PURPOSE_picture)
        return arena_printf(e->arena, ", .reversed = %d, .black = %s, .white = %s", o->reversed,
                            triple(e, o->black), triple(e, o->white));
    return "";
}

static void emit_outputs(struct emitter *e, const struct netrt_model *m)
{
    if (!m->n_outputs)
        return;
    cwriter_open(&e->w, "static const struct netrt_output net_outputs[] = {");
    for (int i = 0; i < m->n_outputs; i++) {
        const struct netrt_output *o = &m->outputs[i];
        const char *count =
            o->count ? arena_printf(e->arena, ", .count = %d, .counted = %d", o->count, o->counted)
                     : "";
        cwriter_line(&e->w,
                     "{.tensor = %s, .dtype = NETRT_DTYPE_%s, .purpose = NETRT_PURPOSE_%s, "
                     ".probabilities = %d%s%s},",
                     tensor(e, &o->tensor), dtype_name((enum dtype)o->dtype),
                     purpose_names[o->purpose], o->probabilities, answer(e, o), count);
    }
    cwriter_close(&e->w, "};");
}

/* Says above a row how often it stands there, and those behind it, where a roll starts. */
static void describe_roll(struct emitter *e, const struct netrt_model *m, enum netrt_table table,
                          int row)
{
    for (int i = 0; i < m->n_rolls; i++) {
        const struct netrt_roll *roll = &m->rolls[i];
        if (roll->table == table && roll->first == row)
            cwriter_line(&e->w, "/* %d row%s, %d times: */", roll->rows, roll->rows > 1 ? "s" : "",
                         roll->times);
    }
}

/* The number of a row when all are written out. */
static int unrolled_row(const struct netrt_model *m, enum netrt_table table, int row)
{
    int number = row;
    for (int i = 0; i < m->n_rolls; i++)
        if (m->rolls[i].table == table && m->rolls[i].first + m->rolls[i].rows <= row)
            number += m->rolls[i].rows * (m->rolls[i].times - 1);
    return number;
}

static void emit_params(struct emitter *e, const struct netrt_model *m)
{
    if (!m->n_params)
        return;
    cwriter_open(&e->w, "static const struct netrt_tensor net_params[] = {");
    for (int i = 0; i < m->n_params; i++) {
        describe_roll(e, m, NETRT_TABLE_params, i);
        cwriter_line(&e->w, "%s,", tensor(e, &m->params[i]));
    }
    cwriter_close(&e->w, "};");
}

static void emit_pictures(struct emitter *e, int input, const struct netrt_input *in)
{
    static const char *const kinds[] = {
#define PICTURE(name, doc) #name,
#include "core/picture.def"
    };
    if (!in->n_picture)
        return;
    cwriter_open(&e->w, "static const struct netrt_picture net_picture_%d[] = {", input);
    for (int i = 0; i < in->n_picture; i++) {
        const struct netrt_picture *p = &in->picture[i];
        cwriter_line(&e->w, "{NETRT_PICTURE_%s, {%ld, %ld}, %s, %s, %s, %d},", kinds[p->kind],
                     p->size[0], p->size[1], triple(e, p->mean), triple(e, p->std),
                     c_float(e->arena, p->factor), p->fill);
    }
    cwriter_close(&e->w, "};");
}

static void emit_inputs(struct emitter *e, const struct netrt_model *m)
{
    for (int i = 0; i < m->n_inputs; i++)
        emit_pictures(e, i, &m->inputs[i]);
    if (!m->n_inputs)
        return;
    cwriter_open(&e->w, "static const struct netrt_input net_inputs[] = {");
    for (int i = 0; i < m->n_inputs; i++) {
        const struct netrt_input *in = &m->inputs[i];
        const int n = in->n_picture;
        cwriter_line(&e->w, "{%s, NETRT_DTYPE_%s, %ld, %d, %s},", tensor(e, &in->tensor),
                     dtype_name((enum dtype)in->dtype), in->positions, n,
                     n ? arena_printf(e->arena, "net_picture_%d", i) : "NULL");
    }
    cwriter_close(&e->w, "};");
}

static const char *list_text(struct emitter *e, const struct netrt_expr *x)
{
    struct text t;
    text_init(&t, e->arena);
    for (long i = 0; i < x->n; i++)
        text_printf(&t, "%s%s", i ? ", " : "", c_double(e->arena, x->list[i]));
    return text_string(&t);
}

static const char *expr(struct emitter *e, const struct netrt_expr *x, int row)
{
    static const char *const kinds[] = {"PARAM", "REAL", "LIST", "ADD",
                                        "SUB",   "MUL",  "DIV",  "SQRT"};
    const char *kind = kinds[x->kind];
    switch (x->kind) {
    case NETRT_EXPR_PARAM:
        return arena_printf(e->arena, "{.kind = NETRT_EXPR_%s, .param = %d}", kind, x->param);
    case NETRT_EXPR_REAL:
        return arena_printf(e->arena, "{.kind = NETRT_EXPR_%s, .real = %s}", kind,
                            c_double(e->arena, x->real));
    case NETRT_EXPR_LIST:
        return arena_printf(e->arena, "{.kind = NETRT_EXPR_%s, .n = %ld, .list = net_list_%d}",
                            kind, x->n, row);
    case NETRT_EXPR_SQRT:
        return arena_printf(e->arena, "{.kind = NETRT_EXPR_%s, .operand = {%d, 0}}", kind,
                            x->operand[0]);
    default:
        return arena_printf(e->arena, "{.kind = NETRT_EXPR_%s, .operand = {%d, %d}, .axis = %d}",
                            kind, x->operand[0], x->operand[1], x->axis);
    }
}

static void emit_lists(struct emitter *e, const struct netrt_model *m)
{
    for (int i = 0; i < m->n_exprs; i++)
        if (m->exprs[i].kind == NETRT_EXPR_LIST)
            cwriter_line(&e->w, "static const double net_list_%d[] = {%s};", i,
                         list_text(e, &m->exprs[i]));
}

static void emit_exprs(struct emitter *e, const struct netrt_model *m)
{
    if (!m->n_exprs)
        return;
    emit_lists(e, m);
    cwriter_open(&e->w, "static const struct netrt_expr net_exprs[] = {");
    for (int i = 0; i < m->n_exprs; i++) {
        describe_roll(e, m, NETRT_TABLE_exprs, i);
        cwriter_line(&e->w, "/* %3d */ %s,", unrolled_row(m, NETRT_TABLE_exprs, i),
                     expr(e, &m->exprs[i], i));
    }
    cwriter_close(&e->w, "};");
}

static const char *taps_of(struct emitter *e, const struct netrt_taps *t)
{
    return t->all ? arena_printf(e->arena, "{%ld, %ld, %ld, %ld, %ld, %ld}", t->all, t->columns,
                                 t->first, t->row, t->column, t->planes)
                  : "{0}";
}

static void emit_packed(struct emitter *e, const struct netrt_model *m)
{
    static const char *const layouts[] = {
#define LAYOUT(name, doc) #name,
#include "core/layouts.def"
    };
    if (!m->n_packed)
        return;
    cwriter_line(&e->w, "/* layout, type, transposed, expression; oc, ic, kh, kw; group_oc, "
                        "group_ic, ic_block; tile_h, "
                        "tile_w; offset, bytes; taps */");
    cwriter_open(&e->w, "static const struct netrt_packed net_packed[] = {");
    for (int i = 0; i < m->n_packed; i++) {
        const struct netrt_packed *p = &m->packed[i];
        describe_roll(e, m, NETRT_TABLE_packed, i);
        cwriter_line(
            &e->w,
            "{NETRT_LAYOUT_%s, NETRT_STORED_%s, %d, %d, %ld, %ld, %ld, %ld, %ld, %ld, %ld, "
            "%ld, %ld, %zu, "
            "%zu, %s},",
            layouts[p->layout], netrt_stored_name(p->stored), p->transposed, p->expr, p->oc, p->ic,
            p->kh, p->kw, p->group_oc, p->group_ic, p->ic_block, p->tile_h, p->tile_w, p->offset,
            p->bytes, taps_of(e, &p->taps));
    }
    cwriter_close(&e->w, "};");
}

static void emit_steps(struct emitter *e, const struct netrt_model *m)
{
    if (!m->n_steps)
        return;
    cwriter_open(&e->w, "static const struct netrt_step net_steps[] = {");
    for (int i = 0; i < m->n_steps; i++) {
        describe_roll(e, m, NETRT_TABLE_steps, i);
        cwriter_line(&e->w, "{%s, %s, %s},", c_string(e->arena, m->steps[i].name),
                     c_string(e->arena, m->steps[i].kernel), c_double(e->arena, m->steps[i].macs));
    }
    cwriter_close(&e->w, "};");
}

static void emit_rolls(struct emitter *e, const struct netrt_model *m)
{
    static const char *const tables[] = {"params", "exprs", "packed", "steps"};
    if (!m->n_rolls)
        return;
    cwriter_line(&e->w, "/* first row, rows, times, step */");
    cwriter_open(&e->w, "static const struct netrt_roll net_rolls[] = {");
    for (int i = 0; i < m->n_rolls; i++) {
        const struct netrt_roll *roll = &m->rolls[i];
        cwriter_line(&e->w, "{NETRT_TABLE_%s, %d, %d, %d, %d},", tables[roll->table], roll->first,
                     roll->rows, roll->times, roll->step);
    }
    cwriter_close(&e->w, "};");
}

static void emit_strings(struct emitter *e, const char *name, const char *const *strings, size_t n,
                         bool ended)
{
    if (!n)
        return;
    cwriter_open(&e->w, "static const char *const %s[] = {", name);
    for (size_t i = 0; i < n; i++)
        cwriter_line(&e->w, "%s,", c_string(e->arena, strings[i]));
    if (ended)
        cwriter_line(&e->w, "NULL,");
    cwriter_close(&e->w, "};");
}

/* The section of packed weights. Code and data of x86-64 reach what is within 2 GiB of them: about
 * so many bytes have the section of large data, which linkers put behind all else. */
static const char *weights_section(const struct plan *plan)
{
    static const long long large = 1 << 30;
    return plan->weights_bytes < large ? ".net_weights" : ".lrodata";
}

/* Packed weights become part of the object file, in a section of their own on pages of their own,
 * which the system maps when they are first touched: many of them on huge pages, where it can. */
static void emit_embedded(struct emitter *e)
{
    static const size_t huge_page = 2 << 20;
    const char *file = e->options->weights_file;
    if (!file)
        return;
    const size_t page = (size_t)e->plan->weights_bytes < 8 * huge_page ? 4096 : huge_page;
    cwriter_line(&e->w, "/* The packed weights, from a file beside this one. */");
    cwriter_open(&e->w, "__asm__(\".pushsection %s,\\\"a\\\"\\n\"", weights_section(e->plan));
    cwriter_line(&e->w, "    \".balign %zu\\n\"", page);
    cwriter_line(&e->w, "    \"net_embedded:\\n\"");
    cwriter_line(
        &e->w, "    %s",
        c_string(e->arena, arena_printf(e->arena, ".incbin %s\n", c_string(e->arena, file))));
    cwriter_line(&e->w, "    \".popsection\\n\");");
    e->w.depth--;
    cwriter_line(&e->w,
                 "extern const float net_embedded[] __attribute__((visibility(\"hidden\")));");
}

/* The name of the code of a plan, one of several. */
static const char *code_identifier(const struct emitter *e, const struct plan *plan)
{
    if (e->options->single_file)
        return arena_printf(e->arena, "net_%s_code", c_identifier(e->arena, plan->target.name));
    return c_identifier(e->arena, emit_code_name(plan, e->options->name));
}

static void declare_code(struct emitter *e, const char *name)
{
    cwriter_line(
        &e->w, "extern const struct netrt_code %s __attribute__((visibility(\"hidden\")));", name);
}

void emit_own_code(struct emitter *e, bool shared)
{
    const char *name = shared ? code_identifier(e, e->plan) : "net_code";
    cwriter_line(&e->w, "%s", "");
    if (shared)
        declare_code(e, name);
    const char *target = c_string(e->arena, e->plan->target.name);
    const bool native = !strcmp(e->plan->target.name, "native");
    cwriter_line(&e->w, "%sconst struct netrt_code %s = {%s, %s, net_compute, %d};",
                 shared ? "" : "static ", name, target, native ? "NETRT_LEVEL" : target,
                 e->plan->threads);
}

/* The code of this file, or those of the files beside it. */
static void emit_codes(struct emitter *e)
{
    const bool declared = e->several && !e->options->single_file;
    for (const struct plan *plan = e->plan; declared && plan; plan = plan->next)
        declare_code(e, code_identifier(e, plan));
    cwriter_list(&e->w, "static const struct netrt_code *const net_codes[] = {");
    for (const struct plan *plan = e->plan; plan; plan = plan->next)
        cwriter_item(&e->w, "&%s", e->several ? code_identifier(e, plan) : "net_code");
    cwriter_end(&e->w, "};");
}

/* Rows of the tables, and below where these are: fields stand in the struct's order, which is the
 * only one that C++ takes. */
static void emit_counts(struct cwriter *w, const struct netrt_model *m)
{
#define COUNT(table)                                                                               \
    if (m->n_##table)                                                                              \
    cwriter_item(w, ".n_" #table " = %d", m->n_##table)
    cwriter_list(w, "%s", "");
    COUNT(inputs);
    COUNT(outputs);
    COUNT(params);
    COUNT(exprs);
    COUNT(packed);
    COUNT(steps);
    COUNT(labels);
    COUNT(codes);
    COUNT(rolls);
    cwriter_end(w, ",");
#undef COUNT
}

static void emit_pointers(struct cwriter *w, const struct netrt_model *m)
{
#define TABLE(table)                                                                               \
    if (m->n_##table)                                                                              \
    cwriter_line(w, "." #table " = net_" #table ",")
    TABLE(inputs);
    TABLE(outputs);
    TABLE(params);
    TABLE(exprs);
    TABLE(packed);
    TABLE(steps);
    TABLE(rolls);
    TABLE(labels);
#undef TABLE
}

static void emit_model(struct emitter *e, const struct netrt_model *m)
{
    struct cwriter *w = &e->w;
    if (e->options->training || e->options->evaluation)
        cwriter_line(w, "extern const struct netrt_model net_evaluation "
                        "__attribute__((visibility(\"hidden\")));");
    cwriter_open(w, "%s = {",
                 e->options->evaluation ? "const struct netrt_model net_evaluation"
                                        : "static const struct netrt_model net_model");
    cwriter_line(w, ".name = %s,", c_string(e->arena, m->name));
    cwriter_line(w, ".source = %s,", c_string(e->arena, m->source ? m->source : ""));
    emit_counts(w, m);
    emit_pointers(w, m);
    if (m->ignored && *m->ignored)
        cwriter_line(w, ".ignored = net_ignored,");
    cwriter_line(w, ".weights_bytes = %zu,", m->weights_bytes);
    cwriter_line(w, ".workspace_bytes = %zu,", m->workspace_bytes);
    if (m->faults)
        cwriter_line(w, ".faults = 1,");
    if (e->options->weights_file)
        cwriter_line(w, ".embedded = net_embedded,");
    cwriter_line(w, ".codes = net_codes,");
    cwriter_line(w, ".macs = %s,", c_double(e->arena, m->macs));
    if (e->options->training)
        cwriter_line(w, ".recipe = &net_recipe, .evaluation = &net_evaluation,");
    cwriter_close(w, "};");
}

void emit_tables(struct emitter *e)
{
    const struct netrt_model *m = plan_model_rolled(e->arena, plan_model(e->arena, e->plan));
    size_t ignored = 0;
    while (m->ignored && m->ignored[ignored])
        ignored++;
    cwriter_line(&e->w, "%s", "");
    cwriter_line(&e->w, "/* ---- what the runtime is told ---- */");
    cwriter_line(&e->w, "%s", "");
    emit_embedded(e);
    emit_inputs(e, m);
    emit_outputs(e, m);
    emit_params(e, m);
    emit_exprs(e, m);
    emit_packed(e, m);
    emit_steps(e, m);
    emit_rolls(e, m);
    emit_strings(e, "net_labels", m->labels, (size_t)m->n_labels, false);
    emit_strings(e, "net_ignored", m->ignored, ignored, true);
    emit_codes(e);
    emit_model(e, m);
}
