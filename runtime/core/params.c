#include "params.h"

#include <string.h>

enum { PARAM_SHAPE_BYTES = 21 * NETRT_MAX_RANK };

static long param_bytes(const struct netrt_tensor *t)
{
    return netrt_tensor_elements(t) * (long)sizeof(float);
}

/* "64x3x7x7"; "1" of a number. */
static int write_param_shape(const struct netrt_tensor *t, char *text)
{
    int n = t->rank ? 0 : snprintf(text, PARAM_SHAPE_BYTES, "1");
    for (int i = 0; i < t->rank; i++)
        n += snprintf(text + n, (size_t)(PARAM_SHAPE_BYTES - n), i ? "x%ld" : "%ld", t->dim[i]);
    return n;
}

void netrt_params_print(const struct netrt_model *m, FILE *out)
{
    char shape[PARAM_SHAPE_BYTES], count[32];
    long total = 0;
    int name_width = snprintf(count, sizeof count, "%d tensors", m->n_params), shape_width = 5;
    for (int i = 0; i < m->n_params; i++) {
        int name = (int)strlen(m->params[i].name), n = write_param_shape(&m->params[i], shape);
        name_width = name > name_width ? name : name_width;
        shape_width = n > shape_width ? n : shape_width;
    }
    fprintf(out, "%-*s  %-*s  %12s\n", name_width, "name", shape_width, "shape", "bytes");
    for (int i = 0; i < m->n_params; i++) {
        write_param_shape(&m->params[i], shape);
        fprintf(out, "%-*s  %-*s  %12ld\n", name_width, m->params[i].name, shape_width, shape,
                param_bytes(&m->params[i]));
        total += param_bytes(&m->params[i]);
    }
    fprintf(out, "%-*s  %-*s  %12ld\n", name_width, count, shape_width, "", total);
}
