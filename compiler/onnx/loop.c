/*
 * Loops over the regions of a picture, one for each that is there. netc has no loops: what the
 * bodies compute is compared with what torchvision's detectors have there, which is an operator
 * of netc's. A body appends a row of its own to each of its lists.
 */
#include "onnx/chosen.h"
#include "onnx/term.h"

#include <math.h>
#include <string.h>

/* Each mask, [h, w], is resized to its box, of integers, and put into a picture of zeros. What
 * reaches beyond the picture is cut off. */
static const char pasted[] =
    "x1=Gather0(row1,0);y1=Gather0(row1,1);x2=Gather0(row1,2);y2=Gather0(row1,3);"
    "w=ReduceMax(Concat0(Add(Sub(x2,x1),1),1));h=ReduceMax(Concat0(Add(Sub(y2,y1),1),1));"
    "m=Resize_linear(row0,Concat0([1,1],Concat0(h,w)));"
    "left=ReduceMax(Concat0(x1,0));right=ReduceMin(Concat0(Add(x2,1),$W));"
    "top=ReduceMax(Concat0(y1,0));bottom=ReduceMin(Concat0(Add(y2,1),$H));"
    "part=Slice1(Slice0(m,Sub(top,y1),Sub(bottom,y1)),Sub(left,x1),Sub(right,x1));"
    "columns=Gather0(Shape(part),1);"
    "above=Fill0f(Concat0(top,columns));below=Fill0f(Concat0(Sub($H,bottom),columns));"
    "high=Slice0(Concat0(above,part,below),0,$H);"
    "rows=Gather0(Shape(high),0);"
    "before=Fill0f(Concat0(rows,left));behind=Fill0f(Concat0(rows,Sub($W,right)));"
    "Concat0(list0,Slice1(Concat1(before,high,behind),0,$W))";

/* Each map, [n, h, w], is resized to its region, of whole pixels; the largest pixel of it has a
 * middle, which lies in the region as that is, and a value. */
#define POINTS                                                                                     \
    "m=Resize_cubic(row0,Concat0([$N,1],Long(Concat0(row2,row1))));"                               \
    "w=Gather0(Shape(m),2);at=ArgMax1(Reshape(m,[$N,-1]));"                                        \
    "x=Mod(at,w);y=Float(Div(Sub(at,x),w));"
static const char points[] =
    POINTS "px=Add(Mul(Add(0.5f,Float(x)),Div(row3,row1)),row5);"
           "py=Add(Mul(Add(0.5f,y),Div(row4,row2)),row6);Concat0(list0,Concat0(px,py,1f))";
static const char values[] =
    POINTS "Concat0(list1,Gather0(Reshape(Gather2(Gather1(m,Long(y)),x),-1),[$I]))";

/* A loop that is being converted. */
struct loop {
    struct call *call;
    struct terms terms;
    const Onnx__GraphProto *graph;
    const struct chosen *rows; /* of which an iteration each is */
    int lists;
};

static bool lacks(struct loop *l)
{
    return call_lacks(l->call, "its body is none that netc knows: of each region a mask in the "
                               "picture, or the largest pixel of each map");
}

/* ---- the form of the loop ---- */

static const char *value_name(const struct loop *l, const Onnx__ValueInfoProto *v)
{
    return strings_intern0(l->call->import->strings, v->name ? v->name : "");
}

/* The number of the iteration, and lists of no rows at first: a term each in the body. */
static bool take_lists(struct loop *l)
{
    struct call *c = l->call;
    struct term *number = arena_new_of(c->import->arena, struct term);
    *number =
        (struct term){.name = strings_intern0(c->import->strings, "number"), .dtype = DTYPE_i64};
    map_put(&l->terms.of, l->terms.number, number);
    for (int k = 0; k < l->lists; k++) {
        const struct datum *v = operand_datum(c, 2 + k);
        struct term *list = arena_new_of(c->import->arena, struct term);
        if (!v || v->kind != DATUM_constant || v->choice.kind || constant_elements(v->constant) ||
            v->constant->rank < 1 || v->constant->dim[0] || !dtype_is_float(v->constant->dtype))
            return v && lacks(l);
        *list = (struct term){.name = strings_intern0(c->import->strings,
                                                      arena_printf(c->import->arena, "list%d", k)),
                              .dtype = DTYPE_f32,
                              .rank = v->constant->rank};
        memcpy(list->dim, v->constant->dim, sizeof list->dim);
        list->dim[0] = -1;
        map_put(&l->terms.of, value_name(l, l->graph->input[2 + k]), list);
    }
    return true;
}

