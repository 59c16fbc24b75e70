#include "ir/tensor.h"

#include "base/number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const int64_t most_bytes = (int64_t)1 << 48;

/* Whether a type is of integers, as the table spells it. */
enum { KIND_REAL = false, KIND_INTEGER = true };

static const struct {
    const char *name;
    int64_t bytes;
    bool integer;
    const char *c;
} dtypes[N_DTYPES] = {
#define DTYPE(id, bytes, safetensors, numpy, torch, widen, kind, c) {#id, bytes, KIND_##kind, c},
#include "core/dtypes.def"
};

static const char *const layouts[N_LAYOUTS] = {
#define LAYOUT(id, spelling, doc) spelling,
#include "ir/layouts.def"
};

static const struct {
    const char *name, *suffix;
    bool learned;
} roles[N_ROLES] = {
#define ROLE(id, suffix, learned, doc) {#id, suffix, learned},
#include "ir/roles.def"
};

int64_t dtype_bytes(enum dtype dtype)
{
    return dtypes[dtype].bytes;
}

const char *dtype_name(enum dtype dtype)
{
    return dtypes[dtype].name;
}

enum dtype dtype_find(const char *name)
{
    int i = 0;
    while (i < N_DTYPES && strcmp(dtypes[i].name, name) != 0)
        i++;
    return (enum dtype)i;
}

bool dtype_is_integer(enum dtype dtype)
{
    return dtypes[dtype].integer;
}

const char *dtype_in_c(enum dtype dtype)
{
    return dtypes[dtype].c;
}

const char *layout_name(enum layout layout)
{
    return layouts[layout];
}

enum layout layout_find(const char *name)
{
    int i = 0;
    while (i < N_LAYOUTS && strcmp(layouts[i], name) != 0)
        i++;
    return (enum layout)i;
}

/* The product of dimensions first .. end - 1: 1 where there are none. */
static int64_t dims_product(const struct type *t, int first, int end)
{
    int64_t n = 1;
    for (int i = first; i < end; i++)
        n *= t->dim[i];
    return n;
}

int64_t type_n(const struct type *t)
{
    return t->rank > (t->layout == LAYOUT_rows) ? t->dim[0] : 1;
}

int64_t type_c(const struct type *t)
{
    if (t->layout == LAYOUT_rows)
        return t->rank ? t->dim[t->rank - 1] : 1;
    return t->rank > 1 ? t->dim[1] : 1;
}

struct type type_permuted(const struct type *type, const int64_t dims[])
{
    struct type t = *type;
    for (int i = 0; i < t.rank; i++) {
        t.dim[i] = type->dim[dims[i]];
        t.counted[i] = type->counted[dims[i]];
    }
    return t;
}

int type_channel_axis(const struct type *t)
{
    return t->layout == LAYOUT_rows ? t->rank - 1 : 1;
}

int64_t type_h(const struct type *t)
{
    return t->layout == LAYOUT_rows ? 1 : dims_product(t, 2, t->rank - 1);
}

int64_t type_w(const struct type *t)
{
    if (t->layout == LAYOUT_rows)
        return dims_product(t, 1, t->rank - 1);
    return t->rank > 2 ? t->dim[t->rank - 1] : 1;
}

size_t dims_parse(const char *text, size_t most, int64_t *dim)
{
    for (size_t n = 0; n < most; n++) {
        char *end;
        errno = 0;
        dim[n] = *text >= '0' && *text <= '9' ? strtoll(text, &end, 10) : 0;
        if (dim[n] <= 0 || errno)
            return 0;
        if (!*end)
            return n + 1;
        if (*end != 'x')
            return 0;
        text = end + 1;
    }
    return 0;
}

int64_t type_along(const struct type *t, int axis)
{
    static const int dims[] = {3, 4, 2};
    if (t->rank == VOLUME_RANK)
        return t->dim[dims[axis]];
    return axis == 2 ? 1 : axis ? type_w(t) : type_h(t);
}

bool type_equal_dims(const struct type *a, const struct type *b)
{
    if (a->rank != b->rank)
        return false;
    for (int i = 0; i < a->rank; i++)
        if (a->dim[i] != b->dim[i] || a->counted[i] != b->counted[i])
            return false;
    return true;
}

bool type_equal(const struct type *a, const struct type *b)
{
    return a->dtype == b->dtype && a->layout == b->layout && type_equal_dims(a, b);
}

bool type_is_counted(const struct type *t)
{
    bool counted = false;
    for (int i = 0; i < t->rank; i++)
        counted = counted || t->counted[i];
    return counted;
}

int64_t type_elements(const struct type *t)
{
    return dims_product(t, 0, t->rank);
}

int64_t type_elements_along(const struct type *t, unsigned axes)
{
    int64_t n = 1;
    for (int i = 0; i < t->rank; i++)
        n *= axes >> i & 1 ? t->dim[i] : 1;
    return n;
}

int64_t type_bytes(const struct type *t)
{
    return type_elements(t) * dtype_bytes(t->dtype);
}

bool type_valid(const struct type *t)
{
    int64_t bytes = dtype_bytes(t->dtype);
    for (int i = 0; i < t->rank; i++)
        if (t->dim[i] < 1 || !checked_mul(bytes, t->dim[i], &bytes) || bytes > most_bytes)
            return false;
    return t->rank >= 0 && t->rank <= MAX_RANK;
}

static void print_dims(struct text *out, const struct type *t, int first, const char *between)
{
    for (int i = first; i < t->rank; i++)
        text_printf(out, "%s%s%lld", i > first ? between : "", t->counted[i] ? "<=" : "",
                    (long long)t->dim[i]);
}

void type_print_dims(struct text *out, const struct type *t)
{
    print_dims(out, t, 0, "x");
}

void type_print_image(struct text *out, const struct type *t)
{
    print_dims(out, t, 1, "x");
}

void type_print(struct text *out, const struct type *t)
{
    text_printf(out, "%s[", dtype_name(t->dtype));
    print_dims(out, t, 0, ",");
    text_append(out, "]");
    if (t->layout != LAYOUT_dense)
        text_printf(out, ":%s", layout_name(t->layout));
}

const char *role_name(enum role role)
{
    return roles[role].name;
}

const char *role_suffix(enum role role)
{
    return roles[role].suffix;
}

const char *path_join(struct arena *arena, const char *path, const char *name)
{
    const char *star = strchr(path, '*');
    if (star)
        return arena_printf(arena, "%.*s%s%s", (int)(star - path), path, name, star + 1);
    return *path ? arena_printf(arena, "%s.%s", path, name) : name;
}

const char *path_of_role(struct arena *arena, const char *path, enum role role)
{
    const char *suffix = role_suffix(role);
    return *suffix ? path_join(arena, path, suffix + 1) : path;
}

bool role_is_learned(enum role role)
{
    return roles[role].learned;
}
