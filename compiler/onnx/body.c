/* Nodes in their order, in the names of a graph, of a branch or of a function. */
#include "onnx/import.h"

#include <string.h>

bool datum_is_there(const struct datum *v)
{
    if (v->kind == DATUM_left_out)
        call_lacks(v->giver, "its result %d, which something reads, is not known here",
                   v->number + 1);
    return v->kind != DATUM_left_out && v->kind != DATUM_unknown;
}

const struct datum *names_find(const struct names *names, const char *interned)
{
    const struct datum *v = NULL;
    for (; names && !v; names = names->outer)
        v = map_get(&names->values, interned);
    return v;
}

void names_set(struct body *b, const char *name, struct datum value)
{
    struct import *s = b->import;
    name = strings_intern0(s->strings, name);
    if (map_get(&b->names.values, name)) {
        diag_add(s->diags, (struct span){0}, MESSAGE(err_onnx_twice), name);
        s->lacking++;
        return;
    }
    struct datum *v = arena_new_of(s->arena, struct datum);
    *v = value;
    map_put(&b->names.values, name, v);
}

bool convert_initializers(struct body *b, size_t n, Onnx__TensorProto *const *tensors)
{
    struct import *s = b->import;
    bool good = true;
    for (size_t i = 0; i < n; i++) {
        const Onnx__TensorProto *t = tensors[i];
        const char *why, *name = t->name ? t->name : "";
        struct constant *k = file_constant(s->arena, s->options->path, t, &why);
        if (!k) {
            diag_add(s->diags, (struct span){0}, MESSAGE(err_onnx_tensor), name, why);
            good = false;
            continue;
        }
        k->name = strings_intern0(s->strings, name);
        unique_take(&s->param_names, name);
        names_set(b, name, datum_of_constant(k));
        if (!b->depth)
            map_put(&s->initializers, k->name, map_get(&b->names.values, k->name));
    }
    return good;
}

static bool is_known(const char *domain)
{
    return !domain || !*domain || !strcmp(domain, "ai.onnx");
}

static bool is_named(const char *a, const char *b)
{
    return !strcmp(a ? a : "", b ? b : "");
}

static const Onnx__FunctionProto *find_function(const struct call *c)
{
    const Onnx__ModelProto *m = c->import->model;
    for (size_t i = 0; i < m->n_functions; i++) {
        const Onnx__FunctionProto *f = m->functions[i];
        if (is_named(f->name, c->node->op_type) && is_named(f->domain, c->node->domain))
            return f;
    }
    return NULL;
}

int64_t opset_of(size_t n, Onnx__OperatorSetIdProto *const *list, int64_t otherwise)
{
    for (size_t i = 0; i < n; i++)
        if (is_known(list[i]->domain))
            return list[i]->version;
    return otherwise;
}

/* The results of a body, by name, become those of the node that stands for it. */
static bool take_outputs(struct call *c, const struct names *names, size_t n, char *const *outputs)
{
    struct import *s = c->import;
    for (int i = 0; i < c->n_out && (size_t)i < n; i++) {
        const struct datum *v = names_find(names, strings_intern0(s->strings, outputs[i]));
        if (!v)
            return call_lacks(c, "its output '%s' is given by nothing", outputs[i]);
        c->out[i] = *v;
    }
    return true;
}

static bool is_too_deep(struct call *c)
{
    return c->body->depth >= MOST_DEPTH &&
           !call_lacks(c, "functions and branches lie more than %d deep in each other", MOST_DEPTH);
}

static bool call_function(struct call *c, const Onnx__FunctionProto *f)
{
    struct import *s = c->import;
    struct body body = {.import = s,
                        .names = {.values = {.arena = s->arena}},
                        .opset = opset_of(f->n_opset_import, f->opset_import, c->opset),
                        .caller = c,
                        .span = c->span,
                        .scope = arena_printf(s->arena, "%s.", c->name),
                        .depth = c->body->depth + 1};
    if (is_too_deep(c))
        return false;
    for (size_t i = 0; i < f->n_input && i < (size_t)c->n_in; i++)
        if (c->in[i])
            names_set(&body, f->input[i], *c->in[i]);
    convert_nodes(&body, f->n_node, f->node);
    return take_outputs(c, &body.names, f->n_output, f->output);
}

bool convert_if(struct call *c)
{
    const struct constant *condition = operand_constant(c, 0, "the condition");
    if (!condition)
        return false;
    const bool yes = constant_elements(condition) && constant_int_at(condition, 0);
    return convert_branch(c, yes ? "then_branch" : "else_branch");
}

bool convert_branch(struct call *c, const char *name)
{
    struct import *s = c->import;
    const Onnx__AttributeProto *a = attribute(c, name);
    const Onnx__GraphProto *g = a ? file_subgraph(s->arena, &a->g) : NULL;
    struct body body = *c->body;
    if (!g || is_too_deep(c))
        return g ? false : call_lacks(c, "its branch is no graph");
    body.names = (struct names){&c->body->names, {.arena = s->arena}};
    body.scope = arena_printf(s->arena, "%s.", c->name);
    body.spans = NULL;
    body.span = c->span;
    body.depth++;
    if (!convert_initializers(&body, g->n_initializer, g->initializer))
        return false;
    convert_nodes(&body, g->n_node, g->node);
    char **outputs = arena_array(s->arena, g->n_output, sizeof *outputs);
    for (size_t i = 0; i < g->n_output; i++)
        outputs[i] = g->output[i]->name ? g->output[i]->name : "";
    return take_outputs(c, &body.names, g->n_output, outputs);
}

/* "features.0.Conv" of "/features/features.0/Conv", as PyTorch writes it: a part that begins with
 * the one before it replaces that. */
