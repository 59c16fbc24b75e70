/* Outputs of a net: what flows out at its end and what `output` takes beside the flow, and what
 * each is for. */
#include "ir/names.h"
#include "sema/sema.h"

#include <string.h>

static const char *const purpose_takes[] = {
#define PURPOSE(name, doc, takes) takes,
#include "core/purposes.def"
};

static void say_purposes(struct sema *s, struct diag *d, const char *word)
{
    struct text list;
    text_init(&list, s->arena);
    for (int i = 0; i < NETRT_WRITTEN_PURPOSES; i++)
        text_printf(&list, "%s'%s'", i ? ", " : "", purpose_names[i]);
    diag_hint(d, "an output is for %s; one beside the flow has a label: 'name: output %s'",
              text_string(&list), word);
}

/* The purpose that is written; false after an error. */
static bool find_purpose(struct sema *s, const struct place *p, const struct ast_output *written,
                         enum netrt_purpose *purpose)
{
    int i = name_find(purpose_names, written->purpose);
    if (i >= 0 && i < NETRT_WRITTEN_PURPOSES) {
        *purpose = (enum netrt_purpose)i;
        return true;
    }
    struct nearest n;
    struct diag *d =
        SEMA_ERROR(s, p, written->span, MESSAGE(err_unknown_purpose), written->purpose);
    nearest_init(&n, written->purpose);
    for (int k = 0; k < NETRT_WRITTEN_PURPOSES; k++)
        nearest_offer(&n, purpose_names[k]);
    if (nearest_best(&n))
        diag_suggest(d, nearest_best(&n));
    else
        say_purposes(s, d, written->purpose);
    return false;
}

/* Whether an output can be for what is written. */
static bool check_shape(struct sema *s, const struct place *p, const struct graph_output *o,
                        enum netrt_purpose purpose, struct span span)
{
    const struct type *t = &o->node->type;
    struct text shape;
    if (purpose_fits(purpose, t))
        return true;
    text_init(&shape, s->arena);
    type_print_image(&shape, t);
    struct diag *d = SEMA_ERROR(s, p, span, MESSAGE(err_purpose_shape), o->name,
                                text_string(&shape), purpose_names[purpose]);
    diag_hint(d, "an output for '%s' is %s", purpose_names[purpose], purpose_takes[purpose]);
    return false;
}

/* The arguments of a purpose; false after an error. */
static bool bind_purpose(struct sema *s, const struct place *p, struct graph_output *o,
                         const struct ast_output *written)
{
    const struct callable *c = callable_operator(s, purpose_op(o->purpose));
    c = bind_args(s, p, c, &written->args, false);
    return c && attrs_bind(s, p, c, written->span, NULL, &o->attr);
}

/* The numbers of black and white must be known. */
static bool check_range(struct sema *s, const struct place *p, const struct graph_output *o,
                        struct span span)
{
    struct picture_range range;
    if (o->purpose != NETRT_PURPOSE_picture || graph_picture_range(s->graph, o, &range))
        return true;
    struct diag *d = SEMA_ERROR(s, p, span, MESSAGE(err_picture_range), o->name);
    diag_hint(d, "say the numbers of black and white: 'output picture(0, 1)'");
    return false;
}

static bool check_only_one(struct sema *s, const struct place *p, enum netrt_purpose purpose,
                           struct span span)
{
    const struct graph_output *other = graph_classes(s->graph);
    if (!other || purpose != NETRT_PURPOSE_classes)
        return true;
    struct diag *d = SEMA_ERROR(s, p, span, MESSAGE(err_second_classes));
    diag_note(d, other->span, "'%s' is the first", other->name);
    diag_hint(d, "say 'output tensor' of one of them");
    return false;
}

/* Gives an output the purpose that is written, if one is; false after an error. */
static bool set_purpose(struct sema *s, const struct place *p, struct graph_output *o,
                        const struct ast_output *written)
{
    enum netrt_purpose purpose;
    if (!written->purpose)
        return true;
    if (!find_purpose(s, p, written, &purpose) || !check_shape(s, p, o, purpose, written->span) ||
        !check_only_one(s, p, purpose, written->span))
        return false;
    o->purpose = purpose;
    return bind_purpose(s, p, o, written) && check_range(s, p, o, written->span);
}

