/* What a net is trained by: the settings of its `train`, or of the file's that it names. All but
 * the loss become attributes of operators that no graph has as nodes, in graph->recipe. */
#include "sema/recipe.h"

#include "base/number.h"

#include <string.h>

/* ---- the recipe of a net ---- */

static const struct ast_stmt *find_train(struct sema *s, const struct place *p,
                                         const struct ast_body *net)
{
    const struct ast_stmt *found = NULL;
    for (size_t i = 0; i < net->stmts.n; i++) {
        const struct ast_stmt *stmt = net->stmts.at[i];
        if (stmt->kind != STMT_train)
            continue;
        if (found)
            diag_note(SEMA_ERROR(s, p, stmt->train.span, MESSAGE(err_second_recipe)),
                      found->train.span, "the first is here");
        found = found ? found : stmt;
    }
    return found;
}

/* The recipe that --recipe says, as if the net said it. */
static const struct ast_stmt *given_train(struct sema *s)
{
    const struct option_text text = {"--recipe", "net given { train ", s->options->recipe, "\n}",
                                     ITEM_net,   "one recipe, by name"};
    const struct ast_item *item = option_item(s, &text);
    const struct ast_body *body = item ? item->definition.body : NULL;
    const bool one = body && body->stmts.n == 1;
    if (body && !one)
        diag_add(s->diags, body->span, MESSAGE(err_option_text), text.option, text.what);
    return one ? body->stmts.at[0] : NULL;
}

static void offer_recipes(const struct module *m, struct nearest *n)
{
    for (size_t i = 0; i < m->tree->items.n; i++)
        if (m->tree->items.at[i]->kind == ITEM_train)
            nearest_offer(n, m->tree->items.at[i]->definition.name);
}

static void unknown_recipe(struct sema *s, const struct place *p, const struct ast_train *train)
{
    const struct module *m = p->scope->module;
    struct nearest n;
    struct diag *d = SEMA_ERROR(s, p, train->span, MESSAGE(err_unknown_recipe), train->name);
    nearest_init(&n, train->name);
    offer_recipes(m, &n);
    for (size_t i = 0; i < m->imports.n; i++)
        offer_recipes(m->imports.at[i], &n);
    if (nearest_best(&n))
        diag_suggest(d, nearest_best(&n));
    else
        diag_hint(d, "a file has them beside its nets: 'train %s { … }'", train->name);
}

/* A file's recipe, with the arguments that the net gives it. */
static void call_recipe(struct sema *s, const struct place *p, struct recipe *r)
{
    const struct ast_train *train = &r->stmt->train;
    struct module *owner;
    const struct ast_item *item = module_find(p->scope->module, train->name, ITEM_train, &owner);
    if (!item) {
        unknown_recipe(s, p, train);
        return;
    }
    const struct ast_definition *d = &item->definition;
    const struct callable *c =
        bind_args(s, p, callable_block(s, d, owner->scope, CALLABLE_block), &train->args, false);
    r->place.scope = scope_new(s, owner->scope);
    r->place.scope->block = true;
    elaborate_frame(s, &r->place, FRAME_block, train->name, 0, train->span);
    if (c && bind_params(s, &r->place, c, &d->params, p, r->stmt->span))
        r->body = d->body;
}

static const struct ast_setting *find_setting(const struct ast_body *recipe, const char *name)
{
    for (size_t i = 0; recipe && i < recipe->stmts.n; i++)
        if (!strcmp(recipe->stmts.at[i]->setting.name, name))
            return &recipe->stmts.at[i]->setting;
    return NULL;
}

void recipe_begin(struct sema *s, const struct place *p, const struct ast_body *net)
{
    struct recipe *r = &s->recipe;
    int64_t batch;
    s->batch = s->options->batch;
    *r = (struct recipe){.stmt = find_train(s, p, net), .place = *p};
    if (s->options->recipe)
        r->stmt = given_train(s);
    if (r->stmt && r->stmt->train.name)
        call_recipe(s, p, r);
    else if (r->stmt)
        r->body = r->stmt->train.body;
    s->wrong_call |= s->options->recipe && !r->body;
    const struct ast_setting *said = find_setting(r->body, "batch");
    if (said && said->value && s->options->training && !s->options->batch_given &&
        eval_int(s, &r->place, said->value, &batch) && batch > 0 && batch <= INT32_MAX)
        s->batch = batch;
}

/* ---- settings ---- */

