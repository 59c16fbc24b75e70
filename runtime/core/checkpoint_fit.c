#include "checkpoint_parts.h"
#include "nearest.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A comparison of a file with a network, and the report that grows as it goes. */
struct fit {
    struct netrt_checkpoint *file;
    const struct netrt_model *model;
    const struct netrt_checkpoint_options *options; /* or NULL */
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

static void print_entry_shape(FILE *out, const struct checkpoint_tensor *e)
{
    fputc('[', out);
    for (int i = 0; i < e->rank; i++)
        fprintf(out, i ? ", %llu" : "%llu", (unsigned long long)e->dim[i]);
    fputc(']', out);
}

/* The same sizes in the same order; dimensions of 1 may be there or not. */
static bool same_shape(const struct netrt_tensor *t, const struct checkpoint_tensor *e)
{
    int i = 0, j = 0;
    for (;;) {
        while (i < t->rank && t->dim[i] == 1)
            i++;
        while (j < e->rank && e->dim[j] == 1)
            j++;
        if (i == t->rank || j == e->rank)
            return i == t->rank && j == e->rank;
        if ((uint64_t)t->dim[i++] != e->dim[j++])
            return false;
    }
}

/* Finds the first order of the file's dimensions that gives the network's; false: there is none.
 * `axes` is filled from `from` on, depth first. */
static bool find_transposition(const struct netrt_tensor *t, const struct checkpoint_tensor *e,
                               int *axes, int from)
{
    bool found = from == t->rank;
    for (int axis = 0; axis < t->rank && !found; axis++) {
        bool taken = e->dim[axis] != (uint64_t)t->dim[from];
        for (int i = 0; i < from; i++)
            taken = taken || axes[i] == axis;
        axes[from] = axis;
        found = !taken && find_transposition(t, e, axes, from + 1);
    }
    return found;
}

static void report_transposition(FILE *out, const struct netrt_tensor *t,
                                 const struct checkpoint_tensor *e)
{
    int axes[NETRT_MAX_RANK];
    if (e->rank != t->rank || !find_transposition(t, e, axes, 0))
        return;
    fprintf(out, ": transposed by (");
    for (int i = 0; i < t->rank; i++)
        fprintf(out, i ? ", %d" : "%d", axes[i]);
    fprintf(out, ") it would fit");
}

static bool is_readable(const struct checkpoint_tensor *e)
{
    return e->type && e->type->widen;
}

static bool fits(const struct netrt_tensor *t, const struct checkpoint_tensor *e)
{
    return same_shape(t, e) && is_readable(e);
}

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n > m && !strcmp(name + n - m, end);
}

/* Integers that PyTorch's modules keep beside their weights: counters, and indices into tables. */
static bool is_count(const char *name)
{
    return ends_with(name, ".num_batches_tracked") || ends_with(name, ".relative_position_index");
}

/* Tensors of a checkpoint that a network need not have. */
static bool is_ignored(const struct fit *fit, const char *name)
{
    const struct netrt_checkpoint_options *o = fit->options;
    for (size_t i = 0; o && i < o->n_ignore_extra; i++)
        if (!strncmp(name, o->ignore_extra[i], strlen(o->ignore_extra[i])))
            return true;
    if (is_count(name))
        return true;
    for (const char *const *scope = fit->model->ignored; scope && *scope; scope++) {
        size_t n = strlen(*scope);
        if (!strncmp(name, *scope, n) && (name[n] == '.' || (n && name[n - 1] == '.')))
            return true;
    }
    return false;
}

