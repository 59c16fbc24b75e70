#include "nearest.h"
#include "safetensors_file.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A comparison of a file with a network, and the report that grows as it goes. */
struct fit {
    const struct netrt_safetensors *file;
    const struct netrt_model *model;
    bool *used; /* of each tensor of the file: the network has one of this name */
    int missing, wrong;
    FILE *report;
};

/* Names come from the file: what would move the cursor is printed as '?'. */
static void print_name(FILE *out, const char *name)
{
    fputc('\'', out);
    for (; *name; name++)
        fputc((unsigned char)*name < ' ' || *name == 127 ? '?' : *name, out);
    fputc('\'', out);
}

static void print_param_shape(FILE *out, const struct netrt_tensor *t)
{
    fputc('[', out);
    for (int i = 0; i < t->rank; i++)
        fprintf(out, i ? ", %ld" : "%ld", t->dim[i]);
    fputc(']', out);
}

static void print_entry_shape(FILE *out, const struct safetensors_entry *e)
{
    fputc('[', out);
    for (size_t i = 0; i < json_array_size(e->shape); i++)
        fprintf(out, i ? ", %lld" : "%lld",
                (long long)json_integer_value(json_array_get(e->shape, i)));
    fputc(']', out);
}

static bool same_shape(const struct netrt_tensor *t, const struct safetensors_entry *e)
{
    bool same = json_array_size(e->shape) == (size_t)t->rank;
    for (int i = 0; same && i < t->rank; i++)
        same = json_integer_value(json_array_get(e->shape, (size_t)i)) == t->dim[i];
    return same;
}

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n > m && !strcmp(name + n - m, end);
}

/* Tensors of a checkpoint that a network need not have. */
static bool is_ignored(const struct netrt_model *model, const char *name)
{
    if (ends_with(name, ".num_batches_tracked"))
        return true;
    for (const char *const *scope = model->ignored; scope && *scope; scope++) {
        size_t n = strlen(*scope);
        if (!strncmp(name, *scope, n) && (name[n] == '.' || (n && name[n - 1] == '.')))
            return true;
    }
    return false;
}

static void report_nearest(struct fit *fit, const char *name)
{
    size_t best = strlen(name) / 3 + 2;
    const char *nearest = NULL;
    for (size_t i = 0; i < fit->file->n_entries; i++) {
        size_t distance =
            fit->used[i] ? best : netrt_edit_distance(name, fit->file->entries[i].name, best);
        if (distance < best) {
            best = distance;
            nearest = fit->file->entries[i].name;
        }
    }
    if (nearest) {
        fprintf(fit->report, "; did you mean ");
        print_name(fit->report, nearest);
        fprintf(fit->report, "?");
    }
}

static void report_missing(struct fit *fit, const struct netrt_tensor *t)
{
    fprintf(fit->report, "  missing: '%s' ", t->name);
    print_param_shape(fit->report, t);
    report_nearest(fit, t->name);
    fprintf(fit->report, "\n");
}

static void report_wrong(struct fit *fit, const struct netrt_tensor *t,
                         const struct safetensors_entry *e)
{
    if (!same_shape(t, e)) {
        fprintf(fit->report, "  wrong shape: '%s' is ", t->name);
        print_entry_shape(fit->report, e);
        fprintf(fit->report, " in the file, ");
        print_param_shape(fit->report, t);
        fprintf(fit->report, " in the network\n");
    } else {
        fprintf(fit->report, "  wrong type: '%s' is %s in the file; F32, F16 and BF16 are read\n",
                t->name, e->type ? e->type->name : "of an unknown type");
    }
}

/* Does each parameter have its tensor, once `strip` is taken off its name and `add` put before? */
static bool all_found(const struct fit *fit, const char *strip, const char *add)
{
    size_t n = strlen(strip);
    for (int i = 0; i < fit->model->n_params; i++) {
        const char *name = fit->model->params[i].name;
        char other[1024];
        if (strncmp(name, strip, n) != 0)
            return false;
        int length = snprintf(other, sizeof other, "%s%s", add, name + n);
        if (length >= (int)sizeof other || !safetensors_find(fit->file, other))
            return false;
    }
    return true;
}

/* All names differ by one prefix: one line says it, in place of all. */
static bool report_prefix(struct fit *fit)
{
    const char *first = fit->model->params[0].name;
    for (size_t i = 0; i < fit->file->n_entries; i++) {
        const char *name = fit->file->entries[i].name;
        bool longer = ends_with(name, first);
        if (!longer && !ends_with(first, name))
            continue;
        size_t length = longer ? strlen(name) - strlen(first) : strlen(first) - strlen(name);
        char *prefix = strndup(longer ? name : first, length);
        bool found = prefix && all_found(fit, longer ? "" : prefix, longer ? prefix : "");
        if (found) {
            fprintf(fit->report, longer ? "  all names in the file begin with "
                                        : "  all names of the network begin with ");
            print_name(fit->report, prefix);
            fprintf(fit->report, longer ? ", those of the network do not\n"
                                        : ", those in the file do not: an 'inline' before that "
                                          "block leaves its name out\n");
        }
        free(prefix);
        if (found)
            return true;
    }
    return false;
}

static void mark_used(struct fit *fit)
{
    for (int i = 0; i < fit->model->n_params; i++) {
        const struct netrt_tensor *t = &fit->model->params[i];
        const struct safetensors_entry *e = safetensors_find(fit->file, t->name);
        if (e)
            fit->used[e - fit->file->entries] = true;
        fit->missing += !e;
        fit->wrong += e && (!same_shape(t, e) || !e->type || !e->type->readable);
    }
}

static void report_all(struct fit *fit)
{
    for (int i = 0; i < fit->model->n_params; i++) {
        const struct netrt_tensor *t = &fit->model->params[i];
        const struct safetensors_entry *e = safetensors_find(fit->file, t->name);
        if (!e)
            report_missing(fit, t);
        else if (!same_shape(t, e) || !e->type || !e->type->readable)
            report_wrong(fit, t, e);
    }
    for (size_t i = 0; i < fit->file->n_entries; i++) {
        const struct safetensors_entry *e = &fit->file->entries[i];
        if (fit->used[i] || is_ignored(fit->model, e->name))
            continue;
        fprintf(fit->report, "  extra: ");
        print_name(fit->report, e->name);
        fprintf(fit->report, " ");
        print_entry_shape(fit->report, e);
        fprintf(fit->report, "\n");
    }
}

static int count_extra(const struct fit *fit)
{
    int n = 0;
    for (size_t i = 0; i < fit->file->n_entries; i++)
        n += !fit->used[i] && !is_ignored(fit->model, fit->file->entries[i].name);
    return n;
}

int netrt_safetensors_check(const struct netrt_safetensors *file, const struct netrt_model *model,
                            char **report)
{
    size_t size;
    *report = NULL;
    struct fit fit = {.file = file,
                      .model = model,
                      .used = calloc(file->n_entries + 1, sizeof *fit.used),
                      .report = open_memstream(report, &size)};
    int bad = -1;
    if (fit.used && fit.report) {
        mark_used(&fit);
        bad = fit.missing || fit.wrong || count_extra(&fit) ? -1 : 0;
        bool all = model->n_params && fit.missing == model->n_params;
        if (bad && !(all && report_prefix(&fit)))
            report_all(&fit);
    }
    bool whole = fit.report && fit.used && !ferror(fit.report);
    if (fit.report && fclose(fit.report))
        whole = false;
    free(fit.used);
    if (!bad || !whole) {
        free(*report);
        *report = NULL;
    }
    return bad;
}
