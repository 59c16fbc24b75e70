/*
 * Takes layers of another network by shape and order, whatever their names: the longest list of
 * layers that both have in their orders, by dynamic programming. A layer is the tensors whose names
 * differ behind the last dot alone, and is another's where all of these have equal shapes.
 */
#include "checkpoint_parts.h"

#include <stdlib.h>
#include <string.h>

/* A tensor of either side. */
struct entry {
    const char *name;
    int rank;
    uint64_t dim[CHECKPOINT_MAX_RANK];
    struct checkpoint_tensor *of; /* of the file; NULL: of the model */
};

/* Entries first .. first + n - 1. */
struct layer {
    const struct entry *first;
    size_t n;
};

struct side {
    struct entry *entries;
    struct layer *layers;
    size_t n_entries, n_layers;
};

struct alignment {
    struct side file, model;
    int *most; /* [file layer][model layer]: how many are common from there on */
};

/* ---- tensors and layers ---- */

/* Behind the scope: "weight" of "features.0.weight". */
static const char *role_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot ? dot + 1 : name;
}

static int scope_length(const char *name)
{
    const char *role = role_of(name);
    return (int)(role > name ? role - name - 1 : 0);
}

static bool same_scope(const char *a, const char *b)
{
    return scope_length(a) == scope_length(b) && !memcmp(a, b, (size_t)scope_length(a));
}

/* Dimensions of 1 may be there or not. */
static void set_dims(struct entry *e, int rank, const struct checkpoint_tensor *t,
                     const struct netrt_tensor *param)
{
    for (int i = 0; i < rank; i++) {
        const uint64_t dim = t ? t->dim[i] : (uint64_t)param->dim[i];
        if (dim != 1)
            e->dim[e->rank++] = dim;
    }
}

static bool same_tensor(const struct entry *a, const struct entry *b)
{
    return !strcmp(role_of(a->name), role_of(b->name)) && a->rank == b->rank &&
           !memcmp(a->dim, b->dim, sizeof a->dim);
}

/* The tensor of a layer that is another layer's; NULL: it has none. */
static const struct entry *find_in(const struct layer *l, const struct entry *e)
{
    for (size_t i = 0; i < l->n; i++)
        if (same_tensor(&l->first[i], e))
            return &l->first[i];
    return NULL;
}

/* Each is asked for the other's: a file may call two tensors of a layer "weight" and ".weight". */
static bool same_layer(const struct layer *a, const struct layer *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; i < a->n && same; i++)
        same = find_in(b, &a->first[i]) && find_in(a, &b->first[i]);
    return same;
}

/* ---- the two sides ---- */

static int compare_places(const void *a, const void *b)
{
    const struct checkpoint_place *x = &((const struct entry *)a)->of->place,
                                  *y = &((const struct entry *)b)->of->place;
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    return x->start < y->start ? -1 : x->start > y->start;
}

static bool side_open(struct side *s, size_t n)
{
    s->entries = calloc(n + 1, sizeof *s->entries);
    s->layers = calloc(n + 1, sizeof *s->layers);
    return s->entries && s->layers;
}

static void find_layers(struct side *s)
{
    for (size_t i = 0; i < s->n_entries; i++) {
        if (!i || !same_scope(s->entries[i - 1].name, s->entries[i].name))
            s->layers[s->n_layers++] = (struct layer){.first = &s->entries[i]};
        s->layers[s->n_layers - 1].n++;
    }
}

static bool open_sides(struct alignment *a, struct netrt_checkpoint *c, const struct netrt_model *m)
{
    if (!side_open(&a->file, c->n) || !side_open(&a->model, (size_t)m->n_params))
        return false;
    for (size_t i = 0; i < c->n; i++) {
        struct checkpoint_tensor *t = &c->tensors[i];
        struct entry *e = &a->file.entries[a->file.n_entries];
        if (!strcmp(role_of(t->name), "num_batches_tracked"))
            continue;
        *e = (struct entry){.name = t->name, .of = t};
        set_dims(e, t->rank, t, NULL);
        a->file.n_entries++;
    }
    for (int i = 0; i < m->n_params; i++) {
        struct entry *e = &a->model.entries[a->model.n_entries++];
        *e = (struct entry){.name = m->params[i].name};
        set_dims(e, m->params[i].rank, NULL, &m->params[i]);
    }
    qsort(a->file.entries, a->file.n_entries, sizeof *a->file.entries, compare_places);
    find_layers(&a->file);
    find_layers(&a->model);
    const size_t rows = a->file.n_layers + 1, columns = a->model.n_layers + 1;
    a->most = rows <= SIZE_MAX / sizeof *a->most / columns ? calloc(rows * columns, sizeof *a->most)
                                                           : NULL;
    return a->most;
}

static void close_sides(struct alignment *a)
{
    free(a->file.entries);
    free(a->file.layers);
    free(a->model.entries);
    free(a->model.layers);
    free(a->most);
}

/* ---- the longest common list ---- */

static int *most_at(const struct alignment *a, size_t i, size_t j)
{
    return &a->most[i * (a->model.n_layers + 1) + j];
}

static void count_common(const struct alignment *a)
{
    for (size_t i = a->file.n_layers; i-- > 0;)
        for (size_t j = a->model.n_layers; j-- > 0;) {
            const int down = *most_at(a, i + 1, j), right = *most_at(a, i, j + 1);
            *most_at(a, i, j) = same_layer(&a->file.layers[i], &a->model.layers[j])
                                    ? 1 + *most_at(a, i + 1, j + 1)
                                : down > right ? down
                                               : right;
        }
}

/* Gives the tensors of a layer of the file the names of the model's, and says so. */
static void take_layer(const struct layer *from, const struct layer *to, FILE *list)
{
    fprintf(list, "%.*s from %.*s\n", scope_length(to->first->name), to->first->name,
            scope_length(from->first->name), from->first->name);
    for (size_t i = 0; i < from->n; i++)
        from->first[i].of->name = find_in(to, &from->first[i])->name;
}

static void drop(struct netrt_checkpoint *c, const struct checkpoint_tensor *kept, size_t n)
{
    if (n)
        memcpy(c->tensors, kept, n * sizeof *kept);
    c->n = n;
}

/* Renames what is common, into `kept`. Returns how many tensors these are. */
static size_t take_common(const struct alignment *a, struct checkpoint_tensor *kept, FILE *list)
{
    size_t i = 0, j = 0, n = 0;
    while (i < a->file.n_layers && j < a->model.n_layers) {
        const struct layer *from = &a->file.layers[i], *to = &a->model.layers[j];
        if (same_layer(from, to)) {
            take_layer(from, to, list);
            for (size_t k = 0; k < from->n; k++)
                kept[n++] = *from->first[k].of;
            i++;
            j++;
        } else if (*most_at(a, i, j + 1) >= *most_at(a, i + 1, j)) {
            j++;
        } else {
            i++;
        }
    }
    return n;
}

int netrt_checkpoint_align(struct netrt_checkpoint *c, const struct netrt_model *m, FILE *list)
{
    struct alignment a = {0};
    struct checkpoint_error unheard = {0};
    struct checkpoint_tensor *kept = calloc(c->n + 1, sizeof *kept);
    int status = kept && open_sides(&a, c, m) ? 0 : -1;
    if (!status) {
        count_common(&a);
        drop(c, kept, take_common(&a, kept, list));
        status = checkpoint_sort(c, &unheard);
    }
    close_sides(&a);
    free(kept);
    return status;
}
