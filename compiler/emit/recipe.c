/* What a network is trained by, as the runtime's struct netrt_recipe: numbers have the names of the
 * attributes that they are. */
#include "emit/parts.h"

#include <string.h>

static void emit_list(struct emitter *e, const struct attrs *a, const struct attr_info *attr)
{
    const int n = (int)attr_get(a, attr, 0);
    struct text t;
    text_init(&t, e->arena);
    for (int i = 1; i <= n; i++)
        text_printf(&t, "%s%lld", i > 1 ? ", " : "", (long long)attr_get(a, attr, i));
    cwriter_line(&e->w, ".%s = {%d, {%s}},", attr->name, n, n ? text_string(&t) : "0");
}

/* The size of a batch is that of the inputs. */
static void emit_numbers(struct emitter *e, const struct picture *p)
{
    const struct op_info *info = op_info(p->op);
    for (int i = 0; i < info->n_attrs; i++) {
        const struct attr_info *attr = &info->attrs[i];
        if (attr_is_list(attr->kind))
            emit_list(e, &p->attr, attr);
        else if (attr->field != offsetof(struct attrs, batch_size))
            cwriter_line(
                &e->w, ".%s = %s,", attr->name,
                attr_is_real(attr->kind)
                    ? c_double(e->arena, attr_get(&p->attr, attr, 0))
                    : arena_printf(e->arena, "%lld", (long long)attr_get(&p->attr, attr, 0)));
    }
}

static void emit_choice(struct emitter *e, const struct picture *p, const char *field,
                        const char *kind)
{
    cwriter_open(&e->w, ".%s = {", field);
    cwriter_line(&e->w, ".kind = NETRT_%s_%s,", kind, op_info(p->op)->name);
    emit_numbers(e, p);
    cwriter_close(&e->w, "},");
}

/* The steps that change pictures; returns how many. */
static int emit_augment(struct emitter *e)
{
    const struct graph *g = e->plan->graph;
    int n = 0;
    for (size_t i = 0; i < g->recipe.n; i++) {
        const struct picture *p = &g->recipe.at[i];
        if (op_info(p->op)->class != CLASS_AUGMENT)
            continue;
        if (!n++)
            cwriter_open(&e->w, "static const struct netrt_augment net_augment[] = {");
        cwriter_open(&e->w, "{");
        cwriter_line(&e->w, ".kind = NETRT_AUGMENT_%s,", op_info(p->op)->name);
        emit_numbers(e, p);
        cwriter_close(&e->w, "},");
    }
    if (n)
        cwriter_close(&e->w, "};");
    return n;
}

/* What parameters begin with that do not begin as all; returns how many. */
static int emit_initials(struct emitter *e)
{
    const struct graph *g = e->plan->graph;
    int n = 0;
    for (size_t i = 0; i < g->params.n; i++) {
        struct picture p;
        if (!graph_initial(g, g->params.at[i], &p))
            continue;
        if (!n++)
            cwriter_open(&e->w, "static const struct netrt_initial net_initials[] = {");
        cwriter_open(&e->w, "{");
        cwriter_line(&e->w, ".param = %zu, /* %s */", i, g->params.at[i]->name);
        cwriter_line(&e->w, ".kind = NETRT_INITIAL_%s,", op_info(p.op)->name);
        emit_numbers(e, &p);
        cwriter_close(&e->w, "},");
    }
    if (n)
        cwriter_close(&e->w, "};");
    return n;
}

/* ---- in words ---- */

/* Whether a number is another than that of a recipe that says nothing. */
static bool is_said(const struct attrs *a, const struct attr_info *attr)
{
    const double value = attr_get(a, attr, 0);
    return attr->presence == ATTR_REQUIRED || value < attr->value || value > attr->value;
}

static void print_value(struct text *t, const struct attrs *a, const struct attr_info *attr)
{
    if (attr->kind == ATTR_BOOL) {
        text_printf(t, "%s", attr_get(a, attr, 0) != 0 ? "true" : "false");
    } else if (attr->kind != ATTR_DIMS) {
        text_printf(t, "%.10g", attr_get(a, attr, 0));
    } else {
        const int n = (int)attr_get(a, attr, 0);
        for (int i = 1; i <= n; i++)
            text_printf(t, "%s%.0f", i > 1 ? ", " : "[", attr_get(a, attr, i));
        text_printf(t, "%s]", n ? "" : "[");
    }
}

