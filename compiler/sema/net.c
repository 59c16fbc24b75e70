/* The choice of a net, its parameters by -D, and its graph. */
#include "sema/sema.h"

#include "front/parse.h"

#include <string.h>

enum { MOST_DERIVED = 64 };

/* The nets that a file defines itself; with a hint for a net's open parameters. */
static size_t list_nets(const struct module *m, struct text *names,
                        const struct ast_definition **last)
{
    size_t n = 0;
    for (size_t i = 0; i < m->tree->items.n; i++)
        if (m->tree->items.at[i]->kind == ITEM_net) {
            *last = &m->tree->items.at[i]->definition;
            text_printf(names, "%s%s", n++ ? ", " : "", (*last)->name);
        }
    return n;
}

static const char *choose_net(struct sema *s, const struct module *m)
{
    const struct ast_definition *last = NULL;
    const struct span nowhere = {0};
    struct text names;
    text_init(&names, s->arena);
    size_t n = list_nets(m, &names, &last);
    const char *wanted = s->options->net;
    const char *name = wanted ? strings_intern0(s->strings, wanted) : last ? last->name : NULL;
    struct diag *d = NULL;
    if (!n && !wanted) {
        diag_add(s->diags, nowhere, MESSAGE(err_no_net), m->path);
        return NULL;
    }
    if (wanted && !scope_net(s, m->scope, name))
        d = diag_add(s->diags, nowhere, MESSAGE(err_unknown_net), m->path, wanted);
    else if (!wanted && n > 1)
        d = diag_add(s->diags, nowhere, MESSAGE(err_several_nets), m->path, n);
    if (!d)
        return name;
    if (n)
        diag_hint(d, "choose with --net: %s", text_string(&names));
    s->wrong_call = true;
    return NULL;
}

/* A net with the arguments of the nets made from it, from the base out. */
static const struct callable *derive(struct sema *s, struct scope *t, const char *name,
                                     struct span span, int depth)
{
    struct place p = {.scope = t};
    const struct callable *c = scope_net(s, t, name);
    if (!c) {
        struct diag *d = SEMA_ERROR(s, &p, span, MESSAGE(err_unknown_base), name);
        if (scope_callable(s, &p, name, span))
            diag_hint(d, "'%s' is no net: write 'net … { input …; %s }' around it", name, name);
        return NULL;
    }
    const struct ast_definition *definition = c->definition;
    if (!definition->base)
        return c;
    if (depth >= MOST_DERIVED) {
        SEMA_ERROR(s, &p, span, MESSAGE(err_net_cycle), name);
        return NULL;
    }
    struct place there = {.scope = c->scope};
    const struct callable *base =
        derive(s, c->scope, definition->base, definition->base_span, depth + 1);
    const struct callable *made =
        base ? bind_args(s, &there, base, &definition->args, false) : NULL;
    return made ? callable_named(s, made, name) : NULL;
}

const struct callable *net_callable(struct sema *s, struct scope *t, const char *name,
                                    struct span span)
{
    return derive(s, t, name, span, 0);
}

/* Its parameters, without its inputs. */
static int n_params(const struct callable *c)
{
    return (int)c->definition->params.list.n;
}

static void bad_define(struct sema *s, const struct callable *c, const char *text)
{
    struct nearest n;
    const char *equals = strchr(text, '=');
    const char *name = arena_strndup(s->arena, text, (size_t)(equals - text));
    struct diag *d =
        diag_add(s->diags, (struct span){0}, MESSAGE(err_define_name), s->graph->name, name);
    nearest_init(&n, name);
    for (int i = 0; i < n_params(c); i++)
        if (c->slots[i].state == SLOT_empty)
            nearest_offer(&n, callable_param(c, i));
    if (nearest_best(&n))
        diag_hint(d, "did you mean '%s'?", nearest_best(&n));
    s->wrong_call = true;
}

const struct ast_item *option_item(struct sema *s, const struct option_text *t)
{
    const uint32_t hidden = (uint32_t)strlen(t->before);
    const char *text = arena_printf(s->arena, "%s%s%s", t->before, t->given, t->after);
    uint32_t source = sources_add(s->sources, t->option, text, strlen(text));
    sources_hide(s->sources, source, hidden);
    size_t errors = s->diags->n_errors;
    const struct ast_file *file = parse(s->arena, s->strings, s->diags, source);
    if (s->diags->n_errors != errors)
        return NULL;
    if (file->items.n == 1 && file->items.at[0]->kind == t->kind)
        return file->items.at[0];
    diag_add(s->diags, (struct span){source, hidden, hidden}, MESSAGE(err_option_text), t->option,
             t->what);
    return NULL;
}

