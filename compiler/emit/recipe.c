/* What a network is trained by, as the runtime's struct netrt_recipe: numbers have the names of the
 * attributes that they are. */
#include "emit/parts.h"

/* The recipe's, or PyTorch's plain descent. */
static struct picture said(const struct graph *g, enum op_class class, enum op otherwise)
{
    const struct picture *written = graph_recipe(g, class);
    struct picture p = {.op = otherwise};
    attrs_init(&p.attr, otherwise);
    return written ? *written : p;
}

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

void emit_recipe(struct emitter *e)
{
    const struct graph *g = e->plan->graph;
    const struct picture optimizer = said(g, CLASS_OPTIMIZER, OP_optimizer_sgd),
                         schedule = said(g, CLASS_SCHEDULE, OP_schedule_constant),
                         own = said(g, CLASS_RECIPE, OP_recipe);
    if (!e->options->training)
        return;
    cwriter_line(&e->w, "%s", "");
    const int augment = emit_augment(e);
    cwriter_open(&e->w, "static const struct netrt_recipe net_recipe = {");
    emit_choice(e, &optimizer, "optimizer", "OPTIMIZER");
    emit_choice(e, &schedule, "schedule", "SCHEDULE");
    emit_numbers(e, &own);
    if (augment)
        cwriter_line(&e->w, ".n_augment = %d, .augment = net_augment,", augment);
    cwriter_close(&e->w, "};");
}
