/* Steps as source text, which the printer of trees then brings into its style. */
#include "ir/names.h"
#include "write/tree.h"

#include <inttypes.h>
#include <string.h>

struct printing {
    struct writing *s;
    struct text *out;
    struct map names; /* of results, by node */
    struct unique taken;
};

static const char *input_name(struct printing *p, const struct node *n)
{
    return word_of(p->s->arena, n->name ? n->name : "x");
}

static const char *name_of(struct printing *p, const struct node *n)
{
    const char *name = map_get(&p->names, n);
    if (!name) {
        name = n->op == OP_input ? input_name(p, n)
                                 : arena_printf(p->s->arena, "t%zu", p->names.n + 1);
        name = unique_add(&p->taken, name, NULL, NULL);
        map_put(&p->names, n, (void *)(uintptr_t)name);
    }
    return name;
}

static void put(struct printing *p, const char *text)
{
    text_append(p->out, text);
}

static void put_string(struct printing *p, const char *text)
{
    put(p, "\"");
    for (text = string_of(p->s->arena, text); *text; text++) {
        const bool escaped = *text == '"' || *text == '\\';
        put(p, escaped ? "\\" : "");
        text_append_n(p->out, text, 1);
    }
    put(p, "\"");
}

static void put_output(struct printing *, const struct graph_output *);

static void put_word(struct printing *p, const char *label)
{
    if (is_label(label))
        put(p, label);
    else
        put_string(p, label);
}

static void put_label(struct printing *p, const struct step *step)
{
    const char *label = step->label;
    if (!label)
        return;
    put(p, step->shared ? "shared " : "");
    put_word(p, label);
    put(p, ": ");
    if (step->output)
        put_output(p, step->output);
}

static const char *value_of(const struct step *step, const char *name)
{
    for (size_t i = 0; i < step->args.n; i++)
        if (!strcmp(step->args.at[i].name, name))
            return step->args.at[i].value;
    return "";
}

/* What stands where nothing is written. Of a pool with padding its stride is always written: one
 * may think it is 1. */
static const char *fallback_of(const struct step *step, const struct arg *arg)
{
    if (!arg->as_kernel)
        return arg->fallback;
    const char *padding = value_of(step, "padding");
    return *padding && strcmp(padding, "0") ? "" : value_of(step, "kernel");
}

/* Operands that are arguments; of several levels of maps the first is a list. A count need not be
 * given. Returns what stands between what is put and what follows. */
static const char *put_operands(struct printing *p, const struct step *step)
{
    const struct node *n = step->kind == STEP_op ? step->node : NULL;
    const int named = n ? op_info(n->op)->n_operands : 0, count = n ? op_count_operand(n->op) : -1;
    if (!named)
        return "(";
    const int given = count < 0 || n->n_inputs < named ? n->n_inputs : n->n_inputs - 1;
    const int levels = given - named + 1;
    put(p, levels > 1 ? "([" : "(");
    for (int i = 0; i < given; i++) {
        put(p, i ? ", " : "");
        put(p, name_of(p, n->input[i]));
        put(p, levels > 1 && i == levels - 1 ? "]" : "");
    }
    return ", ";
}

static void put_args(struct printing *p, const struct step *step)
{
    const char *between = put_operands(p, step);
    for (size_t i = 0; i < step->args.n; i++) {
        const struct arg *arg = &step->args.at[i];
        const char *fallback = fallback_of(step, arg);
        if (fallback && !strcmp(fallback, arg->value))
            continue;
        put(p, between);
        put(p, fallback ? arg->name : "");
        put(p, fallback ? "=" : "");
        put(p, arg->value);
        between = ", ";
    }
    put(p, *between == ',' ? ")" : "");
}

static void put_seq(struct printing *, const struct seq *);
static void put_step(struct printing *, const struct step *);

static void put_body(struct printing *p, const struct seq *seq)
{
    put(p, "{");
    put(p, seq->steps.n ? "\n" : "");
    put_seq(p, seq);
    put(p, "}");
}