/* The value of -D, an expression: read as a constant of a file of its own. */
static struct value define_value(struct sema *s, struct scope *t, const char *define)
{
    const struct ast_item *item =
        option_item(s, &(struct option_text){"-D", "let ", define, "", ITEM_let, "one expression"});
    struct place p = {.scope = t};
    return item ? eval(s, &p, item->let.value) : value_poison();
}

static bool apply_define(struct sema *s, const struct module *m, const struct callable *c,
                         const char *text)
{
    const char *equals = strchr(text, '=');
    for (int i = 0; i < n_params(c); i++) {
        const char *name = callable_param(c, i);
        size_t n = strlen(name);
        if (c->slots[i].state == SLOT_given || n != (size_t)(equals - text) ||
            strncmp(name, text, n))
            continue;
        struct value v = define_value(s, m->scope, text);
        c->slots[i] = (struct slot){SLOT_option, v, {0}};
        s->wrong_call |= v.kind == VALUE_poison;
        return v.kind != VALUE_poison;
    }
    bad_define(s, c, text);
    return false;
}

static bool apply_defines(struct sema *s, const struct module *m, const struct callable *c)
{
    bool good = true;
    for (size_t i = 0; i < s->options->n_defines; i++)
        good &= apply_define(s, m, c, s->options->defines[i]);
    return good;
}

/* Parameters that neither the description nor -D gives a value. */
static bool check_complete(struct sema *s, const struct callable *c)
{
    for (int i = 0; i < n_params(c); i++) {
        const struct ast_param *param = &c->definition->params.list.at[i];
        if (c->slots[i].state != SLOT_empty || param->value)
            continue;
        struct diag *d =
            diag_add(s->diags, param->span, MESSAGE(err_open_param), s->graph->name, param->name);
        diag_hint(d, "give it with -D %s=…, or choose a net that has it", param->name);
        s->wrong_call = true;
        return false;
    }
    return true;
}

static void warn_drops(struct sema *s)
{
    const uint32_t *uses = graph_count_uses(s->graph, s->arena);
    for (size_t i = 0; i < s->drops.n; i++) {
        const struct drop *drop = &s->drops.at[i];
        struct place p = {.frame = drop->node->frame};
        if (uses[drop->node->id])
            continue;
        struct diag *d = diag_add(sema_warning_sink(s, drop->node->span, DIAG_warn_dead),
                                  drop->node->span, MESSAGE(warn_dead));
        diag_note(d, drop->from, "this 'from' leaves it");
        sema_walk_out(&p, d);
    }
}

static void check_inputs_used(struct sema *s)
{
    for (size_t i = 0; i < s->options->n_inputs; i++)
        if (!s->input_used[i]) {
            diag_add(s->diags, (struct span){0}, MESSAGE(err_input_name), s->graph->name,
                     s->options->inputs[i]);
            s->wrong_call = true;
        }
}

static void finish(struct sema *s, const struct place *p, const struct ast_definition *d)
{
    if (!s->graph->inputs.n && !diags_have_errors(s->diags))
        SEMA_ERROR(s, p, d->name_span, MESSAGE(err_no_input), d->name);
    check_inputs_used(s);
    if (diags_have_errors(s->diags))
        return;
    if (p->in.kind == FLOW_none)
        SEMA_ERROR(s, p, d->name_span, MESSAGE(err_empty_net), d->name);
    output_finish(s, p, d);
    warn_drops(s);
    recipe_finish(s, p);
}

static void elaborate_chosen(struct sema *s, const struct callable *c,
                             const struct ast_definition *chosen)
{
    const struct ast_definition *d = c->definition;
    struct names root = {"", 0};
    struct program net = {.definition = d, .n_inputs = body_inputs(d->body)};
    const struct call call = {.definition = d};
    struct place p = {.scope = scope_new(s, c->scope),
                      .names = &root,
                      .call = &call,
                      .net = &net,
                      .net_body = true};
    struct span made = chosen == d ? (struct span){0} : chosen->base_span;
    p.scope->block = true;
    elaborate_frame(s, &p, FRAME_net, d->name, 0, made);
    if (!bind_params(s, &p, c, &d->params, &p, d->name_span))
        return;
    recipe_begin(s, &p, d->body);
    elaborate_stmts(s, &p, d->body);
    finish(s, &p, d);
}

bool elaborate_net(struct sema *s, struct module *m)
{
    const char *name = choose_net(s, m);
    if (!name)
        return false;
    s->graph = graph_new(s->arena, s->strings, name);
    s->graph->source = s->options->file;
    s->graph->training = s->options->training;
    const struct callable *c = net_callable(s, m->scope, name, (struct span){0});
    if (!c || !apply_defines(s, m, c) || !check_complete(s, c))
        return false;
    elaborate_chosen(s, c, scope_net(s, m->scope, name)->definition);
    return !diags_have_errors(s->diags);
}
