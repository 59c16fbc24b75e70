#include "map.h"
#include "../host/dtype.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int netrt_map_open(struct netrt_map *map, const struct netrt_output *o, struct netrt_message *m)
{
    const struct netrt_tensor *t = &o->tensor;
    map->height = t->dim[t->rank - 2];
    map->width = t->dim[t->rank - 1];
    map->classes = netrt_dtype_is_integer(o->dtype) ? NETRT_MAP_CLASSES
                   : t->dim[1] == 1                 ? 2
                                                    : t->dim[1];
    map->at = calloc((size_t)(map->height * map->width), sizeof *map->at);
    map->pixels = calloc((size_t)map->classes, sizeof *map->pixels);
    return map->at && map->pixels ? 0 : netrt_fail(m, "no memory for a map");
}

void netrt_map_release(struct netrt_map *map)
{
    free(map->at);
    free(map->pixels);
}

static int not_finite(long n, long all, struct netrt_message *m)
{
    return n ? netrt_fail(m, "%ld of %ld outputs are not finite", n, all) : 0;
}

/* Of equal scores the first is taken. */
static int take_largest(struct netrt_map *map, const float *row, struct netrt_message *m)
{
    const long n = map->height * map->width;
    long bad = 0;
    for (long i = 0; i < n * map->classes; i++)
        bad += !isfinite(row[i]);
    for (long i = 0; i < n; i++) {
        long best = 0;
        for (long k = 1; k < map->classes; k++)
            best = row[k * n + i] > row[best * n + i] ? k : best;
        map->at[i] = (int32_t)best;
    }
    return not_finite(bad, n * map->classes, m);
}

static int take_above(struct netrt_map *map, const float *row, float threshold,
                      struct netrt_message *m)
{
    const long n = map->height * map->width;
    long bad = 0;
    for (long i = 0; i < n; i++) {
        bad += !isfinite(row[i]);
        map->at[i] = row[i] > threshold;
    }
    return not_finite(bad, n, m);
}

static int take_integers(struct netrt_map *map, const void *row, enum netrt_dtype dtype,
                         struct netrt_message *m)
{
    const long n = map->height * map->width;
    for (long i = 0; i < n; i++) {
        const int64_t class =
            dtype == NETRT_DTYPE_i64 ? ((const int64_t *)row)[i] : ((const int32_t *)row)[i];
        if (class < 0 || class >= NETRT_MAP_CLASSES)
            return netrt_fail(m, "the map has %lld where classes are from 0 to %d",
                              (long long)class, NETRT_MAP_CLASSES - 1);
        map->at[i] = (int32_t) class;
    }
    return 0;
}

int netrt_map_fill(struct netrt_map *map, const struct netrt_output *o, const void *row,
                   struct netrt_message *m)
{
    int status;
    if (netrt_dtype_is_integer(o->dtype))
        status = take_integers(map, row, o->dtype, m);
    else if (o->tensor.dim[1] == 1)
        status = take_above(map, row, o->threshold, m);
    else
        status = take_largest(map, row, m);
    return status;
}

long netrt_map_position(const struct netrt_place *place, int axis, long i, long input, long n)
{
    const double at = ((double)i + 0.5 - place->offset[axis]) / place->scale[axis];
    const double position = floor(at * (double)n / (double)input);
    return position >= 0 && position < (double)n ? (long)position : -1;
}

/* Positions first .. end - 1 of `n`, over an input of `input`, whose middle is in a picture of
 * `size`; one at least. */
static void find_window(const struct netrt_place *place, int axis, long size, long input, long n,
                        long *first, long *end)
{
    const double step = place->scale[axis] * (double)input / (double)n;
    const double low = -place->offset[axis] / step, high = low + (double)size / step;
    *first = low > 0.5 ? (long)ceil(low - 0.5) : 0;
    *end = high < (double)n ? (long)ceil(high - 0.5) : n;
    if (*first < *end)
        return;
    *first = (long)fmin(fmax(floor((low + high) / 2), 0), (double)n - 1);
    *end = *first + 1;
}

void netrt_map_count(struct netrt_map *map, const struct netrt_tensor *input,
                     const struct netrt_place *place, long width, long height)
{
    long left, right, top, bottom;
    find_window(place, 0, width, input->dim[3], map->width, &left, &right);
    find_window(place, 1, height, input->dim[2], map->height, &top, &bottom);
    memset(map->pixels, 0, (size_t)map->classes * sizeof *map->pixels);
    for (long y = top; y < bottom; y++)
        for (long x = left; x < right; x++)
            map->pixels[map->at[y * map->width + x]]++;
    map->counted = (right - left) * (bottom - top);
}

long netrt_map_next(const struct netrt_map *map, long last)
{
    const long *n = map->pixels;
    long best = -1;
    for (long i = 0; i < map->classes; i++) {
        const int after = last < 0 || n[i] < n[last] || (n[i] == n[last] && i > last);
        if (n[i] && after && (best < 0 || n[i] > n[best]))
            best = i;
    }
    return best;
}