/* As many iterations as rows are there, and no other end. */
static bool take_form(struct loop *l)
{
    struct call *c = l->call;
    const struct datum *count = c->n_in > 0 ? c->in[0] : NULL;
    const Onnx__AttributeProto *a = attribute(c, "body");
    l->graph = a ? file_subgraph(c->import->arena, &a->g) : NULL;
    l->lists = c->n_out;
    if (!l->graph || !count || count->choice.kind != CHOICE_count || c->n_in != c->n_out + 2 ||
        l->graph->n_input != (size_t)c->n_in || l->graph->n_output != (size_t)c->n_out + 1 ||
        (c->in[1] && !is_number(c->in[1], 1)) || l->graph->n_initializer)
        return lacks(l);
    l->rows = count->choice.chosen;
    l->terms.number = value_name(l, l->graph->input[0]);
    return count->choice.chosen->counter ? take_lists(l) : lacks(l);
}

/* Whether the body goes on always. */
static bool goes_on(struct loop *l)
{
    return is_number(names_find(&l->terms.body.names, value_name(l, l->graph->output[0])), 1);
}

static bool read_body(struct loop *l)
{
    struct call *c = l->call;
    struct terms *t = &l->terms;
    struct arena *arena = c->import->arena;
    if (c->body->depth >= MOST_DEPTH)
        return lacks(l);
    *t = (struct terms){.loop = c, .of = {.arena = arena}, .names = {.arena = arena}};
    t->body = *c->body;
    t->body.names = (struct names){&c->body->names, {.arena = arena}};
    t->body.scope = arena_printf(arena, "%s.", c->name);
    t->body.spans = NULL;
    t->body.span = c->span;
    t->body.depth++;
    return take_form(l) && terms_read(t, l->graph->n_node, l->graph->node) &&
           (goes_on(l) || lacks(l));
}

/* Whether list k gets what a text says. */
static bool appends(struct loop *l, int k, const char *text)
{
    const struct term *t = map_get(&l->terms.of, value_name(l, l->graph->output[1 + k]));
    return t && t->name == terms_of_text(&l->terms, text);
}

/* The text with numbers in the place of $H, …. */
static const char *filled(struct loop *l, const char *text, const char *letters,
                          const char *const *numbers)
{
    struct text out;
    text_init(&out, l->call->import->arena);
    for (const char *at = text; *at; at++) {
        const char *letter = *at == '$' ? strchr(letters, at[1]) : NULL;
        if (letter)
            text_append(&out, numbers[letter - letters]);
        else
            text_append_n(&out, at, 1);
        at += letter != NULL;
    }
    return text_string(&out);
}

/* ---- masks ---- */

/* The tensor of which rows are taken, all of those that are there. */
static bool take_rows(struct loop *l, int k, int rank)
{
    const struct datum *v = l->terms.row[k];
    return v->choice.chosen == l->rows && v->choice.from_end == datum_rank(v) && !v->choice.among &&
           datum_rank(v) == rank;
}

static bool give_list(struct loop *l, int k, struct node *node, int rank)
{
    struct flow f = {node, 1};
    if (!node)
        return false;
    l->call->out[k] = datum_of_flow(f);
    l->call->out[k].choice = rows_of(l->rows, rank);
    return true;
}

static bool paste(struct loop *l, int64_t height, int64_t width)
{
    struct call *c = l->call;
    const struct datum *masks = l->terms.row[0];
    const int64_t dim[3] = {l->rows->n, datum_dim(masks, 2), datum_dim(masks, 3)};
    struct flow f = masks->flow, boxes = l->terms.row[1]->flow;
    struct attrs a;
    attrs_init(&a, OP_paste_masks);
    a.size[0] = height;
    a.size[1] = width;
    if (!flow_reshape(c, f, 3, dim, &f) || !flow_as(c, f, 1, &f) ||
        !flow_floats(c, boxes, &boxes) || !flow_as(c, boxes, 1, &boxes))
        return false;
    struct node *const both[2] = {f.node, boxes.node};
    return give_list(l, 0, make(c, OP_paste_masks, &a, both, 2, NULL, 0), 3);
}

