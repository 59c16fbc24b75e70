#include "lsp/index.h"

#include "front/parse.h"

#include <string.h>

/* The walk over a file. `env` holds the names in sight, innermost last. */
struct walk {
    struct index *index;
    struct indexed_file *file;
    VEC(struct symbol *) env;
    struct symbol *owner; /* of labels: the definition or labelled step around */
    uint32_t end;         /* of the body that names are in sight in */
    uint32_t label_end;   /* and labels: those of loops go to the body around */
};

enum { NAMES_values, NAMES_steps, NAMES_tensors };

bool symbol_holds(const struct symbol *outer, const struct symbol *s)
{
    for (int depth = 0; outer && depth < 64; outer = outer->of, depth++)
        if (s->parent == outer)
            return true;
    return false;
}

const struct indexed_file *index_file(const struct index *x, uint32_t source)
{
    for (size_t i = 0; i < x->files.n; i++)
        if (x->files.at[i]->source == source)
            return x->files.at[i];
    return NULL;
}

const struct use *index_at(const struct index *x, uint32_t source, size_t offset)
{
    const struct use *found = NULL;
    for (size_t i = 0; i < x->uses.n; i++) {
        const struct use *u = &x->uses.at[i];
        if (u->span.source == source && u->span.begin <= offset && offset <= u->span.end)
            found = !found || u->span.begin > found->span.begin ? u : found;
    }
    return found;
}

/* ---- names ---- */

static void add_use(struct walk *w, struct span span, struct symbol *s, bool definition)
{
    if (s)
        VEC_PUSH(w->index->arena, &w->index->uses, (struct use){span, s, definition});
}

static struct symbol *define(struct walk *w, enum symbol_kind kind, const char *name,
                             struct span span, struct span whole)
{
    struct symbol *s = arena_new_of(w->index->arena, struct symbol);
    *s = (struct symbol){.kind = kind, .name = name, .span = span, .whole = whole};
    s->parent = w->owner;
    VEC_PUSH(w->index->arena, &w->index->symbols, s);
    add_use(w, span, s, true);
    return s;
}

/* A name in sight from `from` on. */
static void push(struct walk *w, struct symbol *s, uint32_t from, uint32_t end)
{
    s->reach = (struct span){s->span.source, from, end};
    VEC_PUSH(w->index->arena, &w->env, s);
}

static void define_local(struct walk *w, enum symbol_kind kind, const char *name, struct span span,
                         struct span whole)
{
    push(w, define(w, kind, name, span, whole), whole.end, w->end);
}

/* The name inside of quotes, indices left out. */
static struct span span_of_name(const struct walk *w, struct span span, const char *name)
{
    const struct source *s = sources_get(w->index->sources, span.source);
    size_t n = strlen(name);
    uint32_t begin = span.begin + (s->bytes[span.begin] == '"');
    bool written = begin + n <= span.end && !memcmp(s->bytes + begin, name, n);
    return written ? (struct span){span.source, begin, begin + (uint32_t)n} : span;
}

static bool answers(const struct symbol *s, const char *name, int names)
{
    bool step = s->kind != SYMBOL_label && s->kind != SYMBOL_input && s->kind != SYMBOL_recipe;
    return s->name == name && (names != NAMES_steps || step);
}

static struct symbol *find_global(const struct indexed_file *f, const char *name, int names)
{
    struct symbol *found = NULL;
    for (size_t i = f->globals.n; i-- > 0;) {
        struct symbol *s = f->globals.at[i];
        if (s->kind == SYMBOL_recipe)
            continue;
        bool value = s->kind == SYMBOL_constant || s->kind == SYMBOL_function;
        bool wanted = names == NAMES_steps ? s->kind == SYMBOL_block : value;
        if (s->name == name && (!found || wanted))
            found = s;
    }
    return found;
}

static struct symbol *find(const struct walk *w, const char *name, int names)
{
    for (size_t i = w->env.n; i-- > 0;)
        if (answers(w->env.at[i], name, names))
            return w->env.at[i];
    struct symbol *s = find_global(w->file, name, names);
    for (size_t i = w->file->imports.n; i-- > 0 && !s;)
        s = find_global(w->file->imports.at[i], name, names);
    return s;
}

