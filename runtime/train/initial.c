/*
 * What training starts from, where it is not a checkpoint: as PyTorch's modules do,
 *   weight of rank 2 or more:  (2 u - 1) / sqrt(product of dims after the first)
 *   bias:                      the same by the dims of the weight beside it; 0 beside a weight of
 *                              rank 1, as of bn
 *   weight of rank 1:          1
 *   running_mean: 0   running_var: 1   a tensor of its own: 0
 * where u is a number in [0, 1) of seed, name and index, as netrt_random_source has them. A recipe
 * says others (initial.def), by the formulas of torch.nn.init.
 */
#include "parameters.h"
#include "../core/random.h"
#include "../core/recipe.h"

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

/* ---- PyTorch's default ---- */

/* The numbers first .. first + n - 1 of a tensor, of which `start` draws. */
struct numbers {
    const struct netrt_tensor *param;
    uint64_t start;
    long first, n;
    float *data;
};

static void begin_as_all(const struct netrt_model *m, const struct numbers *to)
{
    const struct netrt_tensor *param = to->param;
    const char *role = role_of(param->name);
    const bool is_weight = !strcmp(role, "weight"), is_bias = !strcmp(role, "bias");
    const bool one = (is_weight && param->rank == 1) || !strcmp(role, "running_var");
    const double bound = is_weight ? bound_of(param)
                         : is_bias ? bound_of(weight_beside(m, param->name))
                                   : 0;
    for (long i = 0; i < to->n; i++) {
        const double u = netrt_random_at(to->start, to->first + i);
        to->data[i] = one ? 1 : (float)((2 * u - 1) * bound);
    }
}

/* ---- initializers ---- */

/* Number `draw` of those that element i draws, in (0, 1). */
static double draw(const struct numbers *to, long i, long draw)
{
    const uint64_t bits =
        netrt_mix(netrt_mix(to->start + (uint64_t)(to->first + i)) + (uint64_t)draw);
    return ((double)(bits >> 12) + 0.5) * 0x1p-52;
}

static void make_uniform(const struct numbers *to, double low, double high)
{
    for (long i = 0; i < to->n; i++)
        to->data[i] = (float)(low + (high - low) * draw(to, i, 0));
}

/* By the method of Box and Muller (1958), from number `first` of the drawn ones on. */
static double draw_normal(const struct numbers *to, long i, long first)
{
    return sqrt(-2 * log(draw(to, i, first))) * cos(2 * acos(-1) * draw(to, i, first + 1));
}

static void make_normal(const struct numbers *to, double mean, double std)
{
    for (long i = 0; i < to->n; i++)
        to->data[i] = (float)(mean + std * draw_normal(to, i, 0));
}

static double fan_in(const struct netrt_tensor *t)
{
    return (double)netrt_tensor_elements(t) / (double)t->dim[0];
}

static double fan_out(const struct netrt_tensor *t)
{
    return (double)netrt_tensor_elements(t) / (double)t->dim[1];
}

static double kaiming_std(const struct netrt_initial *s, const struct netrt_tensor *t)
{
    return sqrt(2 / (1 + s->a * s->a) / (s->mode == NETRT_FAN_OUT ? fan_out(t) : fan_in(t)));
}

static double xavier_std(const struct netrt_initial *s, const struct netrt_tensor *t)
{
    return s->gain * sqrt(2 / (fan_in(t) + fan_out(t)));
}

typedef void initial_function(const struct netrt_initial *, const struct numbers *to);

static void initial_kaiming_uniform(const struct netrt_initial *s, const struct numbers *to)
{
    const double bound = sqrt(3) * kaiming_std(s, to->param);
    make_uniform(to, -bound, bound);
}

static void initial_kaiming_normal(const struct netrt_initial *s, const struct numbers *to)
{
    make_normal(to, 0, kaiming_std(s, to->param));
}

static void initial_xavier_uniform(const struct netrt_initial *s, const struct numbers *to)
{
    const double bound = sqrt(3) * xavier_std(s, to->param);
    make_uniform(to, -bound, bound);
}

static void initial_xavier_normal(const struct netrt_initial *s, const struct numbers *to)
{
    make_normal(to, 0, xavier_std(s, to->param));
}

static void initial_normal(const struct netrt_initial *s, const struct numbers *to)
{
    make_normal(to, s->mean, s->std);
}

/* A normal number that lies between, by rejection; of a narrow part of the normal distribution a
 * uniform one, taken as often as the density there is of the largest. */
static double draw_between(const struct netrt_initial *s, const struct numbers *to, long i)
{
    const bool narrow = s->b - s->a < 2 * s->std;
    const double nearest = s->mean < s->a ? s->a : s->mean > s->b ? s->b : s->mean;
    const double best = (nearest - s->mean) / s->std;
    for (long k = 0;; k += 2) {
        const double x = narrow ? s->a + (s->b - s->a) * draw(to, i, k)
                                : s->mean + s->std * draw_normal(to, i, k);
        const double far = (x - s->mean) / s->std;
        if (narrow ? draw(to, i, k + 1) < exp((best * best - far * far) / 2)
                   : x >= s->a && x <= s->b)
            return x;
    }
}

static void initial_trunc_normal(const struct netrt_initial *s, const struct numbers *to)
{
    for (long i = 0; i < to->n; i++)
        to->data[i] = (float)draw_between(s, to, i);
}

static void initial_uniform(const struct netrt_initial *s, const struct numbers *to)
{
    make_uniform(to, s->a, s->b);
}

static void initial_constant(const struct netrt_initial *s, const struct numbers *to)
{
    for (long i = 0; i < to->n; i++)
        to->data[i] = (float)s->val;
}

static initial_function *const functions[] = {
#define INITIAL(name, ...) initial_##name,
#define NUMBER(...)
#include "../core/initial.def"
};

/* What the recipe says that a parameter begins with, or NULL. */
static const struct netrt_initial *said_of(const struct netrt_model *m, int param)
{
    for (int i = 0; i < m->recipe->n_initials; i++)
        if (m->recipe->initials[i].param == param)
            return &m->recipe->initials[i];
    return NULL;
}

static int load_initial(struct netrt_source *source, const struct netrt_tensor *param, int number,
                        long first, long n, float *data, char *error, size_t error_size)
{
    const struct netrt_initial_source *s =
        (const void *)((const char *)source - offsetof(struct netrt_initial_source, source));
    const struct numbers to = {param, netrt_random_start(param->name, s->seed), first, n, data};
    const struct netrt_initial *said = said_of(s->model, number);
    (void)error, (void)error_size;
    if (said)
        functions[said->kind](said, &to);
    else
        begin_as_all(s->model, &to);
    return 0;
}

void netrt_initial_source_init(struct netrt_initial_source *s, const struct netrt_model *m,
                               uint64_t seed)
{
    *s = (struct netrt_initial_source){.source.load = load_initial, .model = m, .seed = seed};
}