static const char *scope_name(struct arena *arena, const char *scope, const char *path)
{
    struct text t;
    size_t last = 0;
    text_init(&t, arena);
    while (*path) {
        const size_t n = strcspn(path, "/");
        const size_t before = t.n - last;
        if (n && before && n > before && path[before] == '.' && !strncmp(path, t.at + last, before))
            text_truncate(&t, last);
        else if (n && t.n)
            text_append(&t, ".");
        last = n ? t.n : last;
        text_append_n(&t, path, n);
        path += n + (path[n] == '/');
    }
    return arena_printf(arena, "%s%s", scope, text_string(&t));
}

static bool lists(const char *list, const char *word)
{
    const size_t n = strlen(word);
    for (const char *at = list; n && (at = strstr(at, word)); at++)
        if (at > list && at[-1] == ' ' && at[n] == ' ')
            return true;
    return false;
}

/* Each attribute is one that the row knows. */
static bool check_attributes(struct call *c, const struct operator* row)
{
    for (size_t i = 0; i < c->node->n_attribute; i++) {
        const char *name = c->node->attribute[i]->name ? c->node->attribute[i]->name : "";
        if (!lists(row->attributes, name))
            return call_lacks(c, "netc does not know its attribute '%s'", name);
    }
    return true;
}

/* Operands by name; false: one is not there, or is not known because of what was reported. */
static bool find_operands(struct call *c)
{
    struct import *s = c->import;
    bool known = true;
    for (int i = 0; i < c->n_in; i++) {
        const char *name = c->node->input[i];
        if (!*name)
            continue;
        c->in[i] = names_find(&c->body->names, strings_intern0(s->strings, name));
        if (!c->in[i]) {
            diag_add(s->diags, c->span, MESSAGE(err_onnx_name), c->name, name);
            s->lacking++;
        }
        known = c->in[i] && datum_is_there(c->in[i]) && known;
    }
    return known;
}

static void lacks_operator(struct call *c)
{
    const char *domain = c->node->domain ? c->node->domain : "";
    const char *of = *domain ? arena_printf(c->import->arena, ", domain '%s'", domain) : "";
    const char *key = arena_printf(c->import->arena, "%s%s", c->node->op_type, of);
    if (!lack_again(c->import, key, c->name))
        lack_first(c->import, key,
                   diag_add(c->import->diags, c->span, MESSAGE(err_onnx_lacks), c->node->op_type,
                            (long long)c->opset, c->name, of));
}

static bool convert_call(struct call *c, bool known)
{
    const Onnx__FunctionProto *f = find_function(c);
    const enum op own = own_operator(c->node);
    const struct operator* row = is_known(c->node->domain)
        ? operator_find(c->node->op_type, c->opset)
        : NULL;
    if (own != N_OPS)
        return known && convert_own(c, own);
    if (f)
        return known && call_function(c, f);
    if (!row) {
        lacks_operator(c);
        return false;
    }
    return check_attributes(c, row) && known &&
           (operands_choose(c) ? convert_chosen(c) : row->convert(c));
}

static struct call *kept_call(const struct call *c)
{
    struct call *kept = arena_new_of(c->import->arena, struct call);
    *kept = *c;
    kept->body = NULL; /* that of a function ends before its results do */
    return kept;
}

/* Results that a node was converted without are refused where something reads them: exporters name
 * the mask of a Dropout, which nothing does. */
static void finish_results(struct call *c, bool converted)
{
    for (int i = 0; i < c->n_out; i++) {
        struct datum *v = &c->out[i];
        if (v->kind != DATUM_left_out || v->giver)
            continue;
        *v = converted ? (struct datum){.kind = DATUM_left_out, .giver = kept_call(c), .number = i}
                       : (struct datum){.kind = DATUM_unknown};
    }
}

static bool convert_within_limits(struct call *c)
{
    const Onnx__NodeProto *node = c->node;
    if (node->n_input > MOST_OPERANDS || node->n_output > MOST_OPERANDS)
        return call_lacks(c, "it has more than %d operands or results", MOST_OPERANDS);
    return convert_call(c, find_operands(c));
}

static void convert_node(struct body *b, Onnx__NodeProto *node, struct span span)
{
    struct import *s = b->import;
    if (!node->op_type)
        node->op_type = arena_strdup(s->arena, "");
    const char *name = node->name && *node->name ? node->name : node->op_type;
    struct call c = {.body = b,
                     .import = s,
                     .node = node,
                     .name = scope_name(s->arena, b->scope, name),
                     .span = span,
                     .opset = b->opset,
                     .n_in = node->n_input < MOST_OPERANDS ? (int)node->n_input : MOST_OPERANDS,
                     .n_out = node->n_output < MOST_OPERANDS ? (int)node->n_output : MOST_OPERANDS};
    c.in = arena_array(s->arena, (size_t)c.n_in + 1, sizeof *c.in);
    c.out = arena_array(s->arena, (size_t)c.n_out + 1, sizeof *c.out);
    for (int i = 0; i < c.n_out; i++)
        c.out[i].kind = DATUM_left_out;
    const bool converted = convert_within_limits(&c);
    s->lacking += !converted;
    finish_results(&c, converted);
    for (int i = 0; i < c.n_out; i++)
        if (*node->output[i])
            names_set(b, node->output[i], c.out[i]);
}

void convert_nodes(struct body *b, size_t n, Onnx__NodeProto *const *nodes)
{
    struct import *s = b->import;
    for (size_t i = 0; i < n && s->steps > 0; i++, s->steps--) {
        convert_node(b, nodes[i], b->spans ? b->spans[i] : b->span);
    }
}
