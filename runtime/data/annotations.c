#include "annotations_parts.h"
#include "dataset_parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void *netrt_grow(void *array, long n, size_t size)
{
    if (n & (n - 1))
        return array;
    return realloc(array, (n ? 2 * (size_t)n : 1) * size);
}

void netrt_annotations_release(struct netrt_annotations *d)
{
    for (long i = 0; i < d->n; i++)
        free(d->pictures[i].path);
    for (long i = 0; i < d->n_categories; i++)
        free(d->categories[i].name);
    free(d->pictures);
    free(d->things);
    free(d->categories);
    *d = (struct netrt_annotations){0};
}

long netrt_annotations_category(struct netrt_annotations *d, const char *name)
{
    for (long i = 0; i < d->n_categories; i++)
        if (!strcmp(d->categories[i].name, name))
            return i;
    struct netrt_category *more = netrt_grow(d->categories, d->n_categories, sizeof *more);
    if (!more)
        return -1;
    d->categories = more;
    more[d->n_categories] = (struct netrt_category){.name = strdup(name), .class = -1};
    return more[d->n_categories].name ? d->n_categories++ : -1;
}

int netrt_annotations_sort(struct netrt_annotations *d, struct netrt_message *m)
{
    struct netrt_thing *sorted = calloc((size_t)d->n_things + 1, sizeof *sorted);
    if (!sorted)
        return netrt_fail(m, "no memory for annotations");
    for (long i = 0; i < d->n_things; i++)
        d->pictures[d->things[i].picture].n++;
    for (long i = 0, first = 0; i < d->n; i++) {
        d->pictures[i].first = first;
        first += d->pictures[i].n;
        d->pictures[i].n = 0;
    }
    for (long i = 0; i < d->n_things; i++) {
        struct netrt_annotated *picture = &d->pictures[d->things[i].picture];
        sorted[picture->first + picture->n++] = d->things[i];
    }
    free(d->things);
    d->things = sorted;
    return 0;
}

/* ---- pictures ---- */

/* Where the pictures of a file or folder of annotations lie, from its own folder: %s is the name of
 * the set, `val2017` of `instances_val2017.json`. */
static const char *const places[] = {"",      "images",       "JPEGImages",
                                     "%s",    "images/%s",    "../images",
                                     "../%s", "../images/%s", "../JPEGImages"};

enum { N_PLACES = sizeof places / sizeof *places };

static bool is_json(const char *path)
{
    const size_t n = strlen(path);
    return n > 5 && !strcmp(path + n - 5, ".json");
}

/* The folder from which `places` are, from malloc: of VOC's lists that of `ImageSets`. */
static char *home_of(const char *path)
{
    mode_t kind = 0;
    struct netrt_message ignored = {0};
    if (!netrt_find(path, &kind, &ignored) && S_ISDIR(kind))
        return strdup(path);
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path)) : strdup(".");
    if (!folder || is_json(path))
        return folder;
    char *home = netrt_join_path(folder, "../..");
    free(folder);
    return home;
}

/* The name of the set that a file of COCO is for, from malloc. */
static char *set_of(const char *path)
{
    static const char prefix[] = "instances_";
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    if (!is_json(path))
        return strdup(".");
    if (!strncmp(name, prefix, strlen(prefix)))
        name += strlen(prefix);
    return strndup(name, strlen(name) - strlen(".json"));
}

/* Whether the folder has any of the pictures. */
static bool has_pictures(const struct netrt_annotations *d, const char *folder)
{
    mode_t kind = 0;
    for (long i = 0; i < d->n && !kind; i++) {
        struct netrt_message ignored = {0};
        char *path = netrt_join_path(folder, d->pictures[i].path);
        if (path)
            (void)netrt_find(path, &kind, &ignored);
        free(path);
    }
    return kind != 0;
}

/* A place from a folder, from malloc; NULL: no memory. */
static char *place_from(const char *home, const char *place, const char *set)
{
    const char *named = strstr(place, "%s");
    const size_t before = named ? (size_t)(named - place) : strlen(place);
    const size_t size = strlen(home) + strlen(place) + strlen(set) + sizeof "/";
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%s%s%.*s%s", home, *place ? "/" : "", (int)before, place,
                 named ? set : "");
    return path;
}

