/* Where names are looked up: scopes inside one another, then the file's definitions and those it
 * imports, then operators. */
#include "sema/sema.h"

#include <stdint.h>

struct scope *scope_new(struct sema *s, struct scope *parent)
{
    struct scope *t = arena_new_of(s->arena, struct scope);
    t->parent = parent;
    t->module = parent ? parent->module : NULL;
    t->latest.arena = t->options.arena = s->arena;
    return t;
}

/* A name bound again in one scope has its new value from there on. */
void scope_bind(struct sema *s, struct scope *t, const char *name, struct value value,
                struct span span)
{
    VEC_PUSH(s->arena, &t->bindings,
             (struct binding){.name = name, .value = value, .span = span, .evaluated = true});
}

static struct binding *find_among_many(struct scope *t, const char *name)
{
    for (; t->n_latest < t->bindings.n; t->n_latest++)
        map_put(&t->latest, t->bindings.at[t->n_latest].name, (void *)(uintptr_t)(t->n_latest + 1));
    const size_t number = (size_t)(uintptr_t)map_get(&t->latest, name);
    return number ? &t->bindings.at[number - 1] : NULL;
}

static struct binding *find_here(struct scope *t, const char *name)
{
    enum { FEW = 16 }; /* most scopes have hardly any, and are many themselves */
    if (t->bindings.n > FEW)
        return find_among_many(t, name);
    for (size_t i = t->bindings.n; i-- > 0;)
        if (t->bindings.at[i].name == name)
            return &t->bindings.at[i];
    return NULL;
}

struct binding *scope_find(const struct place *p, const char *name)
{
    struct binding *found = NULL;
    for (struct scope *t = p->scope; t && !found; t = t->parent)
        found = find_here(t, name);
    const struct module *m = p->scope->module;
    for (size_t i = m ? m->imports.n : 0; i-- > 0 && !found;)
        found = find_here(m->imports.at[i]->scope, name);
    return found;
}

const struct ast_item *module_find(const struct module *m, const char *name,
                                   enum ast_item_kind kind, struct module **owner)
{
    const struct ast_item *item = map_get(&m->definitions[kind], name);
    *owner = (struct module *)m;
    for (size_t i = m->imports.n; i-- > 0 && !item;) {
        item = map_get(&m->imports.at[i]->definitions[kind], name);
        *owner = m->imports.at[i];
    }
    return item;
}

/* What all callables of one operator or block share. */
static const void *identity(const struct callable *c)
{
    return c->kind == CALLABLE_operator ? (const void *)op_info(c->op) : c->definition;
}

void scope_add_option(struct sema *s, struct scope *t, const struct callable *c, uint32_t from)
{
    struct options *of = map_get(&t->options, identity(c));
    if (!of) {
        of = arena_new_of(s->arena, struct options);
        map_put(&t->options, identity(c), of);
    }
    if (of->list.n)
        c = bind_options(s, c, of->list.at[of->list.n - 1].callable);
    VEC_PUSH(s->arena, &of->list, (struct option){c, from});
}

/* The last that is in force at a place: a body's are when its steps are reached. */
static const struct option *option_at(const struct scope *t, const struct callable *c,
                                      struct span span)
{
    const struct options *of = map_get(&t->options, identity(c));
    size_t first = 0, end = of ? of->list.n : 0;
    while (!t->parent && first < end) {
        const size_t middle = first + (end - first) / 2;
        if (of->list.at[middle].from <= span.begin)
            first = middle + 1;
        else
            end = middle;
    }
    return end ? &of->list.at[end - 1] : NULL;
}

/* Options of scopes further in win. */
static const struct callable *with_options(struct sema *s, const struct scope *t,
                                           const struct callable *c, struct span span)
{
    for (; t; t = t->parent) {
        const struct option *o = option_at(t, c, span);
        if (o)
            c = bind_options(s, c, o->callable);
    }
    return c;
}

const struct callable *scope_callable(struct sema *s, const struct place *p, const char *name,
                                      struct span span)
{
    const struct module *m = p->scope->module;
    struct module *owner = NULL;
    const struct callable *c = NULL;
    const struct ast_item *item = m ? module_find(m, name, ITEM_block, &owner) : NULL;
    enum op op = op_find(name, p->pictures ? CLASS_PICTURE : CLASS_LAYER);
    if (op == N_OPS)
        op = op_find(name, p->pictures ? CLASS_LAYER : CLASS_PICTURE);
    if (item)
        c = callable_block(s, &item->definition, owner->scope, CALLABLE_block);
    else if (op != N_OPS)
        c = callable_operator(s, op);
    else
        return builtin_find(s, name, SIZE_MAX);
    return with_options(s, p->scope, c, span);
}

