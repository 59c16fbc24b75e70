/* What parameters begin with: what a recipe says, and what PyTorch's modules do by themselves. */
#include "ir/graph.h"

#include <math.h>

bool initial_needs_fans(enum op op)
{
    switch (op) {
#define INITIAL(name, fans, doc)                                                                   \
    case OP_initial_##name:                                                                        \
        return fans;
#define NUMBER(...)
#include "core/initial.def"
    default:
        return false;
    }
}

static struct initial *find(const struct graph *g, const struct weight *param)
{
    for (size_t i = 0; i < g->initials.n; i++)
        if (g->initials.at[i].param == param)
            return &g->initials.at[i];
    return NULL;
}

void graph_set_initial(struct graph *g, const struct initial *initial)
{
    struct initial *before = find(g, initial->param);
    if (before)
        *before = *initial;
    else
        VEC_PUSH(g->arena, &g->initials, *initial);
}

static struct picture make(enum op op)
{
    struct picture p = {.op = op};
    attrs_init(&p.attr, op);
    return p;
}

/* nn.Embedding, nn.PReLU, nn.LSTM and nn.GRU have rules of their own. */
static bool default_of(const struct node *n, struct picture *p)
{
    switch (n->op) {
    case OP_embedding:
        *p = make(OP_initial_normal);
        return true;
    case OP_prelu:
        *p = make(OP_initial_constant);
        p->attr.val = 0.25;
        return true;
    case OP_lstm:
    case OP_gru:
        *p = make(OP_initial_uniform);
        p->attr.b = 1 / sqrt((double)n->attr.hidden_size);
        p->attr.a = -p->attr.b;
        return true;
    default:
        return false;
    }
}

bool graph_initial(const struct graph *g, const struct weight *param, struct picture *p)
{
    const struct initial *said = find(g, param);
    if (said) {
        *p = said->said;
        return true;
    }
    for (size_t i = 0; i < g->nodes.n; i++)
        for (enum role role = 0; role < N_ROLES; role++)
            if (g->nodes.at[i]->weight[role] == param && role_is_learned(role) &&
                default_of(g->nodes.at[i], p))
                return true;
    return false;
}
