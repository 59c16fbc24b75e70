#include "front/slips.h"

#include <stddef.h>
#include <string.h>

struct slip {
    const char *word, *hint, *meant;
};

static const struct slip slips[] = {
#define SLIP(word, hint, meant) {word, hint, meant},
#include "front/slips.def"
};

static const struct slip *find(const char *name)
{
    size_t n = strcspn(name, ".");
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++)
        if (!strncmp(slips[i].word, name, n) && !slips[i].word[n])
            return &slips[i];
    return NULL;
}

const char *slip_hint(const char *name)
{
    const struct slip *slip = find(name);
    return slip ? slip->hint : NULL;
}

const char *slip_meant(const char *name)
{
    const struct slip *slip = find(name);
    return slip && !strchr(name, '.') ? slip->meant : NULL;
}