static void put_fork(struct printing *p, const struct step *step)
{
    put(p, step->name);
    put_args(p, step);
    put(p, " {\n");
    for (size_t i = 0; i < step->parts.n; i++) {
        put(p, "| ");
        put_seq(p, step->parts.at[i]);
    }
    put(p, "}");
}

static void put_residual(struct printing *p, const struct step *step)
{
    put(p, "residual ");
    put_body(p, step->parts.at[0]);
    if (step->parts.n == 1)
        return;
    put(p, " shortcut ");
    put_body(p, step->parts.at[1]);
}

/* The operator of a further result has a label of one word (paths.c). */
static void put_let(struct printing *p, const struct node *n)
{
    put(p, "let ");
    put(p, name_of(p, n));
    if (n->op != OP_result) {
        put(p, " = in");
        return;
    }
    const struct node *of = n->input[0];
    text_printf(p->out, " = %s.%s", p->s->path[of->id],
                op_info(of->op)->results[n->attr.index].name);
}

/* "denselayer[i]: " of the one call in it. */
static void put_for(struct printing *p, const struct step *step)
{
    struct step call = *step->parts.at[0]->steps.at[0];
    text_printf(p->out, "for i in %s..=%s {\n%s", value_of(step, "first"), value_of(step, "last"),
                call.shared ? "shared " : "");
    if (is_word(call.label))
        put(p, call.label);
    else
        put_string(p, call.label);
    put(p, "[i]: ");
    call.label = NULL;
    put_step(p, &call);
    put(p, "\n}");
}

static void put_repeat(struct printing *p, const struct step *step)
{
    text_printf(p->out, "repeat %s ", value_of(step, "n"));
    put_body(p, step->parts.at[0]);
}

static void put_step(struct printing *p, const struct step *step)
{
    if (step->kind != STEP_again)
        put_label(p, step);
    switch (step->kind) {
    case STEP_op:
        put(p, step->name);
        put_args(p, step);
        break;
    case STEP_fork:
        put_fork(p, step);
        break;
    case STEP_residual:
        put_residual(p, step);
        break;
    case STEP_from:
        put(p, "from ");
        put(p, name_of(p, step->node));
        break;
    case STEP_let:
        put_let(p, step->node);
        break;
    case STEP_again:
        put(p, "from ");
        put_word(p, step->label);
        break;
    case STEP_output:
    case STEP_scope:
        put_body(p, step->parts.at[0]);
        break;
    case STEP_call:
        put(p, step->block->name);
        put_args(p, step);
        break;
    case STEP_repeat:
        put_repeat(p, step);
        break;
    case STEP_for:
        put_for(p, step);
        break;
    }
}

/* What is done to the result of the layer before stands on its line. */
static bool goes_on(const struct step *before, const struct step *step)
{
    const bool norm = step->node && (step->node->op == OP_bn || step->node->op == OP_layernorm);
    if (step->kind != STEP_op)
        return false;
    if (norm && before->kind == STEP_op)
        return true;
    return !step->path && !step->label && !before->output &&
           (before->kind == STEP_op || before->kind == STEP_from || before->kind == STEP_call);
}

static void put_seq(struct printing *p, const struct seq *seq)
{
    for (size_t i = 0; i < seq->steps.n; i++) {
        if (i)
            put(p, goes_on(seq->steps.at[i - 1], seq->steps.at[i]) ? " -> " : "\n");
        put_step(p, seq->steps.at[i]);
    }
    put(p, seq->steps.n ? "\n" : "");
}

static void put_pictures(struct printing *p, const struct graph_input *input)
{
    if (!input->pictures.n)
        return;
    put(p, " {\n");
    for (size_t i = 0; i < input->pictures.n; i++) {
        const struct picture *picture = &input->pictures.at[i];
        struct step *step = step_new(p->s, STEP_op, NULL);
        step->name = op_info(picture->op)->name;
        step_take_attrs(p->s, step, picture->op, &picture->attr, 0);
        put_step(p, step);
        put(p, "\n");
    }
    put(p, "}");
}

