/* Annotations of COCO: one file of json with pictures, categories and annotations by their numbers.
 */
#include "annotations_parts.h"
#include "../host/file.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An object by its member `id`. */
struct numbered {
    json_int_t id;
    json_t *object;
};

/* Objects by the order of their numbers. */
struct numbered_list {
    long n;
    struct numbered *at;
};

struct coco {
    const char *path;
    json_t *root;
    struct numbered_list images, categories;
};

static int compare_numbered(const void *a, const void *b)
{
    const struct numbered *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

/* -1: there is none of that number. */
static long find_numbered(const struct numbered_list *list, const json_t *id)
{
    const struct numbered key = {.id = json_integer_value(id)};
    const struct numbered *found =
        json_is_integer(id) && list->n
            ? bsearch(&key, list->at, (size_t)list->n, sizeof key, compare_numbered)
            : NULL;
    return found ? (long)(found - list->at) : -1;
}

/* The member of the root that is an array; NULL: an error was reported. */
static json_t *array_of(const struct coco *c, const char *name, struct netrt_message *m)
{
    json_t *array = json_object_get(c->root, name);
    if (json_is_array(array))
        return array;
    netrt_fail(m, "'%s' is not a file of COCO's annotations: it has no list '%s'", c->path, name);
    return NULL;
}

static int read_numbered(const struct coco *c, const char *name, struct numbered_list *list,
                         struct netrt_message *m)
{
    json_t *array = array_of(c, name, m);
    const size_t n = json_array_size(array);
    if (!array)
        return NETRT_FAILED;
    list->at = calloc(n + 1, sizeof *list->at);
    if (!list->at)
        return netrt_fail(m, "no memory for annotations");
    for (size_t i = 0; i < n; i++) {
        json_t *object = json_array_get(array, i), *id = json_object_get(object, "id");
        if (!json_is_integer(id))
            return netrt_fail(m, "'%s': '%s' number %zu has no 'id' that is an integer", c->path,
                              name, i);
        list->at[list->n++] = (struct numbered){json_integer_value(id), object};
    }
    qsort(list->at, n, sizeof *list->at, compare_numbered);
    for (long i = 1; i < list->n; i++)
        if (list->at[i].id == list->at[i - 1].id)
            return netrt_fail(m, "'%s': two of '%s' have the 'id' %lld", c->path, name,
                              (long long)list->at[i].id);
    return 0;
}

static int add_categories(struct netrt_annotations *d, const struct coco *c,
                          struct netrt_message *m)
{
    for (long i = 0; i < c->categories.n; i++) {
        const char *name = json_string_value(json_object_get(c->categories.at[i].object, "name"));
        if (!name)
            return netrt_fail(m, "'%s': category %lld has no 'name'", c->path,
                              (long long)c->categories.at[i].id);
        const long number = netrt_annotations_category(d, name);
        if (number < 0)
            return netrt_fail(m, "no memory for annotations");
        if (number != i)
            return netrt_fail(m, "'%s': two categories are called '%s'", c->path, name);
    }
    return 0;
}

/* A side of a picture; 0: it is not said. */
static long side_of(const json_t *image, const char *name)
{
    const json_t *side = json_object_get(image, name);
    return json_is_integer(side) && json_integer_value(side) > 0 ? (long)json_integer_value(side)
                                                                 : 0;
}

static int add_images(struct netrt_annotations *d, const struct coco *c, struct netrt_message *m)
{
    d->pictures = calloc((size_t)c->images.n + 1, sizeof *d->pictures);
    if (!d->pictures)
        return netrt_fail(m, "no memory for annotations");
    for (long i = 0; i < c->images.n; i++) {
        const json_t *image = c->images.at[i].object;
        const char *name = json_string_value(json_object_get(image, "file_name"));
        if (!name || !*name)
            return netrt_fail(m, "'%s': image %lld has no 'file_name'", c->path,
                              (long long)c->images.at[i].id);
        d->pictures[i] = (struct netrt_annotated){.path = strdup(name),
                                                  .width = side_of(image, "width"),
                                                  .height = side_of(image, "height")};
        d->n += d->pictures[i].path != NULL;
        if (d->n != i + 1)
            return netrt_fail(m, "no memory for annotations");
    }
    return 0;
}

static bool take_box(struct netrt_thing *thing, const json_t *annotation)
{
    const json_t *box = json_object_get(annotation, "bbox"),
                 *area = json_object_get(annotation, "area");
    bool good = json_array_size(box) == 4;
    for (size_t k = 0; k < 4 && good; k++) {
        const json_t *number = json_array_get(box, k);
        thing->box[k] = json_number_value(number);
        good = json_is_number(number) && isfinite(thing->box[k]);
    }
    thing->area = json_is_number(area) ? json_number_value(area) : thing->box[2] * thing->box[3];
    return good && thing->box[2] >= 0 && thing->box[3] >= 0;
}

/* The number of what an annotation is of, in the list; -1: not listed. */
static int find_owner(const struct coco *c, const json_t *annotation, size_t i, const char *name,
                      const struct numbered_list *list, long *number, struct netrt_message *m)
{
    const json_t *id = json_object_get(annotation, name);
    *number = find_numbered(list, id);
    return json_is_integer(id)
               ? 0
               : netrt_fail(m, "'%s': annotation number %zu has no '%s' that is an integer",
                            c->path, i, name);
}

static int add_annotation(struct netrt_annotations *d, const struct coco *c, size_t i,
                          const json_t *annotation, struct netrt_message *m)
{
    const json_t *crowd = json_object_get(annotation, "iscrowd");
    struct netrt_thing thing = {.crowd = json_is_true(crowd) || json_integer_value(crowd)};
    int status = find_owner(c, annotation, i, "image_id", &c->images, &thing.picture, m);
    if (!status)
        status = find_owner(c, annotation, i, "category_id", &c->categories, &thing.category, m);
    if (status || thing.picture < 0 || thing.category < 0)
        return status;
    if (!take_box(&thing, annotation))
        return netrt_fail(
            m, "'%s': annotation number %zu has no 'bbox' of left, top, width, height", c->path, i);
    d->things[d->n_things++] = thing;
    return 0;
}

/* Of a picture or category that is not listed nothing is taken: a file of fewer pictures may have
 * the annotations of all. */
static int add_annotations(struct netrt_annotations *d, const struct coco *c,
                           struct netrt_message *m)
{
    json_t *array = array_of(c, "annotations", m);
    if (!array)
        return NETRT_FAILED;
    d->things = calloc(json_array_size(array) + 1, sizeof *d->things);
    if (!d->things)
        return netrt_fail(m, "no memory for annotations");
    int status = 0;
    for (size_t i = 0; i < json_array_size(array) && !status; i++)
        status = add_annotation(d, c, i, json_array_get(array, i), m);
    return status;
}

static int read_root(struct coco *c, struct netrt_message *m)
{
    struct netrt_bytes bytes;
    json_error_t where;
    int status = netrt_file_read(c->path, &bytes, m);
    if (status)
        return status;
    c->root = json_loadb((const char *)bytes.data, bytes.size, JSON_REJECT_DUPLICATES, &where);
    free(bytes.data);
    return c->root
               ? 0
               : netrt_fail(m, "'%s' is not json: line %d: %s", c->path, where.line, where.text);
}

int netrt_annotations_coco(struct netrt_annotations *d, const char *path, struct netrt_message *m)
{
    struct coco c = {.path = path};
    int status = read_root(&c, m);
    if (!status)
        status = read_numbered(&c, "images", &c.images, m);
    if (!status)
        status = read_numbered(&c, "categories", &c.categories, m);
    if (!status)
        status = add_categories(d, &c, m);
    if (!status)
        status = add_images(d, &c, m);
    if (!status)
        status = add_annotations(d, &c, m);
    json_decref(c.root);
    free(c.images.at);
    free(c.categories.at);
    return status;
}
