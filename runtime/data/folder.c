/* Data sets of pictures in files: a folder a class, or a csv that names them. */
#include "dataset_parts.h"
#include "../host/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static int keep_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

int netrt_list_names(const char *path, struct dirent ***names, int *n, struct netrt_message *m)
{
    *n = scandir(path, names, keep_visible, compare_names);
    if (*n >= 0)
        return 0;
    *n = 0;
    *names = NULL;
    return netrt_fail(m, "cannot read folder '%s': %s", path, strerror(errno));
}

void netrt_free_names(struct dirent **names, int n)
{
    for (int i = 0; i < n; i++)
        free(names[i]);
    free(names);
}

bool netrt_is_picture_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot &&
           (!strcasecmp(dot, ".jpg") || !strcasecmp(dot, ".jpeg") || !strcasecmp(dot, ".png"));
}

/* Takes over `path`. */
static void leave_out(struct netrt_dataset *d, char *path)
{
    if (d->left_out++)
        free(path);
    else
        d->first_left_out = path;
}

static int add_pictures(struct netrt_dataset *d, long *room, const char *folder, int label,
                        struct netrt_message *m)
{
    struct dirent **names;
    int n, status = netrt_list_names(folder, &names, &n, m);
    for (int i = 0; i < n && !status; i++) {
        struct netrt_sample sample = {.path = netrt_join_path(folder, names[i]->d_name),
                                      .label = label};
        if (!sample.path)
            status = netrt_fail(m, "out of memory");
        else if (netrt_is_picture_name(names[i]->d_name))
            status = netrt_dataset_add(d, room, sample, m);
        else
            leave_out(d, sample.path);
    }
    netrt_free_names(names, n);
    return status;
}

/* Whether `path` is a folder; else it is left out. */
static int find_folder(struct netrt_dataset *d, char *path, bool *found, struct netrt_message *m)
{
    mode_t kind;
    int status = path ? netrt_find(path, &kind, m) : netrt_fail(m, "out of memory");
    if (!status && !kind)
        status = netrt_fail(m, "'%s' is a link to nothing", path);
    *found = !status && S_ISDIR(kind);
    if (status || *found)
        free(path);
    else
        leave_out(d, path);
    return status;
}

/* Leaves only the folders in a list of `n` names. What cannot be looked at may be one, by which
 * the numbers of the others would change. */
static int keep_folders(struct netrt_dataset *d, const char *path, struct dirent **names, int *n,
                        struct netrt_message *m)
{
    int kept = 0, status = 0;
    for (int i = 0; i < *n; i++) {
        bool found = false;
        if (!status)
            status = find_folder(d, netrt_join_path(path, names[i]->d_name), &found, m);
        if (found)
            names[kept++] = names[i];
        else
            free(names[i]);
    }
    *n = kept;
    return status;
}

/* Folders named by classes, all of them, are those classes; else they are numbered as sorted. */
static bool are_classes(struct dirent **names, int n, const struct netrt_model *model, long classes)
{
    for (int i = 0; i < n; i++)
        if (netrt_find_class(model, classes, names[i]->d_name) < 0)
            return false;
    return true;
}

int netrt_dataset_folders(struct netrt_dataset *d, const char *path,
                          const struct netrt_model *model, long classes, struct netrt_message *m)
{
    struct dirent **names;
    int n, status = netrt_list_names(path, &names, &n, m);
    long room = 0;
    if (!status)
        status = keep_folders(d, path, names, &n, m);
    bool named = are_classes(names, n, model, classes);
    if (!status && !n)
        status = netrt_fail(m,
                            "'%s' holds no folders of pictures (one a class), no idx files and "
                            "no test_batch.bin",
                            path);
    if (!status && !named && n > classes)
        status = netrt_fail(m, "'%s' has %d folders, the network %ld classes", path, n, classes);
    for (int i = 0; i < n && !status; i++) {
        char *full = netrt_join_path(path, names[i]->d_name);
        int label = named ? netrt_find_class(model, classes, names[i]->d_name) : i;
        status = full ? add_pictures(d, &room, full, label, m) : netrt_fail(m, "out of memory");
        free(full);
    }
    if (!status && !d->n)
        status = netrt_fail(m, "the folders in '%s' hold no pictures (.jpg, .jpeg, .png)", path);
    netrt_free_names(names, n);
    return status;
}

