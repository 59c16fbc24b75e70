/* Reads a graph: all but its nodes. */
#include "ir/ir.h"
#include "ir/names.h"
#include "ir/scan.h"

#include <string.h>

enum { MAX_REQUIRE_DEPTH = 200 };

static bool fail_param(struct reader *r, const char *name, struct span span)
{
    diag_add(r->diags, span, MESSAGE(err_graph_param), name);
    return false;
}

/* Processes: so few that no count of their pictures overflows. */
static bool read_ranks(struct reader *r, struct graph *g)
{
    enum { MOST_RANKS = 1 << 20 };
    if (!read_integer(r, &g->ranks))
        return false;
    return (g->ranks > 0 && g->ranks <= MOST_RANKS) || expected(r, "a number of processes");
}

static bool read_expression(struct reader *r, const struct weight **weight, int depth);

/* What stands in the brackets of add, sub, mul, div: two operands, then perhaps an axis. */
static bool read_binary(struct reader *r, enum netrt_expr_kind kind, const struct weight **weight,
                        int depth)
{
    struct span span = r->token.span;
    const struct weight *left, *right;
    int64_t axis = 0;
    if (!read_expression(r, &left, depth + 1) || !read_mark(r, ',') ||
        !read_expression(r, &right, depth + 1))
        return false;
    if (accept_mark(r, ',')) {
        if (!accept_word(r, "axis"))
            return expected(r, "'axis'");
        if (!read_mark(r, '=') || !read_integer(r, &axis))
            return false;
    }
    if (axis < 0 || axis >= MAX_RANK || !weight_joins(left, right, (int)axis)) {
        diag_add(r->diags, span, MESSAGE(err_graph_join), weight_kind_names[kind]);
        return false;
    }
    *weight = weight_binary(r->graph, kind, left, right, (int)axis);
    return true;
}

static bool read_call(struct reader *r, const struct weight **weight, int depth)
{
    int kind = r->token.kind == TOKEN_word ? name_find(weight_kind_names, r->token.text) : -1;
    if (kind < NETRT_EXPR_ADD)
        return expected(r, "a parameter, a number, or add, sub, mul, div or sqrt of such");
    scan(r);
    if (!read_mark(r, '('))
        return false;
    if (kind != NETRT_EXPR_SQRT)
        return read_binary(r, (enum netrt_expr_kind)kind, weight, depth) && read_mark(r, ')');
    if (!read_expression(r, weight, depth + 1))
        return false;
    *weight = weight_sqrt(r->graph, *weight);
    return read_mark(r, ')');
}

static bool read_expression(struct reader *r, const struct weight **weight, int depth)
{
    struct token t = r->token;
    if (depth > MAX_WEIGHT_DEPTH)
        return expected(r, "a less deep expression");
    if (t.kind == TOKEN_number) {
        *weight = weight_real(r->graph, t.number);
        scan(r);
        return true;
    }
    if (t.kind != TOKEN_param)
        return read_call(r, weight, depth);
    scan(r);
    *weight = weight_find(r->graph, t.text);
    return *weight || fail_param(r, t.text, t.span);
}

bool read_weight(struct reader *r, const struct weight **weight)
{
    return read_expression(r, weight, 0);
}

/* param @conv1.weight : f32[64,3,7,7] */
static bool read_param(struct reader *r)
{
    struct span span = r->token.span;
    const char *name;
    struct type type;
    if (!read_text(r, TOKEN_param, "a parameter", &name) || !read_mark(r, ':') ||
        !read_type(r, &type))
        return false;
    if (!type_valid(&type)) {
        diag_add(r->diags, span, MESSAGE(err_too_large), name);
        return false;
    }
    if (weight_find(r->graph, name)) {
        diag_add(r->diags, span, MESSAGE(err_graph_twice), name);
        return false;
    }
    weight_param(r->graph, name, &type);
    return true;
}

