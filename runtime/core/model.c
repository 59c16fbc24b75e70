#include "model.h"

#include <stdio.h>

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

int netrt_run_fault(const struct netrt_model *model, const void *workspace, char *text, size_t size)
{
    const struct netrt_fault *fault = (const struct netrt_fault *)workspace;
    if (!model->faults || !fault->kind)
        return 0;
    if (fault->kind == NETRT_FAULT_wide)
        snprintf(text, size,
                 "an input holds %lld, which has more than the 32 bits that integers have in a "
                 "network",
                 (long long)fault->value);
    else
        snprintf(text, size, "an integer is %lld where only 0 to %ld are there to choose from",
                 (long long)fault->value, (long)fault->size - 1);
    return 1;
}
