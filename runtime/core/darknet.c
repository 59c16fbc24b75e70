/*
 * Darknet's weights: after a header floats without names or shapes, layer after layer in the order
 * in which the network describes them. Of a layer biases come first, then, of one with bn, its
 * scales, means and variances, and the kernel last; a linear layer has its matrix behind the
 * biases.
 */
#include "checkpoint_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The header: three numbers of a version, then how many pictures training has seen, in 32 bits up
 * to version 0.1 and in 64 from 0.2 on. */
enum { VERSION_BYTES = 12, MOST_PARTS = 5 };

int checkpoint_read_darknet(struct netrt_checkpoint *c, int file, struct checkpoint_error *error)
{
    const struct checkpoint_file *f = &c->files[file];
    unsigned char version[VERSION_BYTES];
    if (c->n_files > 1)
        return checkpoint_fail(error, "'%s' is Darknet's, and cannot be one of several files",
                               f->path);
    if (f->size < VERSION_BYTES)
        return checkpoint_fail(error, "'%s' is cut short", f->path);
    if (checkpoint_read_at(c, file, 0, version, sizeof version, error))
        return -1;
    const uint64_t header = VERSION_BYTES + (version[4] < 2 ? 4 : 8);
    if (f->size < header || (f->size - header) % sizeof(float))
        return checkpoint_fail(error, "'%s' is cut short: Darknet's weights are whole floats",
                               f->path);
    c->undivided = (struct checkpoint_place){.file = file, .start = header};
    c->undivided.bytes = f->size - header;
    return 0;
}

static bool ends_with(const char *name, const char *end)
{
    const size_t n = strlen(name), m = strlen(end);
    return n >= m && !strcmp(name + n - m, end);
}

/* What a parameter is to its layer, in the order of a file. */
enum part { PART_bias, PART_scale, PART_mean, PART_variance, PART_kernel, PART_none };

static enum part part_of(const struct netrt_tensor *t)
{
    if (ends_with(t->name, ".weight"))
        return t->rank > 1 ? PART_kernel : PART_scale;
    return ends_with(t->name, ".bias")           ? PART_bias
           : ends_with(t->name, ".running_mean") ? PART_mean
           : ends_with(t->name, ".running_var")  ? PART_variance
                                                 : PART_none;
}

struct division {
    struct netrt_checkpoint *file;
    const struct netrt_model *model;
    FILE *report;
    uint64_t at; /* bytes given out so far */
};

/* The kernel at parameter `first` and what belongs to it, by part; NULL: the layer has none.
 * Returns the parameter behind them; -1: some are none of a layer of Darknet's (reported). */
static int find_parts(const struct division *d, int first, const struct netrt_tensor *parts[])
{
    int i = first;
    for (; i < d->model->n_params; i++) {
        const struct netrt_tensor *t = &d->model->params[i];
        const enum part part = part_of(t);
        if (part == PART_kernel && i > first)
            break;
        if (part == PART_none || (i == first && part != PART_kernel) || parts[part]) {
            fprintf(d->report, "  '%s' is none of a layer of Darknet's: kernel, biases, bn\n",
                    t->name);
            return -1;
        }
        parts[part] = t;
    }
    if (!parts[PART_bias]) {
        fprintf(d->report, "  '%s' has no bias beside it, nor bn: layers of Darknet have one\n",
                parts[PART_kernel]->name);
        return -1;
    }
    return i;
}

/* Gives the next numbers to a parameter. */
static int give(struct division *d, const struct netrt_tensor *t, struct checkpoint_error *error)
{
    struct checkpoint_tensor own = {.type = checkpoint_type(CHECKPOINT_OWN, "F32"),
                                    .rank = t->rank,
                                    .place = d->file->undivided};
    for (int i = 0; i < t->rank; i++)
        own.dim[i] = (uint64_t)t->dim[i];
    checkpoint_order(&own);
    own.place.start += d->at;
    own.place.bytes = checkpoint_elements(&own) * sizeof(float);
    d->at += own.place.bytes;
    own.name = checkpoint_keep_text(d->file, t->name, strlen(t->name), error);
    return own.name ? checkpoint_add(d->file, &own, error) : -1;
}

static int give_layer(struct division *d, const struct netrt_tensor *const parts[],
                      struct checkpoint_error *error)
{
    static const enum part orders[2][MOST_PARTS] = {
        {PART_bias, PART_scale, PART_mean, PART_variance, PART_kernel},
        {PART_bias, PART_kernel, PART_scale, PART_mean, PART_variance}};
    const enum part *order = orders[parts[PART_kernel]->rank == 2];
    int status = 0;
    for (int i = 0; i < MOST_PARTS && !status; i++)
        if (parts[order[i]])
            status = give(d, parts[order[i]], error);
    return status;
}

/* Whether the file holds as many numbers as the network has. */
static bool sizes_agree(const struct division *d)
{
    uint64_t wanted = 0;
    const uint64_t held = d->file->undivided.bytes / sizeof(float);
    for (int i = 0; i < d->model->n_params; i++)
        wanted += (uint64_t)netrt_tensor_elements(&d->model->params[i]);
    if (held != wanted)
        fprintf(d->report,
                "  %s: the file holds %" PRIu64 " numbers, the network has %" PRIu64 "\n",
                held < wanted ? "too short" : "too long", held, wanted);
    return held == wanted;
}

int checkpoint_divide(struct netrt_checkpoint *c, const struct netrt_model *model, FILE *report)
{
    struct division d = {.file = c, .model = model, .report = report};
    char text[256] = "";
    struct checkpoint_error error = {text, sizeof text};
    int status = sizes_agree(&d) ? 0 : -1;
    for (int i = 0; i < model->n_params && !status;) {
        const struct netrt_tensor *parts[MOST_PARTS] = {NULL};
        i = find_parts(&d, i, parts);
        status = i < 0 ? -1 : give_layer(&d, parts, &error);
    }
    if (!status)
        status = checkpoint_sort(c, &error);
    if (!status)
        c->undivided.bytes = 0;
    if (*text)
        fprintf(report, "  %s\n", text);
    return status;
}
