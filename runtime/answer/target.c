#include "target.h"
#include "../data/dataset_parts.h"
#include "../host/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* A picture and the file that is written for it. */
struct written {
    const char *picture;
    char *path;
};

char *netrt_target_path(const struct netrt_target *t, const char *picture)
{
    if (!t->folder)
        return strdup(t->path);
    const char *slash = strrchr(picture, '/'), *name = slash ? slash + 1 : picture;
    name = strcmp(picture, "-") ? name : "stdin";
    const char *dot = strrchr(name, '.');
    const size_t stem = dot && dot > name ? (size_t)(dot - name) : strlen(name);
    const size_t size = strlen(t->path) + stem + sizeof "/.png";
    const bool ends = t->path[strlen(t->path) - 1] == '/';
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%s%s%.*s.png", t->path, ends ? "" : "/", (int)stem, name);
    return path;
}

static bool ends_in_png(const char *path)
{
    const size_t n = strlen(path);
    return n > 4 && !strcasecmp(path + n - 4, ".png");
}

static int open_folder(const struct netrt_target *t, struct netrt_message *m)
{
    if (!*t->path)
        return netrt_misuse(m, "option '--%s' needs a path", t->option);
    if (mkdir(t->path, 0777) && errno != EEXIST)
        return netrt_fail(m, "cannot make folder '%s': %s", t->path, strerror(errno));
    struct stat info;
    if (!stat(t->path, &info) && S_ISDIR(info.st_mode))
        return 0;
    return netrt_misuse(m, "option '--%s': '%s' is no folder; a file for one picture ends in .png",
                        t->option, t->path);
}

static int compare_written(const void *a, const void *b)
{
    return strcmp(((const struct written *)a)->path, ((const struct written *)b)->path);
}

static bool is_one_file(const char *a, const char *b)
{
    struct stat of_a, of_b;
    return !stat(a, &of_a) && !stat(b, &of_b) && S_ISREG(of_a.st_mode) &&
           of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

/* `list` is in the order of paths. */
static int check_written(const struct netrt_target *t, const struct written *list, long n,
                         struct netrt_message *m)
{
    for (long i = 0; i < n; i++) {
        if (i && !strcmp(list[i].path, list[i - 1].path))
            return netrt_misuse(m, "option '--%s': '%s' and '%s' would both be written to '%s'",
                                t->option, list[i - 1].picture, list[i].picture, list[i].path);
        if (is_one_file(list[i].picture, list[i].path))
            return netrt_misuse(m, "option '--%s': '%s' would be written over: name another folder",
                                t->option, list[i].picture);
    }
    return 0;
}

static int check_files(const struct netrt_target *t, const struct netrt_listing *l,
                       struct netrt_message *m)
{
    struct written *list = calloc((size_t)l->n + 1, sizeof *list);
    int status = list ? 0 : netrt_fail(m, "out of memory");
    for (long i = 0; i < l->n && !status; i++) {
        list[i] = (struct written){l->paths[i], netrt_target_path(t, l->paths[i])};
        if (!list[i].path)
            status = netrt_fail(m, "out of memory");
    }
    if (!status) {
        qsort(list, (size_t)l->n, sizeof *list, compare_written);
        status = check_written(t, list, l->n, m);
    }
    for (long i = 0; list && i < l->n; i++)
        free(list[i].path);
    free(list);
    return status;
}

int netrt_target_open(struct netrt_target *t, const struct netrt_listing *l,
                      struct netrt_message *m)
{
    struct stat info;
    const bool folder = !stat(t->path, &info) && S_ISDIR(info.st_mode);
    t->folder = folder || (!netrt_is_device(t->path) && !ends_in_png(t->path));
    if (!t->folder && l->n > 1)
        return netrt_misuse(m, "option '--%s %s' takes one picture, not %ld: name a folder",
                            t->option, t->path, l->n);
    int status = t->folder ? open_folder(t, m) : netrt_writer_check(t->path, m);
    return status ? status : check_files(t, l, m);
}