static bool is_pasted(struct loop *l)
{
    struct arena *arena = l->call->import->arena;
    const struct constant *list = l->call->in[2]->constant;
    if (l->lists != 1 || l->terms.n_rows != 2 || list->rank != 3 || !take_rows(l, 0, 4) ||
        datum_dim(l->terms.row[0], 1) != 1 || !take_rows(l, 1, 2) ||
        datum_dim(l->terms.row[1], 1) != 4 ||
        !dtype_is_integer(l->terms.row[1]->flow.node->type.dtype))
        return false;
    const char *numbers[2] = {arena_printf(arena, "%lld", (long long)list->dim[1]),
                              arena_printf(arena, "%lld", (long long)list->dim[2])};
    return appends(l, 0, filled(l, pasted, "HW", numbers));
}

/* ---- keypoints ---- */

/* The boxes of which a vector is column k; NULL: it is none. */
static struct node *boxes_of_column(const struct node *n, int64_t k)
{
    n = unshaped(n);
    const bool column = n->op == OP_slice && n->type.rank == 3 && n->attr.dim.at[0] == 2 &&
                        n->input[0]->type.dim[2] == 4 && n->attr.start == k &&
                        n->attr.end == k + 1 && n->attr.step == 1;
    return column ? n->input[0] : NULL;
}

/* Whether a vector is how wide, or high, boxes are, 1 at least. */
static bool is_side(const struct node *n, const struct node *boxes, int64_t first)
{
    n = unshaped(n);
    const struct node *side = n->op == OP_clip ? unshaped(n->input[0]) : NULL;
    return side && n->attr.min == 1 && isinf(n->attr.max) && side->op == OP_sub &&
           side->n_inputs == 2 && boxes_of_column(side->input[0], first + 2) == boxes &&
           boxes_of_column(side->input[1], first) == boxes;
}

static const struct node *row_node(const struct loop *l, int k)
{
    return l->terms.row[k]->flow.node;
}

/* The regions of which the vectors are sides, sides of whole pixels and corners; NULL: they are
 * not. */
static struct node *regions_of(struct loop *l)
{
    struct node *boxes = boxes_of_column(row_node(l, 5), 0);
    bool fit = boxes && boxes_of_column(row_node(l, 6), 1) == boxes;
    for (int i = 0; i < 2; i++)
        fit = fit && is_side(row_node(l, 3 + i), boxes, i) &&
              map_get(&l->call->import->ceils, row_node(l, 1 + i)) == row_node(l, 3 + i);
    return fit ? boxes : NULL;
}

static bool are_points(struct loop *l)
{
    struct arena *arena = l->call->import->arena;
    struct text at;
    bool fit = l->lists == 2 && l->terms.n_rows == 7 && take_rows(l, 0, 4);
    for (int k = 1; fit && k < 7; k++)
        fit = take_rows(l, k, 1);
    const int64_t n = fit ? datum_dim(l->terms.row[0], 1) : 0;
    if (n < 2 || n > 64)
        return false;
    text_init(&at, arena);
    for (int64_t k = 0; k < n; k++)
        text_printf(&at, k ? ",%lld" : "%lld", (long long)(k * (n * n + n + 1)));
    const char *numbers[2] = {arena_printf(arena, "%lld", (long long)n), text_string(&at)};
    return appends(l, 0, filled(l, points, "NI", numbers)) &&
           appends(l, 1, filled(l, values, "NI", numbers));
}

/* [n, 3, points], and values. */
static bool find_points(struct loop *l, struct node *boxes)
{
    static const int turned[] = {0, 2, 1};
    struct call *c = l->call;
    struct flow maps, f;
    struct attrs a;
    attrs_init(&a, OP_heatmaps_to_keypoints);
    if (!flow_as(c, l->terms.row[0]->flow, 1, &maps))
        return false;
    struct node *const both[2] = {maps.node, boxes};
    f = (struct flow){make(c, OP_heatmaps_to_keypoints, &a, both, 2, NULL, 0), 1};
    if (!f.node)
        return false;
    attrs_init(&a, OP_result);
    a.index = 1;
    return give_list(l, 1, make(c, OP_result, &a, &f.node, 1, NULL, 0), 2) &&
           flow_permute(c, f, turned, &f) && flow_as(c, f, 1, &f) && give_list(l, 0, f.node, 3);
}

bool convert_loop(struct call *c)
{
    struct loop l = {.call = c};
    struct node *boxes = NULL;
    if (!read_body(&l))
        return false;
    if (is_pasted(&l))
        return paste(&l, c->in[2]->constant->dim[1], c->in[2]->constant->dim[2]);
    if (are_points(&l))
        boxes = regions_of(&l);
    return boxes ? find_points(&l, boxes) : lacks(&l);
}

bool chosen_looped(struct call *c)
{
    return convert_loop(c);
}
