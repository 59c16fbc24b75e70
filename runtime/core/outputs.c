#include "outputs.h"

int netrt_find_output(const struct netrt_model *m, enum netrt_purpose purpose)
{
    for (int i = 0; i < m->n_outputs; i++)
        if (m->outputs[i].purpose == purpose)
            return i;
    return -1;
}