static struct symbol *find_inside(const struct walk *w, const struct symbol *outer,
                                  const char *name, enum symbol_kind kind)
{
    for (size_t i = 0; i < w->index->symbols.n; i++) {
        struct symbol *s = w->index->symbols.at[i];
        if (s->name == name && s->kind == kind && symbol_holds(outer, s))
            return s;
    }
    return NULL;
}

/* ---- expressions ---- */

static void walk_expr(struct walk *, const struct ast_expr *);

/* Arguments of what `callee` is, or of what nobody knows. */
static void walk_args(struct walk *w, const struct ast_args *args, const struct symbol *callee)
{
    for (size_t i = 0; i < args->list.n; i++) {
        const struct ast_arg *a = &args->list.at[i];
        if (a->name && callee)
            add_use(w, a->name_span, find_inside(w, callee, a->name, SYMBOL_parameter), false);
        walk_expr(w, a->value);
    }
}

static void walk_exprs(struct walk *w, const struct ast_exprs *items)
{
    for (size_t i = 0; i < items->list.n; i++)
        walk_expr(w, items->list.at[i]);
}

static void walk_call(struct walk *w, const struct ast_expr *e)
{
    const struct ast_expr *callee = e->call.callee;
    struct symbol *s = NULL;
    if (callee->kind == EXPR_name) {
        s = find(w, callee->string, NAMES_values);
        add_use(w, callee->span, s, false);
    } else {
        walk_expr(w, callee);
    }
    walk_args(w, &e->call.args, s);
}

static void walk_expr(struct walk *w, const struct ast_expr *e)
{
    if (!e)
        return;
    switch (e->kind) {
    case EXPR_name:
        add_use(w, e->span, find(w, e->string, NAMES_values), false);
        return;
    case EXPR_tuple:
    case EXPR_list:
        walk_exprs(w, &e->items);
        return;
    case EXPR_unary:
    case EXPR_binary:
    case EXPR_index:
        walk_expr(w, e->binary.left);
        walk_expr(w, e->binary.right);
        return;
    case EXPR_cond:
        walk_expr(w, e->cond.yes);
        walk_expr(w, e->cond.condition);
        walk_expr(w, e->cond.no);
        return;
    case EXPR_member:
        walk_expr(w, e->member.of);
        return;
    case EXPR_call:
        walk_call(w, e);
        return;
    default:
        return;
    }
}

/* ---- steps ---- */

/* Names of a body that ends; labels of a loop's stay. */
static void pop(struct walk *w, size_t mark, bool loop)
{
    size_t n = mark;
    for (size_t i = mark; loop && i < w->env.n; i++)
        if (w->env.at[i]->kind == SYMBOL_label)
            w->env.at[n++] = w->env.at[i];
    w->env.n = n;
}

static void walk_stmts(struct walk *, const struct ast_body *);

static void walk_body(struct walk *w, const struct ast_body *body, bool loop)
{
    size_t mark = w->env.n;
    uint32_t end = w->end, label_end = w->label_end;
    if (!body)
        return;
    w->end = body->span.end;
    w->label_end = loop ? label_end : body->span.end;
    walk_stmts(w, body);
    w->end = end;
    w->label_end = label_end;
    pop(w, mark, loop);
}

static void define_pattern(struct walk *w, const struct ast_pattern *p, const struct ast_body *body)
{
    if (p && p->name)
        push(w, define(w, SYMBOL_variable, p->name, p->span, p->span), body->span.begin,
             body->span.end);
    for (size_t i = 0; p && !p->name && i < p->items.n; i++)
        define_pattern(w, p->items.at[i], body);
}

static void walk_loop(struct walk *w, const struct ast_loop *loop)
{
    size_t mark = w->env.n;
    walk_expr(w, loop->range.first);
    walk_expr(w, loop->range.last);
    define_pattern(w, loop->pattern, loop->body);
    walk_body(w, loop->body, true);
    pop(w, mark, true);
}