/* "sgd(lr=0.1, nesterov=true)" */
static void print_call(struct text *t, const struct picture *p)
{
    const struct op_info *info = op_info(p->op);
    int n = 0;
    text_printf(t, "%s", info->name);
    for (int i = 0; i < info->n_attrs; i++) {
        const struct attr_info *attr = &info->attrs[i];
        if (!is_said(&p->attr, attr) && strcmp(attr->name, "lr") != 0)
            continue;
        text_printf(t, "%s%s=", n++ ? ", " : "(", attr->name);
        print_value(t, &p->attr, attr);
    }
    text_printf(t, "%s", n ? ")" : "");
}

static void print_augment(struct text *t, const struct graph *g)
{
    int n = 0;
    for (size_t i = 0; i < g->recipe.n; i++)
        if (op_info(g->recipe.at[i].op)->class == CLASS_AUGMENT) {
            text_printf(t, "%s", n++ ? " -> " : "\\naugment ");
            print_call(t, &g->recipe.at[i]);
        }
}

/* A setting a line, as a recipe would have it. */
static const char *words(struct emitter *e, const struct picture *optimizer,
                         const struct picture *schedule, const struct picture *own)
{
    const struct op_info *info = op_info(OP_recipe);
    const struct graph *g = e->plan->graph;
    struct text t;
    text_init(&t, e->arena);
    text_printf(&t, "optimizer ");
    print_call(&t, optimizer);
    text_printf(&t, "\\nschedule ");
    print_call(&t, schedule);
    text_printf(&t, "\\nbatch %lld", (long long)g->inputs.at[0].node->type.dim[0]);
    if (g->ranks)
        text_printf(&t, "\\nsync_bn over %lld ranks", (long long)g->ranks);
    for (int i = 0; i < info->n_attrs; i++) {
        const struct attr_info *attr = &info->attrs[i];
        if (attr->field == offsetof(struct attrs, batch_size) ||
            (!is_said(&own->attr, attr) && strcmp(attr->name, "epochs") != 0))
            continue;
        text_printf(&t, "\\n%s ", attr->name);
        print_value(&t, &own->attr, attr);
    }
    print_augment(&t, g);
    return text_string(&t);
}

/* What the loss that reads labels says of them: how many classes there are, and which label counts
 * for nothing. */
static void emit_labels(struct emitter *e)
{
    const struct graph *g = e->plan->graph;
    struct attrs plain;
    size_t i = 0;
    attrs_init(&plain, OP_cross_entropy);
    while (i < g->nodes.n && g->nodes.at[i]->op != OP_cross_entropy)
        i++;
    const struct node *loss = i < g->nodes.n ? g->nodes.at[i] : NULL;
    cwriter_line(&e->w, ".classes = %lld, .ignored = %lld,",
                 loss ? (long long)loss->input[0]->type.dim[1] : 0,
                 (long long)(loss ? &loss->attr : &plain)->ignore_index);
}

void emit_recipe(struct emitter *e)
{
    const struct graph *g = e->plan->graph;
    const struct picture optimizer = graph_recipe_or(g, CLASS_OPTIMIZER, OP_optimizer_sgd),
                         schedule = graph_recipe_or(g, CLASS_SCHEDULE, OP_schedule_constant),
                         own = graph_recipe_or(g, CLASS_RECIPE, OP_recipe);
    if (!e->options->training)
        return;
    cwriter_line(&e->w, "%s", "");
    const int augment = emit_augment(e), initials = emit_initials(e);
    cwriter_open(&e->w, "static const struct netrt_recipe net_recipe = {");
    emit_choice(e, &optimizer, "optimizer", "OPTIMIZER");
    emit_choice(e, &schedule, "schedule", "SCHEDULE");
    emit_numbers(e, &own);
    emit_labels(e);
    if (g->ranks)
        cwriter_line(&e->w, ".ranks = %lld,", (long long)g->ranks);
    if (initials)
        cwriter_line(&e->w, ".n_initials = %d, .initials = net_initials,", initials);
    if (augment)
        cwriter_line(&e->w, ".n_augment = %d, .augment = net_augment,", augment);
    cwriter_line(&e->w, ".words = \"%s\",", words(e, &optimizer, &schedule, &own));
    cwriter_close(&e->w, "};");
}
