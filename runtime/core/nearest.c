#include "nearest.h"

#include <string.h>

enum { NEAREST_MAX_LENGTH = 255 }; /* longer names are near to nothing */

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t netrt_edit_distance(const char *a, const char *b, size_t limit)
{
    size_t na = strlen(a), nb = strlen(b), row[NEAREST_MAX_LENGTH + 1];
    if (na > NEAREST_MAX_LENGTH || nb > NEAREST_MAX_LENGTH ||
        (na > nb ? na - nb : nb - na) >= limit)
        return limit;
    for (size_t j = 0; j <= nb; j++)
        row[j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t diagonal = i - 1, best = row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t exchanged = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = min_size(exchanged, min_size(row[j], row[j - 1]) + 1);
            best = min_size(best, row[j]);
        }
        if (best >= limit)
            return limit;
    }
    return min_size(row[nb], limit);
}