static void say(struct setting *t, enum op op, const struct attrs *attrs)
{
    const struct elaborate_options *o = t->s->options;
    if (o->training && (!o->evaluates || op_info(op)->class != CLASS_AUGMENT))
        VEC_PUSH(t->s->arena, &t->s->graph->recipe,
                 (struct picture){.op = op, .attr = *attrs, .span = t->span});
}

/* "adam, sgd": the operators of a class. */
static const char *names_of(struct sema *s, enum op_class class)
{
    struct text t;
    text_init(&t, s->arena);
    for (enum op op = 0; op < N_OPS; op++)
        if (op_info(op)->class == class)
            text_printf(&t, "%s%s", t.n ? ", " : "", op_info(op)->name);
    return text_string(&t);
}

/* The name that is called or stands alone; NULL: neither. */
static const struct ast_expr *callee_of(const struct ast_expr *e)
{
    const struct ast_expr *name = e && e->kind == EXPR_call ? e->call.callee : e;
    return name && name->kind == EXPR_name ? name : NULL;
}

void recipe_unknown(struct sema *s, const struct place *p, enum op_class class, const char *what,
                    const char *name, struct span span)
{
    struct nearest n;
    struct diag *d =
        SEMA_ERROR(s, p, span, MESSAGE(err_unknown_choice), what, name ? name : sema_text(s, span));
    nearest_init(&n, name ? name : "");
    scope_offer_class(class, &n);
    if (name && nearest_best(&n))
        diag_suggest(d, nearest_best(&n));
    else
        diag_hint(d, "there are %s", names_of(s, class));
}

static enum op find_choice(struct setting *t, enum op_class class)
{
    const struct ast_expr *e = t->tree->value, *name = callee_of(e);
    const enum op op = name ? op_find(name->string, class) : N_OPS;
    if (op == N_OPS)
        recipe_unknown(t->s, t->p, class, t->tree->name, name ? name->string : NULL,
                       name ? name->span : t->span);
    return op;
}
static bool check_optimizer(struct setting *t, enum op op, const struct attrs *a)
{
    if (a->lr <= 0)
        SEMA_ERROR(t->s, t->p, t->span, MESSAGE(err_learning_rate), a->lr);
    else if (op == OP_optimizer_sgd && a->nesterov && (a->momentum <= 0 || a->dampening != 0))
        SEMA_ERROR(t->s, t->p, t->span, MESSAGE(err_nesterov));
    else if (a->beta1 >= 1 || a->beta2 >= 1 || a->alpha >= 1)
        SEMA_ERROR(t->s, t->p, t->span, MESSAGE(err_mean_share), op_info(op)->name);
    else
        return true;
    return false;
}

static bool check_schedule(struct setting *t, enum op op, const struct attrs *a)
{
    bool rising = true;
    for (int64_t i = 1; i < a->milestones.n; i++)
        rising = rising && a->milestones.at[i] >= a->milestones.at[i - 1];
    if (!rising)
        SEMA_ERROR(t->s, t->p, t->span, MESSAGE(err_milestones));
    if (op == OP_schedule_one_cycle &&
        (a->pct_start > 1 || a->div_factor <= 0 || a->final_div_factor <= 0))
        SEMA_ERROR(t->s, t->p, t->span, MESSAGE(err_one_cycle));
    return rising;
}

static void take_choice(struct setting *t, enum op_class class,
                        bool (*check)(struct setting *, enum op, const struct attrs *))
{
    static const struct ast_args none = {0};
    const struct ast_expr *e = t->tree->value;
    const enum op op = find_choice(t, class);
    struct attrs a;
    if (op == N_OPS)
        return;
    const struct callable *c = bind_args(t->s, t->p, callable_operator(t->s, op),
                                         e->kind == EXPR_call ? &e->call.args : &none, false);
    if (c && attrs_bind(t->s, t->p, c, e->span, NULL, &a) && check(t, op, &a))
        say(t, op, &a);
}

static void take_optimizer(struct setting *t)
{
    take_choice(t, CLASS_OPTIMIZER, check_optimizer);
}

static void take_schedule(struct setting *t)
{
    take_choice(t, CLASS_SCHEDULE, check_schedule);
}

/* With --train alone: what the loss is of may stand under `if training`. */
static void take_loss(struct setting *t)
{
    if (t->s->options->training)
        elaborate_loss(t->s, t->p, t->tree->value);
}

static bool names_a_scope(const struct graph *g, const char *scope)
{
    for (size_t i = 0; i < g->params.n; i++)
        if (weight_is_within(g->params.at[i], scope))
            return true;
    return false;
}