bool scope_hint_import(const struct sema *s, const char *name, struct diag *d)
{
    struct module *owner;
    for (size_t i = 0; i < s->modules.n; i++)
        if (module_find(s->modules.at[i], name, ITEM_block, &owner) ||
            module_find(s->modules.at[i], name, ITEM_net, &owner)) {
            diag_hint(d, "'%s' is defined in '%s', which is not imported here", name, owner->path);
            return true;
        }
    const char *library = module_in_library(s, name);
    if (library) {
        diag_hint(d, "'import \"%s\"' brings it", library);
        diag_fix(d, (struct span){diag_span(d).source, 0, 0},
                 arena_printf(s->arena, "import \"%s\"\n", library));
    }
    return library;
}

const struct callable *scope_net(struct sema *s, const struct scope *t, const char *name)
{
    struct module *owner;
    const struct ast_item *item = module_find(t->module, name, ITEM_net, &owner);
    return item ? callable_block(s, &item->definition, owner->scope, CALLABLE_net) : NULL;
}

static bool is_step(const struct callable *c)
{
    return c->kind == CALLABLE_block || c->kind == CALLABLE_net || c->kind == CALLABLE_operator;
}

const struct callable *scope_step(struct sema *s, const struct place *p, const char *name,
                                  struct span span)
{
    struct binding *b = scope_find(p, name);
    if (b) {
        struct value v = binding_value(s, p, b);
        if (v.kind == VALUE_callable && is_step(v.callable))
            return v.callable;
    }
    const struct callable *c = scope_callable(s, p, name, span);
    if (c && is_step(c))
        return c;
    return scope_net(s, p->scope, name) ? net_callable(s, p->scope, name, span) : NULL;
}

void scope_add_label(struct sema *s, struct scope *t, struct entry *e)
{
    while (t->loop)
        t = t->parent;
    VEC_PUSH(s->arena, &t->labels, e);
}

void scope_splice_labels(struct sema *s, struct scope *t, const struct scope *from)
{
    for (size_t i = 0; i < from->labels.n; i++)
        scope_add_label(s, t, from->labels.at[i]);
    if (from->incomplete)
        scope_skip(t);
}

struct entry *scope_label(struct sema *s, const struct place *p, const char *name)
{
    for (const struct scope *t = p->scope; t; t = t->block ? NULL : t->parent)
        for (size_t i = t->labels.n; i-- > 0;) {
            s->work += 1;
            if (t->labels.at[i]->label == name)
                return t->labels.at[i];
        }
    return NULL;
}

bool scope_incomplete(const struct scope *t)
{
    for (; t; t = t->block ? NULL : t->parent)
        if (t->incomplete)
            return true;
    return false;
}

void scope_skip(struct scope *t)
{
    while (t->loop)
        t = t->parent;
    t->incomplete = true;
}

static void offer_bindings(const struct scope *t, struct nearest *n, bool steps)
{
    for (size_t i = 0; i < t->bindings.n; i++) {
        const struct value *v = &t->bindings.at[i].value;
        if (!steps || (v->kind == VALUE_callable && is_step(v->callable)))
            nearest_offer(n, t->bindings.at[i].name);
    }
}

static void offer_definitions(const struct module *m, struct nearest *n)
{
    for (size_t i = 0; i < m->tree->items.n; i++)
        if (m->tree->items.at[i]->kind == ITEM_block || m->tree->items.at[i]->kind == ITEM_net)
            nearest_offer(n, m->tree->items.at[i]->definition.name);
}

void scope_offer_class(enum op_class class, struct nearest *n)
{
    for (enum op op = 0; op < N_OPS; op++)
        if (op_info(op)->class == class)
            nearest_offer(n, op_info(op)->name);
}

void scope_offer_steps(const struct place *p, struct nearest *n)
{
    const struct module *m = p->scope->module;
    scope_offer_class(p->pictures ? CLASS_PICTURE : CLASS_LAYER, n);
    for (const struct scope *t = p->scope; t; t = t->parent)
        offer_bindings(t, n, true);
    offer_definitions(m, n);
    for (size_t i = 0; i < m->imports.n; i++)
        offer_definitions(m->imports.at[i], n);
}

void scope_offer_names(const struct place *p, struct nearest *n)
{
    const struct module *m = p->scope->module;
    for (const struct scope *t = p->scope; t; t = t->parent)
        offer_bindings(t, n, false);
    for (size_t i = 0; i < m->imports.n; i++)
        offer_bindings(m->imports.at[i]->scope, n, false);
    scope_offer_steps(p, n);
    builtin_offer(n);
    scope_offer_labels(p, n);
}

void scope_offer_labels(const struct place *p, struct nearest *n)
{
    for (const struct scope *t = p->scope; t; t = t->block ? NULL : t->parent)
        for (size_t i = 0; i < t->labels.n; i++)
            nearest_offer(n, t->labels.at[i]->label);
}