/* The first of the places that has pictures, from malloc; NULL: none has. */
static char *find_folder(const struct netrt_annotations *d, const char *path)
{
    char *home = home_of(path), *set = set_of(path), *folder = NULL;
    for (int i = 0; i < N_PLACES && home && set && !folder; i++) {
        char *tried = place_from(home, places[i], set);
        if (tried && has_pictures(d, tried))
            folder = tried;
        else
            free(tried);
    }
    free(home);
    free(set);
    return folder;
}

static int join_paths(struct netrt_annotations *d, const char *folder, struct netrt_message *m)
{
    for (long i = 0; i < d->n; i++) {
        char **path = &d->pictures[i].path;
        char *joined = **path == '/' ? strdup(*path) : netrt_join_path(folder, *path);
        if (!joined)
            return netrt_fail(m, "out of memory");
        free(*path);
        *path = joined;
    }
    return 0;
}

static int find_pictures(struct netrt_annotations *d, const char *path, const char *pictures,
                         struct netrt_message *m)
{
    char *folder = pictures ? strdup(pictures) : find_folder(d, path);
    if (!folder)
        return netrt_fail(m,
                          "the pictures of '%s', the first of which is '%s', are not beside it: "
                          "name their folder by '--pictures'",
                          path, d->pictures[0].path);
    int status = join_paths(d, folder, m);
    free(folder);
    return status;
}

int netrt_annotations_open(struct netrt_annotations *d, const char *path, const char *pictures,
                           netrt_annotations_reader *voc, struct netrt_message *m)
{
    *d = (struct netrt_annotations){0};
    netrt_annotations_reader *reader = is_json(path) ? netrt_annotations_coco : voc;
    if (!reader)
        return netrt_fail(m, "'%s' is not a file of COCO's annotations, which ends in .json", path);
    int status = reader(d, path, m);
    if (!status && !d->n)
        status = netrt_fail(m, "'%s' has no pictures", path);
    if (!status)
        status = netrt_annotations_sort(d, m);
    if (!status)
        status = find_pictures(d, path, pictures, m);
    if (!status && !d->n_things)
        status = netrt_fail(m, "'%s' has nothing in any picture to be found", path);
    return status;
}

/* ---- classes ---- */

/* What matters of a name: letters and digits, in one case. */
static void fold(const char *name, char *to, size_t size)
{
    size_t n = 0;
    for (; *name && n + 1 < size; name++)
        if (*name != ' ' && *name != '_' && *name != '-')
            to[n++] = (char)tolower((unsigned char)*name);
    to[n] = 0;
}

static bool is_same_class(const char *a, const char *b)
{
    static const char *const synonyms[][2] = {
#define SYNONYM(a, b) {a, b},
#include "synonyms.def"
    };
    char x[256], y[256];
    fold(a, x, sizeof x);
    fold(b, y, sizeof y);
    bool same = !strcmp(x, y);
    for (size_t i = 0; i < sizeof synonyms / sizeof *synonyms; i++)
        same |= (!strcmp(x, synonyms[i][0]) && !strcmp(y, synonyms[i][1])) ||
                (!strcmp(x, synonyms[i][1]) && !strcmp(y, synonyms[i][0]));
    return same;
}

static long class_of(const struct netrt_model *model, const char *name)
{
    long class = -1;
    for (int i = 0; i < model->n_labels && class < 0; i++)
        class = is_same_class(model->labels[i], name) ? i : -1;
    return class;
}

int netrt_annotations_match(struct netrt_annotations *d, const struct netrt_model *model,
                            long first, struct netrt_message *m)
{
    long matched = 0;
    for (long i = 0; i < d->n_categories; i++) {
        struct netrt_category *c = &d->categories[i];
        c->class = model->n_labels ? class_of(model, c->name) : first + i;
        for (long k = 0; k < i && c->class >= 0; k++)
            if (d->categories[k].class == c->class)
                return netrt_fail(m, "the categories '%s' and '%s' are one class of the network",
                                  d->categories[k].name, c->name);
        matched += c->class >= 0;
    }
    if (!matched)
        return netrt_fail(m, "no category of the data set, such as '%s', is a class of '%s'",
                          d->n_categories ? d->categories[0].name : "none", model->name);
    return 0;
}