/* What an output is for holds for a net on its own, not where it is a step of another. */
void output_beside(struct sema *s, const struct place *p, const struct entry *e,
                   const struct ast_step *step)
{
    struct graph_output o = {.name = e->path, .node = e->flow.node, .span = step->span};
    if (e->flow.kind == FLOW_tensor && (p->net->call || set_purpose(s, p, &o, &step->output)))
        VEC_PUSH(s->arena, &s->graph->outputs, o);
}

void output_purpose(struct sema *s, const struct place *p, const struct ast_stmt *stmt)
{
    if (!s->end_purpose) {
        s->end_purpose = stmt;
        return;
    }
    struct diag *d = SEMA_ERROR(s, p, stmt->span, MESSAGE(err_second_purpose));
    diag_note(d, s->end_purpose->span, "it is said here first");
    diag_hint(d, "an output beside the flow says it for itself: 'name: output %s …'",
              stmt->output.purpose);
}

static bool name_is_taken(const struct graph *g, const char *name)
{
    for (size_t i = 0; i < g->outputs.n; i++)
        if (!strcmp(g->outputs.at[i].name, name))
            return true;
    return graph_find_input(g, name) != NULL;
}

static const char *end_name(struct sema *s, const struct place *p)
{
    const char *name = p->last && p->last->flow.node == p->in.node ? p->last->path : "output";
    while (name_is_taken(s->graph, name))
        name = arena_printf(s->arena, "%s_main", name);
    return strings_intern0(s->strings, name);
}

/* Nothing was written but steps beside the flow, which is still the input: false after an error. */
static bool check_beside(struct sema *s, const struct place *p, const struct ast_definition *d)
{
    const struct graph *g = s->graph;
    if (!g->outputs.n) {
        diag_hint(SEMA_ERROR(s, p, d->name_span, MESSAGE(err_empty_net), d->name),
                  "what flows into it flows out unchanged: 'identity' says so");
        return false;
    }
    struct diag *w =
        SEMA_WARNING(s, p, g->outputs.at[0].span, warn_stray_output, g->outputs.at[0].name);
    diag_hint(w, "a step without 'output' takes the flow on; '%s' is the main output now",
              g->outputs.at[0].name);
    return true;
}

/* What flows out at the end stands first. */
static void add_first(struct graph *g, struct graph_output first)
{
    VEC_PUSH(g->arena, &g->outputs, first);
    for (size_t i = g->outputs.n - 1; i > 0; i--)
        g->outputs.at[i] = g->outputs.at[i - 1];
    g->outputs.at[0] = first;
}

/* What is beside boxes has a row for each of them. */
static void check_beside_boxes(struct sema *s, const struct place *p,
                               const struct graph_output *boxes, enum netrt_purpose purpose)
{
    const struct graph_output *o = graph_find_output(s->graph, purpose);
    if (!o)
        return;
    if (!boxes)
        SEMA_ERROR(s, p, o->span, MESSAGE(err_no_boxes), o->name, purpose_names[purpose]);
    else if (o->node->type.dim[1] != boxes->node->type.dim[1])
        SEMA_ERROR(s, p, o->span, MESSAGE(err_box_rows), o->name, (long long)o->node->type.dim[1],
                   (long long)boxes->node->type.dim[1], boxes->name);
}

