#include "front/slips.h"

#include <stddef.h>
#include <string.h>

static const char *const slips[][2] = {
#define SLIP(word, hint) {word, hint},
#include "front/slips.def"
};

const char *slip_hint(const char *name)
{
    size_t n = strcspn(name, ".");
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++)
        if (!strncmp(slips[i][0], name, n) && !slips[i][0][n])
            return slips[i][1];
    return NULL;
}
