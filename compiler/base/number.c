#include "base/number.h"

#include <stddef.h>
#include <string.h>

int64_t number_factor(const char *suffix)
{
    static const struct {
        const char *spelling;
        int64_t factor;
    } suffixes[] = {
        {"", 1},
        {"K", 1000},
        {"M", 1000 * 1000},
        {"G", 1000 * 1000 * 1000},
        {"Ki", INT64_C(1) << 10},
        {"Mi", INT64_C(1) << 20},
        {"Gi", INT64_C(1) << 30},
    };
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (!strcmp(suffixes[i].spelling, suffix))
            return suffixes[i].factor;
    return 0;
}