static void freeze(struct setting *t, const struct value *v)
{
    struct graph *g = t->s->graph;
    if (v->kind != VALUE_string)
        SEMA_ERROR(t->s, t->p, t->span, MESSAGE(err_freeze_value), value_describe(v));
    else if (!names_a_scope(g, v->string))
        SEMA_ERROR(t->s, t->p, t->span, MESSAGE(err_freeze_scope), v->string);
    else if (t->s->options->training)
        VEC_PUSH(t->s->arena, &g->frozen, v->string);
}

/* Whether a parameter is left that is not frozen; a net may have none from the start. */
static bool learns_anything(const struct graph *g)
{
    bool any = false;
    for (size_t i = 0; i < g->nodes.n; i++)
        for (enum role role = 0; role < N_ROLES; role++) {
            const struct weight *w = g->nodes.at[i]->weight[role];
            any = any || (w && role_is_learned(role));
            if (w && role_is_learned(role) && !graph_is_frozen(g, w))
                return true;
        }
    return !any;
}

static void take_freeze(struct setting *t)
{
    const struct value v = eval(t->s, t->p, t->tree->value);
    if (!value_is_sequence(&v) && v.kind != VALUE_poison)
        freeze(t, &v);
    for (size_t i = 0; value_is_sequence(&v) && i < v.items.n; i++)
        freeze(t, &v.items.at[i]);
    if (t->s->options->training && v.kind != VALUE_poison && !learns_anything(t->s->graph))
        SEMA_ERROR(t->s, t->p, t->span, MESSAGE(err_freeze_all));
}

/* What mixes a batch: one of several pictures. */
static bool check_mixing(struct setting *t, enum op op, const struct attrs *a)
{
    if (a->alpha <= 0)
        SEMA_ERROR(t->s, t->p, t->span, MESSAGE(err_mixing_alpha), op_info(op)->name, a->alpha);
    else if (t->s->options->training && t->s->batch == 1)
        diag_hint(SEMA_ERROR(t->s, t->p, t->span, MESSAGE(err_mixing_batch), op_info(op)->name),
                  "'batch' of the recipe, or '--batch', says how many a run has");
    else
        return true;
    return false;
}

/* A picture is changed before it is mixed with others: `last` is the step before. */
static bool check_order(struct setting *t, enum op last, enum op op)
{
    if (last == N_OPS || !op_has(last, OP_BATCH) || op_has(op, OP_BATCH))
        return true;
    diag_hint(SEMA_ERROR(t->s, t->p, t->span, MESSAGE(err_mixing_order), op_info(op)->name,
                         op_info(last)->name),
              "what mixes pictures stands behind what changes each");
    return false;
}

static bool check_augment(struct setting *t, enum op op, const struct attrs *a)
{
    if (op_has(op, OP_BATCH))
        return check_mixing(t, op, a);
    const bool shares = a->p <= 1 && a->min_scale <= 1 && a->max_scale <= 1;
    const bool ratio = a->min_ratio > 0 && a->min_ratio <= 1;
    if (a->hue > 0.5) {
        SEMA_ERROR(t->s, t->p, t->span, MESSAGE(err_augment_hue), a->hue);
        return false;
    }
    if (shares && (ratio || (op != OP_augment_erasing && op != OP_augment_random_resized_crop)))
        return true;
    SEMA_ERROR(t->s, t->p, t->span, MESSAGE(err_augment), op_info(op)->name);
    return false;
}

/* `last` is the step before, then this one; N_OPS: there is none. */
static void take_augment_step(struct setting *t, const struct ast_step *step, enum op *last)
{
    const struct ast_action *a = step->action;
    struct attrs attrs;
    t->span = step->span;
    if (step->label || step->output.written || a->kind != ACTION_call) {
        SEMA_ERROR(t->s, t->p, step->span, MESSAGE(err_not_for_pictures));
        return;
    }
    const enum op op = op_find(a->call.name, CLASS_AUGMENT);
    if (op == N_OPS) {
        recipe_unknown(t->s, t->p, CLASS_AUGMENT, "step of augmentation", a->call.name,
                       a->call.name_span);
        return;
    }
    const struct callable *c =
        bind_args(t->s, t->p, callable_operator(t->s, op), &a->call.args, false);
    if (c && attrs_bind(t->s, t->p, c, step->span, NULL, &attrs) && check_order(t, *last, op) &&
        check_augment(t, op, &attrs))
        say(t, op, &attrs);
    *last = op;
}