/* What some programs write before a text in UTF-8. */
static const char byte_order_mark[] = "\xef\xbb\xbf";

/* Ends the field at `at` and returns the next one's start, or NULL after the last of a line. */
static char *end_field(char *at)
{
    char *end = at + strcspn(at, ",");
    char *next = *end ? end + 1 : NULL;
    *end = 0;
    return next;
}

/* Numbers of the columns `file` and `class` in the header row; -1: missing. */
static void find_columns(char *row, int *file, int *class)
{
    *file = *class = -1;
    int column = 0;
    for (char *next, *at = row; at; at = next, column++) {
        next = end_field(at);
        if (!strcmp(at, "file"))
            *file = column;
        if (!strcmp(at, "class"))
            *class = column;
    }
}

struct csv {
    const char *path;
    char *folder;
    int file, class; /* columns */
    long line, room;
};

static int add_csv_row(struct netrt_dataset *d, struct csv *csv, char *row,
                       const struct netrt_model *model, long classes, struct netrt_message *m)
{
    const char *file = NULL, *class = NULL;
    int column = 0;
    for (char *next, *at = row; at; at = next, column++) {
        next = end_field(at);
        file = column == csv->file ? at : file;
        class = column == csv->class ? at : class;
    }
    int label = class ? netrt_find_class(model, classes, class) : -1;
    if (!file || !*file || label < 0)
        return netrt_fail(m, "'%s', line %ld: needs a file, and a class below %ld", csv->path,
                          csv->line, classes);
    struct netrt_sample sample = {
        .path = *file == '/' ? strdup(file) : netrt_join_path(csv->folder, file), .label = label};
    return sample.path ? netrt_dataset_add(d, &csv->room, sample, m)
                       : netrt_fail(m, "out of memory");
}

static int add_csv_rows(struct netrt_dataset *d, struct csv *csv, char *text,
                        const struct netrt_model *model, long classes, struct netrt_message *m)
{
    int status = 0;
    for (char *next, *row = text; row && !status; row = next) {
        next = row + strcspn(row, "\n");
        char *end = next > row && next[-1] == '\r' ? next - 1 : next;
        next = *next ? next + 1 : NULL;
        *end = 0;
        csv->line++;
        if (csv->line == 1)
            find_columns(row, &csv->file, &csv->class);
        else if (*row)
            status = add_csv_row(d, csv, row, model, classes, m);
        if (csv->file < 0 || csv->class < 0)
            return netrt_fail(m, "'%s' has no header row with 'file' and 'class'", csv->path);
    }
    if (!status && !d->n)
        status = netrt_fail(m, "'%s' names no pictures", csv->path);
    return status;
}

int netrt_dataset_csv(struct netrt_dataset *d, const char *path, const struct netrt_model *model,
                      long classes, struct netrt_message *m)
{
    struct netrt_bytes bytes;
    int status = netrt_file_read(path, &bytes, m);
    if (status)
        return status;
    const char *slash = strrchr(path, '/');
    struct csv csv = {.path = path,
                      .folder = slash ? strndup(path, (size_t)(slash - path)) : strdup(".")};
    char *text = (char *)bytes.data;
    text += strncmp(text, byte_order_mark, strlen(byte_order_mark)) ? 0 : strlen(byte_order_mark);
    status = csv.folder ? add_csv_rows(d, &csv, text, model, classes, m)
                        : netrt_fail(m, "out of memory");
    free(csv.folder);
    free(bytes.data);
    return status;
}