static void walk_fork(struct walk *w, const struct ast_action *a)
{
    walk_args(w, &a->fork.joint.args, NULL);
    if (a->fork.loop)
        walk_loop(w, a->fork.loop);
    for (size_t i = 0; !a->fork.loop && i < a->fork.branches.n; i++) {
        walk_expr(w, a->fork.branches.at[i].condition);
        walk_body(w, a->fork.branches.at[i].body, true);
    }
}

/* A path goes into labelled steps, and into the blocks that they call. */
static void walk_path(struct walk *w, const struct ast_path *path)
{
    struct symbol *s = NULL;
    for (size_t i = 0; i < path->items.n; i++) {
        const struct ast_path_item *item = &path->items.at[i];
        walk_expr(w, item->value);
        if (item->kind == PATH_index)
            continue;
        bool named = item->kind == PATH_name || item->kind == PATH_string;
        struct symbol *outer = s;
        s = !named ? NULL
            : i    ? (outer ? find_inside(w, outer, item->name, SYMBOL_label) : NULL)
                   : find(w, item->name, NAMES_tensors);
        if (s)
            add_use(w, span_of_name(w, item->span, item->name), s, false);
    }
}

static struct symbol *walk_step_call(struct walk *w, const struct ast_action *a)
{
    struct symbol *s = find(w, a->call.name, NAMES_steps);
    add_use(w, a->call.name_span, s, false);
    walk_args(w, &a->call.args, s);
    return s;
}

static void walk_bodies(struct walk *w, const struct ast_action *a)
{
    switch (a->kind) {
    case ACTION_residual:
        walk_expr(w, a->residual.condition);
        walk_body(w, a->residual.body, true);
        walk_expr(w, a->residual.shortcut_condition);
        walk_body(w, a->residual.shortcut, true);
        return;
    case ACTION_on:
        walk_body(w, a->on.body, true);
        return;
    case ACTION_repeat:
        walk_expr(w, a->repeat.count);
        walk_body(w, a->repeat.body, true);
        return;
    case ACTION_if:
        for (size_t i = 0; i < a->branch.clauses.n; i++) {
            walk_expr(w, a->branch.clauses.at[i].condition);
            walk_body(w, a->branch.clauses.at[i].body, true);
        }
        return;
    case ACTION_body:
        walk_body(w, a->body, false);
        return;
    default:
        return;
    }
}

/* What a step calls, where that is a block, a net or a parameter. */
static struct symbol *walk_action(struct walk *w, const struct ast_action *a)
{
    if (a->kind == ACTION_call)
        return walk_step_call(w, a);
    if (a->kind == ACTION_fork)
        walk_fork(w, a);
    else if (a->kind == ACTION_for)
        walk_loop(w, &a->loop);
    else if (a->kind == ACTION_from)
        walk_path(w, &a->from);
    else
        walk_bodies(w, a);
    return NULL;
}

/* `down[i]` may have several steps, under one name. */
static struct symbol *define_label(struct walk *w, const struct ast_step *step)
{
    const struct ast_label *label = step->label;
    struct span span = span_of_name(w, label->span, label->name);
    for (size_t i = w->env.n; label->indices.list.n && i-- > 0;) {
        struct symbol *s = w->env.at[i];
        if (s->kind != SYMBOL_label || s->name != label->name || s->parent != w->owner)
            continue;
        add_use(w, span, s, true);
        return s;
    }
    return define(w, SYMBOL_label, label->name, span, step->span);
}

static void walk_step(struct walk *w, const struct ast_step *step)
{
    struct symbol *owner = w->owner, *label = NULL;
    if (step->label) {
        walk_expr(w, step->label->value);
        walk_exprs(w, &step->label->indices);
    }
    if (step->label && step->label->name)
        label = define_label(w, step);
    w->owner = label ? label : owner;
    struct symbol *called = walk_action(w, step->action);
    w->owner = owner;
    if (!label)
        return;
    label->of = called;
    push(w, label, step->span.end, w->label_end);
}

/* ---- statements ---- */

static struct symbol *define_params(struct walk *w, const struct ast_params *params,
                                    struct symbol *owner, struct span body)
{
    struct symbol *outer = w->owner;
    w->owner = owner;
    for (size_t i = 0; i < params->list.n; i++) {
        const struct ast_param *p = &params->list.at[i];
        push(w, define(w, SYMBOL_parameter, p->name, p->span, p->span), p->span.end, body.end);
    }
    w->owner = outer;
    return owner;
}