static bool changes_size(const struct graph_input *in)
{
    for (size_t i = 0; i < in->pictures.n; i++) {
        const enum op op = in->pictures.at[i].op;
        if (op == OP_picture_resize || op == OP_picture_stretch || op == OP_picture_letterbox ||
            op == OP_picture_center_crop)
            return true;
    }
    return false;
}

/* The side of the pictures that a step makes of those of side `side`; 0: unknown. */
static int64_t side_after(struct setting *t, const struct picture *step, int64_t side)
{
    const int64_t size = step->attr.size[0];
    t->span = step->span;
    if (step->op == OP_augment_pad)
        return side ? side + 2 * step->attr.padding[0] : 0;
    if (step->op == OP_augment_random_crop && side && size > side)
        SEMA_ERROR(t->s, t->p, t->span, MESSAGE(err_augment_crop), (long long)size, (long long)size,
                   (long long)side, (long long)side);
    return step->op == OP_augment_random_crop || step->op == OP_augment_random_resized_crop ? size
                                                                                            : side;
}

/* How large pictures end, where that is known: what prepares the input may not change it. */
static void check_sizes(struct setting *t)
{
    const struct graph *g = t->s->graph;
    const struct graph_input *in = &g->inputs.at[0];
    const struct type *type = &in->node->type;
    int64_t side = 0;
    for (size_t i = 0; i < g->recipe.n; i++)
        if (op_info(g->recipe.at[i].op)->class == CLASS_AUGMENT)
            side = side_after(t, &g->recipe.at[i], side);
    if (!side || type->rank != 4 || changes_size(in) ||
        (type->dim[2] == side && type->dim[3] == side))
        return;
    diag_hint(SEMA_ERROR(t->s, t->p, t->span, MESSAGE(err_augment_size), (long long)side,
                         (long long)side, in->node->name, (long long)type->dim[2],
                         (long long)type->dim[3]),
              "crop to the input's size, or prepare it by 'stretch'");
}

/* Steps that change pictures by chance, in a plain pipeline. */
static void take_augment(struct setting *t)
{
    const struct ast_body *body = t->tree->body;
    const size_t errors = t->s->diags->n_errors;
    enum op last = N_OPS;
    for (size_t i = 0; i < body->stmts.n; i++) {
        const struct ast_stmt *stmt = body->stmts.at[i];
        if (stmt->kind != STMT_pipeline)
            SEMA_ERROR(t->s, t->p, stmt->span, MESSAGE(err_not_for_pictures));
        for (size_t k = 0; stmt->kind == STMT_pipeline && k < stmt->pipeline.steps.n; k++)
            take_augment_step(t, stmt->pipeline.steps.at[k], &last);
    }
    if (t->s->options->training && t->s->diags->n_errors == errors)
        check_sizes(t);
}

static const struct {
    const char *name;
    void (*take)(struct setting *);
    bool body; /* takes steps, not a value */
} settings[] = {{"loss", take_loss, false},
                {"optimizer", take_optimizer, false},
                {"schedule", take_schedule, false},
                {"freeze", take_freeze, false},
                {"augment", take_augment, true},
                {"init", take_init, true},
                {"zero_init_residual", take_zero_init_residual, false}};

enum { N_SETTINGS = sizeof settings / sizeof *settings };

static void unknown_setting(struct setting *t)
{
    const struct op_info *info = op_info(OP_recipe);
    struct nearest n;
    struct text names;
    struct diag *d =
        SEMA_ERROR(t->s, t->p, t->tree->name_span, MESSAGE(err_unknown_setting), t->tree->name);
    nearest_init(&n, t->tree->name);
    text_init(&names, t->s->arena);
    for (size_t i = 0; i < N_SETTINGS; i++) {
        nearest_offer(&n, settings[i].name);
        text_printf(&names, "%s, ", settings[i].name);
    }
    for (int i = 0; i < info->n_attrs; i++) {
        nearest_offer(&n, info->attrs[i].name);
        text_printf(&names, "%s%s", i ? ", " : "", info->attrs[i].name);
    }
    if (nearest_best(&n))
        diag_suggest(d, nearest_best(&n));
    else
        diag_hint(d, "there are %s", text_string(&names));
}

