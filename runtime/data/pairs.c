#include "pairs.h"
#include "dataset_parts.h"

#include <stdlib.h>
#include <string.h>

/* The pictures among the names in a folder. */
struct names {
    struct dirent **at;
    int n;
};

static int names_open(struct names *names, const char *folder, struct netrt_message *m)
{
    int kept = 0, status = netrt_list_names(folder, &names->at, &names->n, m);
    for (int i = 0; i < names->n; i++) {
        if (netrt_is_picture_name(names->at[i]->d_name))
            names->at[kept++] = names->at[i];
        else
            free(names->at[i]);
    }
    names->n = kept;
    return status;
}

static size_t stem_length(const char *name)
{
    return (size_t)(strrchr(name, '.') - name);
}

static int compare_stems(const char *a, const char *b)
{
    const size_t x = stem_length(a), y = stem_length(b);
    const int order = memcmp(a, b, x < y ? x : y);
    return order ? order : (x > y) - (x < y);
}

static int compare_names(const void *a, const void *b)
{
    return compare_stems((*(struct dirent *const *)a)->d_name,
                         (*(struct dirent *const *)b)->d_name);
}

/* Sorts by stems, of which no two may be equal. */
static int sort_names(struct names *names, const char *folder, struct netrt_message *m)
{
    if (names->n)
        qsort(names->at, (size_t)names->n, sizeof(struct dirent *), compare_names);
    for (int i = 1; i < names->n; i++)
        if (!compare_stems(names->at[i]->d_name, names->at[i - 1]->d_name))
            return netrt_fail(m, "'%s' has two pictures of one name, '%s' and '%s'", folder,
                              names->at[i - 1]->d_name, names->at[i]->d_name);
    return 0;
}

static int add_pair(struct netrt_pairs *p, struct dirent *const *right, const char *folder,
                    const struct names *pictures, const char *of, struct netrt_message *m)
{
    struct dirent **found = pictures->n ? bsearch(right, pictures->at, (size_t)pictures->n,
                                                  sizeof(struct dirent *), compare_names)
                                        : NULL;
    struct netrt_pair *pair = &p->at[p->n++];
    pair->right = netrt_join_path(folder, (*right)->d_name);
    pair->picture = found ? netrt_join_path(of, (*found)->d_name) : NULL;
    return pair->right && (pair->picture || !found) ? 0 : netrt_fail(m, "out of memory");
}

int netrt_pairs_open(struct netrt_pairs *p, const char *right, const char *pictures,
                     struct netrt_message *m)
{
    struct names of_right = {0}, of_pictures = {0};
    *p = (struct netrt_pairs){0};
    int status = names_open(&of_right, right, m);
    if (!status)
        status = names_open(&of_pictures, pictures, m);
    if (!status)
        status = sort_names(&of_right, right, m);
    if (!status)
        status = sort_names(&of_pictures, pictures, m);
    if (!status && !of_right.n)
        status = netrt_fail(m, "folder '%s' holds no pictures (.jpg, .jpeg, .png)", right);
    p->at = calloc((size_t)of_right.n + 1, sizeof *p->at);
    if (!status && !p->at)
        status = netrt_fail(m, "out of memory");
    for (int i = 0; i < of_right.n && !status; i++)
        status = add_pair(p, &of_right.at[i], right, &of_pictures, pictures, m);
    netrt_free_names(of_right.at, of_right.n);
    netrt_free_names(of_pictures.at, of_pictures.n);
    return status;
}

void netrt_pairs_release(struct netrt_pairs *p)
{
    for (long i = 0; i < p->n; i++) {
        free(p->at[i].right);
        free(p->at[i].picture);
    }
    free(p->at);
    *p = (struct netrt_pairs){0};
}

static int check_labels(const struct netrt_image *labels, const char *path,
                        const struct netrt_image *picture, long classes, struct netrt_message *m)
{
    if (labels->width != picture->width || labels->height != picture->height)
        return netrt_fail(m, "'%s' has %ld x %ld pixels, the picture %ld x %ld", path,
                          labels->width, labels->height, picture->width, picture->height);
    for (long i = 0; i < labels->width * labels->height; i++)
        if (labels->pixels[i] != NETRT_NO_LABEL && labels->pixels[i] >= classes)
            return netrt_fail(m, "'%s' has class %d, and the network classes from 0 to %ld", path,
                              labels->pixels[i], classes - 1);
    return 0;
}

int netrt_pairs_read_labels(struct netrt_image *labels, const char *path,
                            const struct netrt_image *picture, long classes,
                            struct netrt_message *m)
{
    const int status = netrt_image_read_labels(labels, path, m);
    return status ? status : check_labels(labels, path, picture, classes, m);
}
