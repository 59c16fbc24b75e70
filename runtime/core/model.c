#include "model.h"

long netrt_tensor_elements(const struct netrt_tensor *t)
{
    long n = 1;
    for (int i = 0; i < t->rank; i++)
        n *= t->dim[i];
    return n;
}

int netrt_find_output(const struct netrt_model *m, enum netrt_purpose purpose)
{
    for (int i = 0; i < m->n_outputs; i++)
        if (m->outputs[i].purpose == purpose)
            return i;
    return -1;
}
