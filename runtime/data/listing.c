#include "listing.h"
#include "dataset_parts.h"
#include "../host/file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Takes over `path`, which is from malloc or NULL. */
static int add_path(struct netrt_listing *l, char *path, struct netrt_message *m)
{
    if (path && l->n == l->room) {
        long more = l->room ? 2 * l->room : 64;
        char **paths = realloc(l->paths, (size_t)more * sizeof *paths);
        if (!paths) {
            free(path);
            path = NULL;
        } else {
            l->paths = paths;
            l->room = more;
        }
    }
    if (!path)
        return netrt_fail(m, "no memory for the list of pictures");
    l->paths[l->n++] = path;
    return 0;
}

/* Of a path that ends in a slash, the path. */
static char *folder_path(const char *word)
{
    size_t n = strlen(word);
    while (n > 1 && word[n - 1] == '/')
        n--;
    return strndup(word, n);
}

static int add_folder(struct netrt_listing *l, const char *word, struct netrt_message *m)
{
    struct dirent **names;
    const long before = l->n;
    char *folder = folder_path(word);
    int n, status = netrt_list_names(word, &names, &n, m);
    for (int i = 0; i < n && !status; i++)
        if (netrt_is_picture_name(names[i]->d_name))
            status = add_path(l, folder ? netrt_join_path(folder, names[i]->d_name) : NULL, m);
    if (!status && l->n == before)
        status = netrt_fail(m, "folder '%s' holds no pictures (.jpg, .jpeg, .png)", word);
    netrt_free_names(names, n);
    free(folder);
    return status;
}

static int add_file(struct netrt_listing *l, const char *word, struct netrt_message *m)
{
    struct stat info;
    const bool folder = !stat(word, &info) && S_ISDIR(info.st_mode);
    return folder ? add_folder(l, word, m) : add_path(l, strdup(word), m);
}

/* The lines of a text, which is changed. */
static int add_lines(struct netrt_listing *l, char *text, struct netrt_message *m)
{
    int status = 0;
    for (char *next, *line = text; *line && !status; line = next) {
        next = line + strcspn(line, "\n");
        char *end = next > line && next[-1] == '\r' ? next - 1 : next;
        next += *next != 0;
        *end = 0;
        status = *line ? add_file(l, line, m) : 0;
    }
    return status;
}

static int add_list(struct netrt_listing *l, const char *path, struct netrt_message *m)
{
    struct netrt_bytes bytes;
    int status = strcmp(path, "-") ? netrt_file_read(path, &bytes, m)
                                   : netrt_stream_read(stdin, "standard input", &bytes, m);
    if (status)
        return status;
    const long before = l->n;
    status = add_lines(l, (char *)bytes.data, m);
    free(bytes.data);
    if (!status && l->n == before)
        status =
            netrt_fail(m, "'%s' lists no pictures", strcmp(path, "-") ? path : "standard input");
    return status;
}

int netrt_listing_open(struct netrt_listing *l, char *const *words, int n, struct netrt_message *m)
{
    int status = 0;
    *l = (struct netrt_listing){0};
    for (int i = 0; i < n && !status; i++)
        status = words[i][0] == '@' ? add_list(l, words[i] + 1, m) : add_file(l, words[i], m);
    return status;
}

void netrt_listing_release(struct netrt_listing *l)
{
    for (long i = 0; i < l->n; i++)
        free(l->paths[i]);
    free(l->paths);
}