static void put_input(struct printing *p, const struct graph_input *input)
{
    const struct type *t = &input->node->type;
    text_printf(p->out, "input %s[", name_of(p, input->node));
    for (int i = 1; i < t->rank; i++)
        text_printf(p->out, i > 1 ? ", %" PRId64 : "%" PRId64, t->dim[i]);
    put(p, "]");
    if (t->dtype != DTYPE_f32)
        text_printf(p->out, ": %s", dtype_name(t->dtype));
    put_pictures(p, input);
    put(p, "\n");
}

static void put_require(struct printing *p, const struct require *r)
{
    static const char *const spellings[] = {
        [REQUIRE_number] = "",
        [REQUIRE_figure] = "",
#define OPERATOR(name, spelling, precedence) [REQUIRE_##name] = spelling,
#include "base/operators.def"
    };
    if (r->kind == REQUIRE_number) {
        put(p, real_text(p->s->arena, r->number));
        return;
    }
    if (r->kind == REQUIRE_figure) {
        put(p, r->figure);
        return;
    }
    put(p, "(");
    if (r->right)
        put_require(p, r->left);
    text_printf(p->out, " %s ", spellings[r->kind]);
    put_require(p, r->right ? r->right : r->left);
    put(p, ")");
}

/* Whether netc supposes what an output is for, where nothing is written. */
static bool is_supposed(const struct printing *p, const struct graph_output *output)
{
    const struct graph *g = p->s->graph;
    struct graph supposed = *g;
    supposed.outputs.at = arena_array(p->s->arena, g->outputs.n, sizeof *g->outputs.at);
    for (size_t i = 0; i < g->outputs.n; i++) {
        supposed.outputs.at[i] = g->outputs.at[i];
        supposed.outputs.at[i].purpose = 0;
    }
    graph_suppose_classes(&supposed);
    return output->purpose == supposed.outputs.at[output - g->outputs.at].purpose;
}

/* What an output is for; false: nothing has to be written. */
static bool put_purpose(struct printing *p, const struct graph_output *output)
{
    struct step *step = step_new(p->s, STEP_op, NULL);
    if (is_supposed(p, output))
        return false;
    put(p, purpose_names[output->purpose]);
    if (purpose_op(output->purpose) != N_OPS)
        step_take_attrs(p->s, step, purpose_op(output->purpose), &output->attr, 0);
    put_args(p, step);
    return true;
}

static void put_main_purpose(struct printing *p)
{
    if (is_supposed(p, &p->s->graph->outputs.at[0]))
        return;
    put(p, "output ");
    put_purpose(p, &p->s->graph->outputs.at[0]);
    put(p, "\n");
}

static void put_output(struct printing *p, const struct graph_output *output)
{
    put(p, "output ");
    put(p, put_purpose(p, output) ? " " : "");
}

static void put_params(struct printing *p, const struct block *b)
{
    for (size_t i = 0; i < b->params.n; i++) {
        put(p, i ? ", " : "(");
        put(p, b->params.at[i].name);
        if (b->params.at[i].fallback) {
            put(p, "=");
            put(p, b->params.at[i].fallback);
        }
    }
    put(p, b->params.n ? ")" : "");
}

static void put_block(struct printing *p, const struct block *b)
{
    struct printing own = {.s = p->s, .out = p->out, .names.arena = p->s->arena};
    unique_init(&own.taken, p->s->arena);
    text_printf(p->out, "block %s", b->name);
    put_params(&own, b);
    put(p, " ");
    put_body(&own, b->body);
    put(p, "\n");
}

void write_text(struct writing *s, struct text *out)
{
    struct printing p = {.s = s, .out = out, .names.arena = s->arena};
    const struct graph *g = s->graph;
    unique_init(&p.taken, s->arena);
    write_defaults(s, out);
    for (size_t i = 0; i < s->blocks.n; i++)
        put_block(&p, s->blocks.at[i]);
    text_printf(out, "net %s {\n", word_of(s->arena, g->name));
    for (size_t i = 0; i < g->inputs.n; i++)
        put_input(&p, &g->inputs.at[i]);
    for (size_t i = 0; i < g->requires.n; i++) {
        put(&p, "require ");
        put_require(&p, g->requires.at[i]);
        put(&p, "\n");
    }
    put_main_purpose(&p);
    put_seq(&p, s->body);
    put(&p, "}\n");
}