/* The name most like it of those that no parameter has, of tensors that would fit. */
static void report_nearest(struct fit *fit, const struct netrt_tensor *t)
{
    size_t best = strlen(t->name) / 3 + 2;
    const char *nearest = NULL;
    for (size_t i = 0; i < fit->file->n; i++) {
        const struct checkpoint_tensor *e = &fit->file->tensors[i];
        const size_t distance =
            fit->used[i] || !fits(t, e) ? best : netrt_edit_distance(t->name, e->name, best);
        if (distance < best) {
            best = distance;
            nearest = e->name;
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
    report_nearest(fit, t);
    fprintf(fit->report, "\n");
}

static void report_wrong(struct fit *fit, const struct netrt_tensor *t,
                         const struct checkpoint_tensor *e)
{
    if (!same_shape(t, e)) {
        fprintf(fit->report, "  wrong shape: '%s' is ", t->name);
        print_entry_shape(fit->report, e);
        fprintf(fit->report, " in the file, ");
        print_param_shape(fit->report, t);
        fprintf(fit->report, " in the network");
        report_transposition(fit->report, t, e);
        fprintf(fit->report, "\n");
    } else {
        fprintf(fit->report,
                "  wrong type: '%s' is %s in the file; F32, F16, BF16 and F64 are read\n", t->name,
                e->type ? e->type->name : "of an unknown type");
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
        if (length >= (int)sizeof other || !checkpoint_find(fit->file, other))
            return false;
    }
    return true;
}

/* All names differ by one prefix: one line says it, in place of all. */
static bool report_prefix(struct fit *fit)
{
    const char *first = fit->model->params[0].name;
    for (size_t i = 0; i < fit->file->n; i++) {
        const char *name = fit->file->tensors[i].name;
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
        const struct checkpoint_tensor *e = checkpoint_find(fit->file, t->name);
        if (e)
            fit->used[e - fit->file->tensors] = true;
        fit->missing += !e;
        fit->wrong += e && !fits(t, e);
    }
}

static void report_all(struct fit *fit)
{
    for (int i = 0; i < fit->model->n_params; i++) {
        const struct netrt_tensor *t = &fit->model->params[i];
        const struct checkpoint_tensor *e = checkpoint_find(fit->file, t->name);
        if (!e)
            report_missing(fit, t);
        else if (!fits(t, e))
            report_wrong(fit, t, e);
    }
    for (size_t i = 0; i < fit->file->n; i++) {
        const struct checkpoint_tensor *e = &fit->file->tensors[i];
        if (fit->used[i] || is_ignored(fit, e->name))
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
    for (size_t i = 0; i < fit->file->n; i++)
        n += !fit->used[i] && !is_ignored(fit, fit->file->tensors[i].name);
    return n;
}

/* Does every name in the file begin with it, and that of no parameter? */
static bool is_wrapped(const struct fit *fit, const char *wrapper)
{
    const size_t n = strlen(wrapper);
    for (size_t i = 0; i < fit->file->n; i++)
        if (strncmp(fit->file->tensors[i].name, wrapper, n) != 0)
            return false;
    for (int i = 0; i < fit->model->n_params; i++)
        if (!strncmp(fit->model->params[i].name, wrapper, n))
            return false;
    return fit->file->n > 0;
}

/* Takes off what PyTorch's modules for several devices and for compilation put before all names;
 * the order of the names stays. */
static void unwrap(struct fit *fit)
{
    static const char *const wrappers[] = {"module.", "_orig_mod.", "module."};
    for (int w = 0; w < 3; w++)
        if (is_wrapped(fit, wrappers[w]))
            for (size_t i = 0; i < fit->file->n; i++)
                fit->file->tensors[i].name += strlen(wrappers[w]);
}

/* Compares names and shapes. -1: they do not fit. */
static int compare(struct fit *fit)
{
    int bad = -1;
    fit->used = calloc(fit->file->n + 1, sizeof *fit->used);
    if (fit->used) {
        unwrap(fit);
        mark_used(fit);
        bad = fit->missing || fit->wrong || count_extra(fit) ? -1 : 0;
        bool all = fit->model->n_params && fit->missing == fit->model->n_params;
        if (bad && !(all && report_prefix(fit)))
            report_all(fit);
    }
    free(fit->used);
    return bad;
}

int netrt_checkpoint_fit(struct netrt_checkpoint *file, const struct netrt_model *model,
                         const struct netrt_checkpoint_options *options, char **report)
{
    size_t size = 0;
    *report = NULL;
    struct fit fit = {
        .file = file, .model = model, .options = options, .report = open_memstream(report, &size)};
    int bad = -1;
    if (fit.report)
        bad = file->undivided.bytes ? checkpoint_divide(file, model, fit.report) : compare(&fit);
    bool whole = fit.report && !ferror(fit.report);
    if (fit.report && fclose(fit.report))
        whole = false;
    if (!bad || !whole || !size) {
        free(*report);
        *report = NULL;
    }
    return bad;
}
