/* The backward walk: from the last node to the first, what is alive at each step. */
#include "cost/training.h"

#include "base/number.h"
#include "cost/cost.h"
#include "cost/walk.h"

static const struct {
    const char *name;
    int copies;
} optimizers[] = {
#define OPTIMIZER(id, name, copies) {name, copies},
#include "cost/optimizers.def"
};

const char *optimizer_name(enum optimizer o)
{
    return optimizers[o].name;
}

int optimizer_copies(enum optimizer o)
{
    return optimizers[o].copies;
}

static bool add_to(int64_t *sum, int64_t value)
{
    return checked_add(*sum, value, sum);
}

static bool multiply_add(int64_t *sum, int64_t a, int64_t b)
{
    int64_t product;
    return checked_mul(a, b, &product) && add_to(sum, product);
}

/* Bytes of a role's parameters, those of several nodes once. */
static bool count_params(struct training *t, struct arena *arena, const struct graph *g)
{
    struct map seen = {.arena = arena};
    bool fits = true;
    for (size_t i = 0; i < g->nodes.n; i++) {
        const struct weight *const *weight = g->nodes.at[i]->weight;
        for (int role = 0; role < N_ROLES; role++) {
            if (!weight[role] || map_get(&seen, weight[role]))
                continue;
            map_put(&seen, weight[role], t);
            fits = fits && add_to(role_is_learned((enum role)role) ? &t->params : &t->buffers,
                                  type_bytes(&weight[role]->type));
        }
    }
    return fits;
}

/* Tensors that are not computed in place: the lecture's activations. */
static bool count_activations(const struct graph *g, int64_t *bytes)
{
    bool fits = true;
    for (size_t i = 0; i < g->nodes.n; i++) {
        const struct node *n = g->nodes.at[i];
        if (!op_has(n->op, OP_INPLACE) && !op_has(n->op, OP_VIEW))
            fits = fits && add_to(bytes, type_bytes(&n->type));
    }
    return fits;
}

static bool estimate_by_rule(struct training *t, const struct graph *g)
{
    int64_t activations = 0;
    bool fits = count_activations(g, &activations);
    for (int i = 0; i < 2; i++)
        fits = fits && multiply_add(&t->lecture[i], 2, activations) &&
               multiply_add(&t->lecture[i], 3 + i, t->params);
    return fits;
}

bool training_estimate(struct arena *arena, const struct graph *g, struct training *t)
{
    *t = (struct training){0};
    struct walk walk;
    bool fits = walk_init(&walk, arena, g);
    if (fits)
        walk_all(&walk);
    t->saved = walk.saved;
    t->gradients = walk.peak_gradients;
    t->walk = walk.peak;
    t->peak_at = walk.peak_at;
    fits = fits && count_params(t, arena, g) && estimate_by_rule(t, g);
    for (int o = 0; o < N_OPTIMIZERS; o++)
        fits = fits && add_to(&t->peak[o], t->walk) && add_to(&t->peak[o], t->buffers) &&
               multiply_add(&t->peak[o], optimizers[o].copies, t->params);
    return fits;
}
