/*
 * What training starts from, where it is not a checkpoint: as PyTorch's modules do,
 *   weight of rank 2 or more:  (2 u - 1) / sqrt(product of dims after the first)
 *   bias:                      the same by the dims of the weight beside it; 0 beside a weight of
 *                              rank 1, as of bn
 *   weight of rank 1:          1
 *   running_mean: 0   running_var: 1   a tensor of its own: 0
 * where u is a number in [0, 1) of seed, name and index, as netrt_random_source has them.
 */
#include "parameters.h"
#include "../core/random.h"

#include <math.h>
#include <string.h>

static const char *role_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot ? dot + 1 : "";
}

/* The weight beside a bias; NULL: there is none. */
static const struct netrt_tensor *weight_beside(const struct netrt_model *m, const char *bias)
{
    const size_t n = (size_t)(role_of(bias) - bias);
    for (int i = 0; i < m->n_params; i++)
        if (!strncmp(m->params[i].name, bias, n) && !strcmp(m->params[i].name + n, "weight"))
            return &m->params[i];
    return NULL;
}

/* The largest initial number of what is added up in a layer with that weight. */
static double bound_of(const struct netrt_tensor *weight)
{
    double fan_in = 1;
    for (int i = 1; weight && i < weight->rank; i++)
        fan_in *= (double)weight->dim[i];
    return weight && weight->rank > 1 ? 1 / sqrt(fan_in) : 0;
}

static int load_initial(struct netrt_source *source, const struct netrt_tensor *param, int number,
                        long first, long n, float *data, char *error, size_t error_size)
{
    const struct netrt_initial_source *s =
        (const void *)((const char *)source - offsetof(struct netrt_initial_source, source));
    const char *role = role_of(param->name);
    const bool is_weight = !strcmp(role, "weight"), is_bias = !strcmp(role, "bias");
    const bool one = (is_weight && param->rank == 1) || !strcmp(role, "running_var");
    const double bound = is_weight ? bound_of(param)
                         : is_bias ? bound_of(weight_beside(s->model, param->name))
                                   : 0;
    const uint64_t start = netrt_random_start(param->name, s->seed);
    (void)number, (void)error, (void)error_size;
    for (long i = 0; i < n; i++) {
        const double u = netrt_random_at(start, first + i);
        data[i] = one ? 1 : (float)((2 * u - 1) * bound);
    }
    return 0;
}

void netrt_initial_source_init(struct netrt_initial_source *s, const struct netrt_model *m,
                               uint64_t seed)
{
    *s = (struct netrt_initial_source){.source.load = load_initial, .model = m, .seed = seed};
}