/* One that is a number: an attribute of the recipe's own row. */
static bool take_number(struct setting *t, struct callable *numbers)
{
    const struct op_info *info = op_info(OP_recipe);
    for (int i = 0; i < info->n_attrs; i++) {
        if (strcmp(info->attrs[i].name, t->tree->name) != 0)
            continue;
        const struct value v = eval(t->s, t->p, t->tree->value);
        if (v.kind != VALUE_poison &&
            attr_accepts(t->s, t->p, OP_recipe, &info->attrs[i], &v, t->tree->value->span))
            numbers->slots[i] = (struct slot){SLOT_given, v, t->span};
        return true;
    }
    return false;
}

static void take_setting(struct setting *t, struct callable *numbers)
{
    const struct ast_setting *first = find_setting(t->s->recipe.body, t->tree->name);
    if (first != t->tree) {
        diag_note(
            SEMA_ERROR(t->s, t->p, t->tree->name_span, MESSAGE(err_setting_twice), t->tree->name),
            first->name_span, "it is said here first");
        return;
    }
    size_t i = 0;
    while (i < N_SETTINGS && strcmp(settings[i].name, t->tree->name) != 0)
        i++;
    const bool body = i < N_SETTINGS && settings[i].body;
    if (body && t->tree->value)
        SEMA_ERROR(t->s, t->p, t->span, MESSAGE(err_setting_value), t->tree->name);
    else if (!body && !t->tree->value)
        SEMA_ERROR(t->s, t->p, t->tree->name_span, MESSAGE(err_setting_body), t->tree->name);
    else if (i < N_SETTINGS)
        settings[i].take(t);
    else if (!take_number(t, numbers))
        unknown_setting(t);
}

/* The loss comes last: what mixes pictures says which labels it has. */
static void take_settings(struct setting *t, struct callable *numbers, bool losses)
{
    const struct ast_body *body = t->s->recipe.body;
    for (size_t i = 0; i < body->stmts.n; i++) {
        t->tree = &body->stmts.at[i]->setting;
        t->span = t->tree->value ? t->tree->value->span : t->tree->name_span;
        if (!strcmp(t->tree->name, "loss") == losses)
            take_setting(t, numbers);
    }
}

/* Of epochs; without `epochs` the command line says how many there are. */
static void check_warmup(struct setting *t, const struct attrs *numbers)
{
    const struct picture *schedule = graph_recipe(t->s->graph, CLASS_SCHEDULE);
    if (!schedule || schedule->attr.by_step || !find_setting(t->s->recipe.body, "epochs") ||
        schedule->attr.warmup <= numbers->epochs)
        return;
    SEMA_ERROR(t->s, t->p, schedule->span, MESSAGE(err_warmup), (long long)schedule->attr.warmup,
               (long long)numbers->epochs);
}

/* Of a program for several processes a batch that is given is of a run: a step has as many runs as
 * make the recipe's batch, and as many ranks where bn takes the statistics of all of it. */
static void share_batch(struct setting *t, struct attrs *numbers)
{
    const struct elaborate_options *o = t->s->options;
    const struct ast_setting *said = find_setting(t->s->recipe.body, "batch");
    if (!o->share_batch || !o->batch_given || !said || !said->value)
        return;
    t->span = said->value->span;
    if (numbers->batch_size % o->batch ||
        !checked_mul(numbers->accumulate, numbers->batch_size / o->batch, &numbers->accumulate))
        SEMA_ERROR(t->s, t->p, t->span, MESSAGE(err_batch_share), (long long)numbers->batch_size,
                   (long long)o->batch);
    else if (o->sync_bn)
        t->s->graph->ranks = numbers->batch_size / o->batch;
}

void recipe_finish(struct sema *s, const struct place *p)
{
    const struct recipe *r = &s->recipe;
    struct place place = r->place;
    struct callable *numbers = (struct callable *)callable_operator(s, OP_recipe);
    struct attrs a;
    if (!r->body)
        return;
    if (!r->stmt->train.name)
        place = *p;
    struct setting t = {.s = s, .p = &place, .span = r->stmt->span};
    take_settings(&t, numbers, false);
    take_settings(&t, numbers, true);
    if (!attrs_bind(s, &place, numbers, r->stmt->span, NULL, &a))
        return;
    share_batch(&t, &a);
    if (a.average >= 1) {
        t.span = find_setting(r->body, "average")->value->span;
        SEMA_ERROR(s, &place, t.span, MESSAGE(err_share), "average", "below", a.average);
    }
    check_warmup(&t, &a);
    a.batch_size = 1; /* that of the inputs */
    say(&t, OP_recipe, &a);
}