/* frame !1 = block "basic" in !0 path "layer1.0" iteration 1 */
static bool read_frame_line(struct reader *r)
{
    struct frame *f = arena_new_of(r->arena, struct frame);
    f->span = r->token.span;
    f->id = (uint32_t)r->frames.n;
    if (r->token.kind != TOKEN_frame || r->token.number != (double)r->frames.n)
        return expected(r, "the frame of the next number");
    scan(r);
    if (!read_mark(r, '='))
        return false;
    int kind = r->token.kind == TOKEN_word ? name_find(frame_kind_names, r->token.text) : -1;
    if (kind < 0)
        return expected(r, "net, block, repeat, for or branch");
    f->kind = (enum frame_kind)kind;
    scan(r);
    if (r->token.kind == TOKEN_string && !read_text(r, TOKEN_string, "a name", &f->name))
        return false;
    if (accept_word(r, "in") && !read_frame(r, &f->parent))
        return false;
    if (accept_word(r, "path") && !read_text(r, TOKEN_string, "a path", &f->path))
        return false;
    if (accept_word(r, "iteration") && !read_integer(r, &f->iteration))
        return false;
    VEC_PUSH(r->arena, &r->frames, f);
    r->graph->n_frames = (uint32_t)r->frames.n;
    return true;
}

static bool read_value(struct reader *r, struct node **node)
{
    struct span span = r->token.span;
    const char *name;
    if (!read_text(r, TOKEN_value, "a value", &name))
        return false;
    *node = map_get(&r->values, name);
    if (!*node)
        diag_add(r->diags, span, MESSAGE(err_graph_value), name);
    return *node != NULL;
}

/* classes; picture {black=-1, white=1} */
static bool read_purpose(struct reader *r, struct graph_output *output)
{
    int purpose = r->token.kind == TOKEN_word ? name_find(purpose_names, r->token.text) : -1;
    if (purpose < 0)
        return true;
    scan(r);
    output->purpose = (enum netrt_purpose)purpose;
    const enum op op = purpose_op(output->purpose);
    return op == N_OPS || read_attrs(r, op, &output->attr, 0);
}

/* output "fc" = %20 classes */
static bool read_output(struct reader *r)
{
    struct graph_output output = {.span = r->token.span};
    if (!read_text(r, TOKEN_string, "a name", &output.name) || !read_mark(r, '=') ||
        !read_value(r, &output.node) || !read_purpose(r, &output))
        return false;
    VEC_PUSH(r->arena, &r->graph->outputs, output);
    return true;
}

static struct graph_input *find_input(struct graph *g, const struct node *node)
{
    for (size_t i = 0; i < g->inputs.n; i++)
        if (g->inputs.at[i].node == node)
            return &g->inputs.at[i];
    return NULL;
}

/* picture %0 resize {size=256} */
static bool read_picture(struct reader *r)
{
    struct picture picture = {.span = r->token.span};
    struct node *node;
    if (!read_value(r, &node))
        return false;
    struct graph_input *input = find_input(r->graph, node);
    if (!input)
        return expected(r, "an input before this");
    picture.op = r->token.kind == TOKEN_word ? op_find(r->token.text, CLASS_PICTURE) : N_OPS;
    if (picture.op == N_OPS)
        return expected(r, "a step of preprocessing");
    scan(r);
    if (!read_attrs(r, picture.op, &picture.attr, 0))
        return false;
    VEC_PUSH(r->arena, &input->pictures, picture);
    return true;
}

/* What a recipe says by that word; N_OPS: nothing. */
static enum op recipe_op(const char *word)
{
    static const enum op_class classes[] = {CLASS_RECIPE, CLASS_OPTIMIZER, CLASS_SCHEDULE,
                                            CLASS_AUGMENT};
    enum op op = N_OPS;
    for (size_t i = 0; i < sizeof classes / sizeof *classes && op == N_OPS; i++)
        op = op_find(word, classes[i]);
    return op;
}

/* recipe sgd {lr=0.1} */
static bool read_recipe(struct reader *r)
{
    struct picture said = {.span = r->token.span};
    said.op = r->token.kind == TOKEN_word ? recipe_op(r->token.text) : N_OPS;
    const enum op_class class = said.op == N_OPS ? CLASS_RECIPE : op_info(said.op)->class;
    if (said.op == N_OPS || (class != CLASS_AUGMENT && graph_recipe(r->graph, class)))
        return expected(r, "'train', an optimizer or a schedule, each once, or a step of "
                           "augmentation");
    scan(r);
    if (!read_attrs(r, said.op, &said.attr, 0))
        return false;
    VEC_PUSH(r->arena, &r->graph->recipe, said);
    return true;
}