/* Defaults may speak of the parameters before them. */
static void walk_defaults(struct walk *w, const struct ast_params *params)
{
    for (size_t i = 0; i < params->list.n; i++)
        walk_expr(w, params->list.at[i].value);
}

static void walk_let(struct walk *w, const struct ast_let *let, struct symbol *s)
{
    size_t mark = w->env.n;
    if (let->function && s)
        define_params(w, &let->params, s, s->whole);
    walk_defaults(w, &let->params);
    walk_expr(w, let->value);
    pop(w, mark, false);
}

static void walk_local_let(struct walk *w, const struct ast_stmt *stmt)
{
    const struct ast_let *let = &stmt->let;
    struct symbol *s = define(w, let->function ? SYMBOL_function : SYMBOL_variable, let->name,
                              let->name_span, stmt->span);
    walk_let(w, let, s);
    push(w, s, stmt->span.end, w->end);
}

static void walk_default(struct walk *w, const struct ast_default *d)
{
    struct symbol *s = find(w, d->name, NAMES_steps);
    add_use(w, d->name_span, s, false);
    walk_args(w, &d->args, s);
}

static struct symbol *find_recipe(const struct walk *w, const char *name)
{
    for (size_t i = 0; name && i <= w->file->imports.n; i++) {
        const struct indexed_file *f = i ? w->file->imports.at[i - 1] : w->file;
        for (size_t k = 0; k < f->globals.n; k++)
            if (f->globals.at[k]->kind == SYMBOL_recipe && f->globals.at[k]->name == name)
                return f->globals.at[k];
    }
    return NULL;
}

static void walk_train(struct walk *w, const struct ast_train *train)
{
    struct symbol *s = find_recipe(w, train->name);
    add_use(w, train->span, s, false);
    walk_args(w, &train->args, s);
    walk_body(w, train->body, true);
}

static void walk_stmt(struct walk *w, const struct ast_stmt *stmt)
{
    switch (stmt->kind) {
    case STMT_pipeline:
        for (size_t i = 0; i < stmt->pipeline.steps.n; i++)
            walk_step(w, stmt->pipeline.steps.at[i]);
        return;
    case STMT_let:
        walk_local_let(w, stmt);
        return;
    case STMT_default:
        walk_default(w, &stmt->defaults);
        return;
    case STMT_require:
        walk_expr(w, stmt->require);
        return;
    case STMT_train:
        walk_train(w, &stmt->train);
        return;
    case STMT_setting:
        walk_expr(w, stmt->setting.value);
        walk_body(w, stmt->setting.body, true);
        return;
    case STMT_input:
        walk_exprs(w, &stmt->input.dims);
        walk_body(w, stmt->input.body, true);
        define_local(w, SYMBOL_input, stmt->input.name, stmt->input.name_span, stmt->span);
        return;
    case STMT_output:
        walk_args(w, &stmt->output.args, NULL);
        return;
    default:
        return;
    }
}

static void walk_stmts(struct walk *w, const struct ast_body *body)
{
    for (size_t i = 0; i < body->stmts.n; i++)
        walk_stmt(w, body->stmts.at[i]);
}

/* ---- files ---- */

static void define_item(struct walk *w, const struct ast_item *item)
{
    const struct ast_definition *d = &item->definition;
    struct symbol *s = NULL;
    if (item->kind == ITEM_let)
        s = define(w, item->let.function ? SYMBOL_function : SYMBOL_constant, item->let.name,
                   item->let.name_span, item->span);
    else if (item->kind != ITEM_import && item->kind != ITEM_default)
        s = define(w,
                   item->kind == ITEM_net     ? SYMBOL_net
                   : item->kind == ITEM_block ? SYMBOL_block
                                              : SYMBOL_recipe,
                   d->name, d->name_span, item->span);
    if (!s)
        return;
    s->item = item;
    VEC_PUSH(w->index->arena, &w->file->globals, s);
    if (item->kind != ITEM_let)
        define_params(w, &d->params, s, item->span);
    w->env.n = 0;
}