/* Boxes, their scores and classes: one output of each at most, which go together. */
static void check_boxes(struct sema *s, const struct place *p)
{
    const struct graph *g = s->graph;
    const struct graph_output *boxes = graph_find_output(g, NETRT_PURPOSE_boxes);
    for (size_t i = 0; i < g->outputs.n; i++) {
        const struct graph_output *o = &g->outputs.at[i], *first = graph_find_output(g, o->purpose);
        if (o->purpose < NETRT_PURPOSE_boxes || o->purpose > NETRT_PURPOSE_box_classes ||
            first == o)
            continue;
        struct diag *d =
            SEMA_ERROR(s, p, o->span, MESSAGE(err_second_boxes), purpose_names[o->purpose]);
        diag_note(d, first->span, "'%s' is the first", first->name);
    }
    check_beside_boxes(s, p, boxes, NETRT_PURPOSE_box_scores);
    check_beside_boxes(s, p, boxes, NETRT_PURPOSE_box_classes);
    if (!boxes || boxes->node->type.dim[2] != 4 || graph_find_output(g, NETRT_PURPOSE_box_scores))
        return;
    struct diag *d = SEMA_ERROR(s, p, boxes->span, MESSAGE(err_boxes_without_scores), boxes->name);
    diag_hint(d, "'name: output box_scores …' has them, [n] or [n, classes]");
}

static void check_labels(struct sema *s, const struct place *p)
{
    const struct graph *g = s->graph;
    const struct graph_output *o = graph_labelled(g);
    const int64_t c = graph_label_classes(g);
    if (g->labels.n && c && c != (int64_t)g->labels.n)
        SEMA_WARNING(s, p, o ? o->span : g->outputs.at[0].span, warn_label_count, g->labels.n,
                     (long long)c);
}

static bool is_output(const struct graph *g, const struct node *n)
{
    bool found = false;
    for (size_t i = 0; i < g->outputs.n; i++)
        found = found || g->outputs.at[i].node == n;
    return found;
}

/* Makes a result of what counts the rows of an output one too, unless it is, behind the others;
 * of such a name, where the operator has one. */
static void add_result(struct sema *s, const struct place *p, const struct graph_output *of,
                       const char *name, enum netrt_purpose purpose)
{
    struct node *counter = type_is_counted(&of->node->type) ? graph_counter(of->node) : NULL;
    const int number = counter ? op_find_result(counter->op, name) : -1;
    if (number < 0)
        return;
    const struct value value = operator_result(s, p, counter, number, counter->span);
    struct node *node = value.kind == VALUE_tensor ? value.tensor.flow.node : NULL;
    if (!node || is_output(s->graph, node))
        return;
    const struct graph_output result = {
        .name = node->name, .node = node, .span = of->span, .purpose = purpose};
    VEC_PUSH(s->arena, &s->graph->outputs, result);
}

/* Boxes that were counted have their scores and classes with them. */
static void add_beside_boxes(struct sema *s, const struct place *p)
{
    const struct graph_output *o = graph_find_output(s->graph, NETRT_PURPOSE_boxes);
    if (!o || o->node->type.dim[2] != 4)
        return;
    const struct graph_output boxes = *o;
    if (!graph_find_output(s->graph, NETRT_PURPOSE_box_scores))
        add_result(s, p, &boxes, "scores", NETRT_PURPOSE_box_scores);
    if (!graph_find_output(s->graph, NETRT_PURPOSE_box_classes))
        add_result(s, p, &boxes, "classes", NETRT_PURPOSE_box_classes);
}

/* Whoever gets rows of which as many are there as were found gets their number as well. */
static void add_counts(struct sema *s, const struct place *p)
{
    const size_t written = s->graph->outputs.n;
    for (size_t i = 0; i < written; i++) {
        const struct graph_output o = s->graph->outputs.at[i];
        add_result(s, p, &o, "count", NETRT_PURPOSE_tensor);
    }
}

void output_finish(struct sema *s, const struct place *p, const struct ast_definition *d)
{
    if (p->in.kind != FLOW_tensor)
        return;
    const struct ast_output *written = s->end_purpose ? &s->end_purpose->output : NULL;
    if (p->in.node->op == OP_input && !check_beside(s, p, d))
        return;
    if (p->in.node->op != OP_input)
        add_first(s->graph, (struct graph_output){.name = end_name(s, p),
                                                  .node = p->in.node,
                                                  .span = p->in.node->span});
    if (!written)
        graph_suppose_classes(s->graph);
    else
        set_purpose(s, p, &s->graph->outputs.at[0], written);
    add_beside_boxes(s, p);
    check_boxes(s, p);
    add_counts(s, p);
    check_labels(s, p);
}
