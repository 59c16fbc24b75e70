#include "exif.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* A block of Exif: its numbers have the byte order that its first letters say. */
struct exif {
    const unsigned char *data;
    size_t size;
    bool big;
};

enum { EXIF_ENTRY = 12, EXIF_ORIENTATION = 0x112, EXIF_SHORT = 3 };

/* A number of so many bytes; 0 where the block has none there. */
static uint32_t number(const struct exif *e, size_t at, size_t bytes)
{
    uint32_t x = 0;
    if (at > e->size || e->size - at < bytes)
        return 0;
    for (size_t i = 0; i < bytes; i++)
        x = x << 8 | e->data[at + (e->big ? i : bytes - 1 - i)];
    return x;
}

int netrt_exif_orientation(const unsigned char *data, size_t size)
{
    const struct exif e = {data, size, size > 1 && data[0] == 'M'};
    if (size < 8 || (memcmp(data, "II*\0", 4) != 0 && memcmp(data, "MM\0*", 4) != 0))
        return 1;
    const size_t start = number(&e, 4, 4), n = number(&e, start, 2);
    for (size_t i = 0; i < n; i++) {
        const size_t at = start + 2 + i * EXIF_ENTRY;
        if (number(&e, at, 2) != EXIF_ORIENTATION || number(&e, at + 2, 2) != EXIF_SHORT)
            continue;
        const uint32_t said = number(&e, at + 8, 2);
        return said >= 1 && said <= 8 ? (int)said : 1;
    }
    return 1;
}
