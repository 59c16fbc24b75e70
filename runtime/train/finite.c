/* Which layer a loss comes from that is not finite: the run is made once more, and after each of
 * its steps the arena is looked through. Nothing of it is done in runs that go well. */
#include "training.h"

#include <math.h>
#include <string.h>

static bool are_finite(const float *x, size_t n)
{
    bool finite = true;
    for (size_t i = 0; i < n; i++)
        finite = isfinite(x[i]) && finite;
    return finite;
}

struct search {
    struct netrt_profile profile; /* first: look() gets a pointer to it */
    const struct netrt_program *program;
    int found; /* the first step after which a number is not finite; -1: none yet */
};

/* All that lies in the arena was made by this step or those before it: it was zeroed, and lanes
 * that are no channels hold zeros. */
static void look(struct netrt_profile *profile, int step)
{
    struct search *s = (struct search *)profile;
    const struct netrt_model *m = s->program->model;
    if (s->found < 0 && !are_finite(s->program->workspace, m->workspace_bytes / sizeof(float)))
        s->found = step;
}

/* The step of the last run, whose inputs and weights are still there; NULL: none shows it. */
static const char *find_step(struct netrt_program *p)
{
    struct search s = {.profile.mark = look, .program = p, .found = -1};
    memset(p->workspace, 0, p->model->workspace_bytes);
    p->code->run(p->weights, (const float *const *)p->inputs, p->outputs, p->workspace, p->pool,
                 &s.profile);
    return s.found < 0 ? NULL : p->model->steps[s.found].name;
}

/* A parameter that a step before has left so; NULL: there is none. */
static const char *find_parameter(const struct netrt_training *t)
{
    const struct netrt_model *m = t->program->model;
    for (int i = 0; i < m->n_params; i++)
        if (!are_finite(t->parameters.data[i], (size_t)netrt_tensor_elements(&m->params[i])))
            return m->params[i].name;
    return NULL;
}

/* printf() would give a NaN the sign that the processor gave it. */
static const char *name_of_not_finite(double x)
{
    return isnan(x) ? "nan" : x > 0 ? "inf" : "-inf";
}

int netrt_training_not_finite(struct netrt_training *t, long epoch, double loss)
{
    const char *step = find_step(t->program), *parameter = find_parameter(t);
    return netrt_fail(t->program->message,
                      "step %ld, epoch %ld: the loss is not finite (%s)%s%s%s%s%s%s",
                      t->at.step + 1, epoch, name_of_not_finite(loss),
                      step ? "; the first layer whose result is not is '" : "", step ? step : "",
                      step ? "'" : "", parameter ? "; parameter '" : "", parameter ? parameter : "",
                      parameter ? "' was not before it" : "");
}