/* initial normal {std=0.01} @fc.weight */
static bool read_initial(struct reader *r)
{
    struct initial initial = {.said.span = r->token.span};
    enum op op = r->token.kind == TOKEN_word ? op_find(r->token.text, CLASS_INITIAL) : N_OPS;
    initial.said.op = op;
    if (op == N_OPS)
        return expected(r, "an initializer");
    scan(r);
    if (!read_attrs(r, op, &initial.said.attr, 0) || !read_weight(r, &initial.param))
        return false;
    if (initial.param->kind != NETRT_EXPR_PARAM ||
        (initial_needs_fans(op) && initial.param->type.rank < 2))
        return expected(r, "a parameter that it can initialize, before this");
    graph_set_initial(r->graph, &initial);
    return true;
}

static bool read_condition(struct reader *r, const struct require **require, int depth);

static bool read_operation(struct reader *r, struct require *t, int depth)
{
    bool unary = t->kind == REQUIRE_not || t->kind == REQUIRE_neg;
    return read_condition(r, &t->left, depth + 1) &&
           (unary || (read_mark(r, ',') && read_condition(r, &t->right, depth + 1))) &&
           read_mark(r, ')');
}

/* le(params, 12000000) */
static bool read_condition(struct reader *r, const struct require **require, int depth)
{
    struct require *t = arena_new_of(r->arena, struct require);
    t->span = r->token.span;
    *require = t;
    if (depth > MAX_REQUIRE_DEPTH)
        return expected(r, "a less deep condition");
    if (r->token.kind == TOKEN_number)
        return read_number(r, &t->number);
    t->kind = REQUIRE_figure;
    if (!read_text(r, TOKEN_word, "a condition", &t->figure))
        return false;
    if (!accept_mark(r, '('))
        return true;
    int kind = name_find(require_kind_names, t->figure);
    if (kind <= REQUIRE_figure || kind == REQUIRE_index)
        return expected(r, "an operator before this");
    t->kind = (enum require_kind)kind;
    t->figure = NULL;
    return read_operation(r, t, depth);
}

static bool read_require(struct reader *r)
{
    const struct require *require;
    if (!read_condition(r, &require, 0))
        return false;
    VEC_PUSH(r->arena, &r->graph->requires, require);
    return true;
}

static bool read_item(struct reader *r)
{
    struct graph *g = r->graph;
    const char *text;
    if (r->token.kind == TOKEN_value)
        return read_node(r);
    if (accept_word(r, "frame"))
        return read_frame_line(r);
    if (accept_word(r, "param"))
        return read_param(r);
    if (accept_word(r, "picture"))
        return read_picture(r);
    if (accept_word(r, "initial"))
        return read_initial(r);
    if (accept_word(r, "recipe"))
        return read_recipe(r);
    if (accept_word(r, "output"))
        return read_output(r);
    if (accept_word(r, "require"))
        return read_require(r);
    if (accept_word(r, "source"))
        return read_text(r, TOKEN_string, "a path", &g->source);
    if (accept_word(r, "training"))
        return g->training = true;
    if (accept_word(r, "ranks"))
        return read_ranks(r, g);
    bool class = accept_word(r, "class"), frozen = !class && accept_word(r, "frozen");
    if (!class && !frozen && !accept_word(r, "ignored"))
        return expected(r, "a node, or what can stand in a graph");
    if (!read_text(r, TOKEN_string, "a name", &text))
        return false;
    if (class)
        VEC_PUSH(r->arena, &g->labels, text);
    else if (frozen)
        VEC_PUSH(r->arena, &g->frozen, text);
    else
        VEC_PUSH(r->arena, &g->ignored, text);
    return true;
}

static bool read_graph(struct reader *r)
{
    const char *name;
    scan(r);
    if (!accept_word(r, "graph"))
        return expected(r, "'graph'");
    if (!read_text(r, TOKEN_string, "a name", &name) || !read_mark(r, '{'))
        return false;
    r->graph = graph_new(r->arena, r->strings, name);
    while (!accept_mark(r, '}'))
        if (!read_item(r))
            return false;
    return read_into(r) && (r->token.kind == TOKEN_end || expected(r, "the end of the file"));
}

struct graph *graph_read(struct arena *arena, struct strings *strings, struct diags *diags,
                         uint32_t file)
{
    struct reader r = {.arena = arena,
                       .strings = strings,
                       .diags = diags,
                       .source = sources_get(diags->sources, file),
                       .file = file,
                       .values.arena = arena};
    const char *why;
    struct span where;
    if (!read_graph(&r))
        return NULL;
    if (verify(r.graph, &why, &where))
        return r.graph;
    diag_add(diags, where.source ? where : (struct span){file, 0, 0}, MESSAGE(err_graph_invalid),
             why);
    return NULL;
}
