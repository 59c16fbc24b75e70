/* x / 2 (1 + erf(x / sqrt 2)), however its factors are spread over nodes: gelu. */
#include "onnx/import.h"

#include <math.h>
#include <string.h>

static bool is_near(double a, double b)
{
    return fabs(a - b) <= 1e-5 * fabs(b);
}

/* erf(inner * x), where what it reads may be x times or over a number. */
bool erf_begin(struct call *c)
{
    struct datum v = {.kind = DATUM_erf, .erf = {.x = c->in[0], .inner = 1, .factor = 1}};
    const struct flow f = c->in[0]->flow;
    if (c->in[0]->kind != DATUM_flow)
        return call_lacks(c, "erf is known as a part of gelu only");
    if (f.node->op == OP_scale) {
        struct datum *x = arena_new_of(c->import->arena, struct datum);
        *x = datum_of_flow((struct flow){f.node->input[0], f.lead});
        v.erf.x = x;
        v.erf.inner = f.node->attr.factor;
    }
    c->out[0] = v;
    return true;
}

bool erf_joins(const struct call *c)
{
    return c->n_in == 2 && c->in[0] && c->in[1] &&
           (c->in[0]->kind == DATUM_erf || c->in[1]->kind == DATUM_erf);
}

/* Takes a factor of x, which may have been scaled; false: it is another tensor. */
static bool take_factor(struct erf *e, const struct datum *v)
{
    const struct node *n = v->kind == DATUM_flow ? v->flow.node : NULL;
    if (!n || e->x->kind != DATUM_flow || e->power)
        return false;
    e->power = 1;
    if (n == e->x->flow.node)
        return true;
    if (n->op != OP_scale || n->input[0] != e->x->flow.node)
        return false;
    e->factor *= n->attr.factor;
    return true;
}

static bool is_gelu(const struct erf *e)
{
    return is_near(e->inner, sqrt(0.5)) && is_near(e->shift, 1) && is_near(e->factor, 0.5) &&
           e->power == 1;
}

/* What is made of an erf once it is all there. */
static bool finish(struct call *c, const struct datum *v)
{
    struct attrs a;
    struct flow f;
    c->out[0] = *v;
    if (!is_gelu(&v->erf))
        return true;
    attrs_init(&a, OP_gelu);
    return make_flow(c, OP_gelu, &a, v->erf.x->flow, &f) && give(c, f);
}

bool erf_join(struct call *c, enum op op)
{
    const int i = c->in[0]->kind != DATUM_erf;
    struct datum v = *c->in[i];
    const struct datum *other = c->in[!i];
    double number;
    const bool is_number =
        other->kind == DATUM_constant && constant_uniform(other->constant, &number);
    if (op == OP_add && is_number && v.erf.factor == 1 && !v.erf.power)
        v.erf.shift += number;
    else if (op == OP_mul && is_number)
        v.erf.factor *= number;
    else if (op == OP_div && is_number && i == 0)
        v.erf.factor /= number;
    else if (op != OP_mul || !take_factor(&v.erf, other))
        return call_lacks(c, "erf is known as a part of gelu only");
    return finish(c, &v);
}