static struct symbol *symbol_of(const struct walk *w, const struct ast_item *item)
{
    for (size_t i = 0; i < w->file->globals.n; i++)
        if (w->file->globals.at[i]->item == item)
            return w->file->globals.at[i];
    return NULL;
}

/* A net that is made from another takes its parameters. */
static void walk_base(struct walk *w, const struct ast_definition *d, struct symbol *s)
{
    for (size_t i = 0; i <= w->file->imports.n && !s->of; i++) {
        const struct indexed_file *f = i ? w->file->imports.at[i - 1] : w->file;
        for (size_t k = 0; k < f->globals.n; k++)
            if (f->globals.at[k]->kind == SYMBOL_net && f->globals.at[k]->name == d->base)
                s->of = f->globals.at[k];
    }
    add_use(w, d->base_span, s->of, false);
    walk_args(w, &d->args, s->of);
}

static void walk_definition(struct walk *w, const struct ast_definition *d, struct symbol *s)
{
    for (size_t i = 0; i < w->index->symbols.n; i++)
        if (w->index->symbols.at[i]->parent == s &&
            w->index->symbols.at[i]->kind == SYMBOL_parameter)
            VEC_PUSH(w->index->arena, &w->env, w->index->symbols.at[i]);
    walk_defaults(w, &d->params);
    w->owner = s;
    walk_body(w, d->body, false);
    w->owner = NULL;
    w->env.n = 0;
}

static void walk_item(struct walk *w, const struct ast_item *item)
{
    struct symbol *s = symbol_of(w, item);
    if (item->kind == ITEM_default)
        walk_default(w, &item->defaults);
    else if (item->kind == ITEM_let)
        walk_let(w, &item->let, s);
    else if (s && item->definition.base)
        walk_base(w, &item->definition, s);
    else if (s)
        walk_definition(w, &item->definition, s);
}

static void walk_file(struct index *x, struct indexed_file *f, bool definitions)
{
    struct walk w = {.index = x, .file = f};
    for (size_t i = 0; i < f->tree->items.n; i++)
        if (definitions)
            define_item(&w, f->tree->items.at[i]);
        else
            walk_item(&w, f->tree->items.at[i]);
}

static struct indexed_file *add_file(struct index *x, const struct parsed_file *file)
{
    struct indexed_file *f = arena_new_of(x->arena, struct indexed_file);
    *f = (struct indexed_file){.path = file->path, .source = file->source, .tree = file->tree};
    VEC_PUSH(x->arena, &x->files, f);
    return f;
}

/* A file that was read already, or is now; NULL: it cannot be. */
static struct indexed_file *open_file(struct index *x, const char *path)
{
    struct diags unheard;
    const char *why;
    diags_init(&unheard, x->arena, x->sources);
    const struct parsed_file *file =
        parsed_open(x->options->parsed, x->arena, x->strings, x->sources, &unheard, path, &why);
    for (size_t i = 0; file && i < x->files.n; i++)
        if (x->files.at[i]->source == file->source)
            return x->files.at[i];
    return file ? add_file(x, file) : NULL;
}

/* Files whose paths are long lead in circles. */
static void open_imports(struct index *x, struct indexed_file *f)
{
    enum { MOST_FILES = 200 };
    for (size_t i = 0; i < f->tree->items.n; i++) {
        const struct ast_item *item = f->tree->items.at[i];
        const char *path = item->kind == ITEM_import && x->files.n < MOST_FILES
                               ? import_search(x->arena, x->options, f->path, item->import)
                               : NULL;
        struct indexed_file *imported = path ? open_file(x, path) : NULL;
        if (imported)
            VEC_PUSH(x->arena, &f->imports, imported);
    }
}

void index_make(struct index *x, const struct parsed_file *file)
{
    add_file(x, file);
    for (size_t i = 0; i < x->files.n; i++)
        open_imports(x, x->files.at[i]);
    for (size_t i = 0; i < x->files.n; i++)
        walk_file(x, x->files.at[i], true);
    for (size_t i = 0; i < x->files.n; i++)
        walk_file(x, x->files.at[i], false);
}
