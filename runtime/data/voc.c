/* Annotations of Pascal VOC: a file of XML for each picture. */
#include "annotations_parts.h"
#include "dataset_parts.h"

#if defined NETRT_HAVE_EXPAT

#include "../host/file.h"

#include <expat.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What is read of a file, by the names of its elements from the outermost in. */
enum field {
    FIELD_NONE = -1,
    FIELD_FILENAME,
    FIELD_WIDTH,
    FIELD_HEIGHT,
    FIELD_NAME, /* from here on of an object */
    FIELD_DIFFICULT,
    FIELD_LEFT,
    FIELD_TOP,
    FIELD_RIGHT,
    FIELD_BOTTOM,
    N_FIELDS
};

static const char *const fields[N_FIELDS] = {
    "/annotation/filename",           "/annotation/size/width",
    "/annotation/size/height",        "/annotation/object/name",
    "/annotation/object/difficult",   "/annotation/object/bndbox/xmin",
    "/annotation/object/bndbox/ymin", "/annotation/object/bndbox/xmax",
    "/annotation/object/bndbox/ymax"};

enum { PATH_SIZE = 256, TEXT_SIZE = 1024 };

/* A file under way. */
struct voc {
    struct netrt_annotations *data;
    XML_Parser parser;
    const char *file;
    char path[PATH_SIZE]; /* of the element */
    size_t path_length;
    long deeper;          /* elements inside one whose path has no room */
    char text[TEXT_SIZE]; /* of the element */
    size_t text_length;
    char *filename;
    double number[N_FIELDS];
    bool seen[N_FIELDS];
    char name[TEXT_SIZE]; /* of the object's category */
    int status;
    struct netrt_message *message;
};

static enum field field_at(const struct voc *v)
{
    for (int i = 0; i < N_FIELDS && !v->deeper; i++)
        if (!strcmp(fields[i], v->path))
            return (enum field)i;
    return FIELD_NONE;
}

static bool is_object(const struct voc *v)
{
    return !v->deeper && !strcmp(v->path, "/annotation/object");
}

/* Ends the reading, after its failure was told. */
static void stop(struct voc *v, int status)
{
    v->status = status;
    XML_StopParser(v->parser, XML_FALSE);
}

static void XMLCALL start_element(void *context, const char *name, const char **attributes)
{
    struct voc *v = context;
    const size_t n = strlen(name);
    (void)attributes;
    v->text_length = 0;
    if (v->deeper || v->path_length + n + 2 > sizeof v->path) {
        v->deeper++;
        return;
    }
    v->path[v->path_length] = '/';
    memcpy(v->path + v->path_length + 1, name, n + 1);
    v->path_length += n + 1;
    if (is_object(v))
        memset(v->seen + FIELD_NAME, 0, (N_FIELDS - FIELD_NAME) * sizeof *v->seen);
}

static void XMLCALL add_text(void *context, const char *text, int n)
{
    struct voc *v = context;
    size_t room = sizeof v->text - 1 - v->text_length;
    room = (size_t)n < room ? (size_t)n : room;
    memcpy(v->text + v->text_length, text, room);
    v->text_length += room;
}

/* The text without the blanks around it. */
static char *trimmed(struct voc *v)
{
    static const char blanks[] = " \t\r\n";
    v->text[v->text_length] = 0;
    char *text = v->text + strspn(v->text, blanks);
    size_t n = strlen(text);
    while (n && strchr(blanks, text[n - 1]))
        text[--n] = 0;
    return text;
}

static void take_number(struct voc *v, enum field field, const char *text)
{
    char *end;
    v->number[field] = strtod(text, &end);
    if (!*text || *end || !isfinite(v->number[field]))
        stop(v, netrt_fail(v->message, "'%s', line %lu: '%s' is no number", v->file,
                           (unsigned long)XML_GetCurrentLineNumber(v->parser), text));
}

static void take_field(struct voc *v, enum field field)
{
    const char *text = trimmed(v);
    v->seen[field] = true;
    if (field == FIELD_NAME) {
        snprintf(v->name, sizeof v->name, "%s", text);
    } else if (field == FIELD_FILENAME) {
        free(v->filename);
        v->filename = strdup(text);
    } else {
        take_number(v, field, text);
    }
}

/* VOC counts pixels from 1, and a box holds its last row and column. */
static void end_object(struct voc *v)
{
    struct netrt_annotations *d = v->data;
    const double *x = v->number;
    bool whole = v->seen[FIELD_NAME];
    for (int i = FIELD_LEFT; i < N_FIELDS; i++)
        whole = whole && v->seen[i];
    if (!whole) {
        stop(v, netrt_fail(v->message,
                           "'%s', line %lu: an object without a name, or xmin, ymin, xmax, ymax",
                           v->file, (unsigned long)XML_GetCurrentLineNumber(v->parser)));
        return;
    }
    struct netrt_thing thing = {.picture = d->n,
                                .category = netrt_annotations_category(d, v->name),
                                .box = {x[FIELD_LEFT] - 1, x[FIELD_TOP] - 1,
                                        fmax(0, x[FIELD_RIGHT] - x[FIELD_LEFT] + 1),
                                        fmax(0, x[FIELD_BOTTOM] - x[FIELD_TOP] + 1)},
                                .difficult = v->seen[FIELD_DIFFICULT] && x[FIELD_DIFFICULT] > 0};
    thing.area = thing.box[2] * thing.box[3];
    struct netrt_thing *more = netrt_grow(d->things, d->n_things, sizeof *more);
    d->things = more ? more : d->things;
    if (more && thing.category >= 0)
        d->things[d->n_things++] = thing;
    else
        stop(v, netrt_fail(v->message, "no memory for annotations"));
}

static void XMLCALL end_element(void *context, const char *name)
{
    struct voc *v = context;
    if (v->deeper) {
        v->deeper--;
        return;
    }
    const enum field field = field_at(v);
    if (field != FIELD_NONE)
        take_field(v, field);
    else if (is_object(v))
        end_object(v);
    v->path_length -= strlen(name) + 1;
    v->path[v->path_length] = 0;
}

/* A type of documents could define entities without end. */
static void XMLCALL refuse_doctype(void *context, const char *name, const char *system,
                                   const char *public, int has_subset)
{
    struct voc *v = context;
    (void)name, (void)system, (void)public, (void)has_subset;
    stop(v, netrt_fail(v->message, "'%s' defines a type of documents, which annotations do not",
                       v->file));
}

static int parse(struct voc *v, const struct netrt_bytes *bytes)
{
    XML_SetUserData(v->parser, v);
    XML_SetElementHandler(v->parser, start_element, end_element);
    XML_SetCharacterDataHandler(v->parser, add_text);
    XML_SetStartDoctypeDeclHandler(v->parser, refuse_doctype);
    const bool good = bytes->size <= INT32_MAX && XML_Parse(v->parser, (const char *)bytes->data,
                                                            (int)bytes->size, 1) == XML_STATUS_OK;
    if (v->status || good)
        return v->status;
    return netrt_fail(v->message, "'%s' is not XML: line %lu: %s", v->file,
                      (unsigned long)XML_GetCurrentLineNumber(v->parser),
                      XML_ErrorString(XML_GetErrorCode(v->parser)));
}

/* Pictures bear the name of their file of annotations, where that does not say another. */
static char *picture_of(const struct voc *v)
{
    const char *slash = strrchr(v->file, '/'), *name = slash ? slash + 1 : v->file;
    if (v->filename && *v->filename)
        return strdup(v->filename);
    char *path = malloc(strlen(name) + 1);
    if (path)
        sprintf(path, "%.*s.jpg", (int)(strlen(name) - strlen(".xml")), name);
    return path;
}

static long side(const struct voc *v, enum field field)
{
    return v->seen[field] && v->number[field] > 0 && v->number[field] < INT32_MAX
               ? (long)v->number[field]
               : 0;
}

static int add_picture(struct voc *v)
{
    struct netrt_annotations *d = v->data;
    struct netrt_annotated *more = netrt_grow(d->pictures, d->n, sizeof *more);
    d->pictures = more ? more : d->pictures;
    char *path = more ? picture_of(v) : NULL;
    if (!path)
        return netrt_fail(v->message, "no memory for annotations");
    d->pictures[d->n++] = (struct netrt_annotated){
        .path = path, .width = side(v, FIELD_WIDTH), .height = side(v, FIELD_HEIGHT)};
    return 0;
}

/* Reads the file of one picture. */
static int add_file(struct netrt_annotations *d, const char *file, struct netrt_message *m)
{
    struct voc v = {.data = d, .file = file, .message = m};
    struct netrt_bytes bytes;
    int status = netrt_file_read(file, &bytes, m);
    if (status)
        return status;
    v.parser = XML_ParserCreate(NULL);
    status = v.parser ? parse(&v, &bytes) : netrt_fail(m, "out of memory");
    if (!status)
        status = add_picture(&v);
    if (v.parser)
        XML_ParserFree(v.parser);
    free(v.filename);
    free(bytes.data);
    return status;
}

static bool is_xml(const char *name)
{
    const size_t n = strlen(name);
    return n > 4 && !strcmp(name + n - 4, ".xml");
}

static int add_folder(struct netrt_annotations *d, const char *folder, struct netrt_message *m)
{
    struct dirent **names;
    int n, status = netrt_list_names(folder, &names, &n, m);
    for (int i = 0; i < n && !status; i++) {
        char *file = is_xml(names[i]->d_name) ? netrt_join_path(folder, names[i]->d_name) : NULL;
        if (file)
            status = add_file(d, file, m);
        else if (is_xml(names[i]->d_name))
            status = netrt_fail(m, "out of memory");
        free(file);
    }
    netrt_free_names(names, n);
    if (!status && !d->n)
        status = netrt_fail(m,
                            "'%s' has no annotations: neither files of XML nor folder "
                            "'Annotations'; COCO's are a file that ends in .json",
                            folder);
    return status;
}

/* The first word of each line is a name in `folder`. */
static int add_names(struct netrt_annotations *d, const char *folder, char *text,
                     struct netrt_message *m)
{
    int status = 0;
    for (char *rest = text, *line; (line = strsep(&rest, "\r\n")) && !status;) {
        line += strspn(line, " \t");
        line[strcspn(line, " \t")] = 0;
        const size_t size = strlen(folder) + strlen(line) + sizeof "/.xml";
        char *file = malloc(size);
        if (!file)
            return netrt_fail(m, "out of memory");
        snprintf(file, size, "%s/%s.xml", folder, line);
        status = *line ? add_file(d, file, m) : 0;
        free(file);
    }
    return status;
}

static int add_list(struct netrt_annotations *d, const char *path, struct netrt_message *m)
{
    const char *slash = strrchr(path, '/');
    struct netrt_bytes bytes;
    int status = netrt_file_read(path, &bytes, m);
    if (status)
        return status;
    char *sets = slash ? strndup(path, (size_t)(slash - path)) : strdup(".");
    char *folder = sets ? netrt_join_path(sets, "../../Annotations") : NULL;
    status = folder ? add_names(d, folder, (char *)bytes.data, m) : netrt_fail(m, "out of memory");
    free(sets);
    free(folder);
    free(bytes.data);
    return status;
}

/* The folder of annotations in the folder `path`, or that itself; from malloc. */
static char *annotations_in(const char *path)
{
    mode_t kind = 0;
    struct netrt_message ignored = {0};
    char *folder = netrt_join_path(path, "Annotations");
    if (!folder || (!netrt_find(folder, &kind, &ignored) && S_ISDIR(kind)))
        return folder;
    free(folder);
    return strdup(path);
}

static int compare_categories(const void *a, const void *b)
{
    return strcmp(((const struct netrt_category *)a)->name,
                  ((const struct netrt_category *)b)->name);
}

/* Categories by the order of their names, rather than as they come. */
static int sort_categories(struct netrt_annotations *d, struct netrt_message *m)
{
    const size_t n = (size_t)d->n_categories;
    long *now = calloc(n + 1, sizeof *now);
    if (!now)
        return netrt_fail(m, "out of memory");
    for (size_t i = 0; i < n; i++)
        d->categories[i].class = (long)i; /* where it stood */
    if (n)
        qsort(d->categories, n, sizeof *d->categories, compare_categories);
    for (size_t i = 0; i < n; i++)
        now[d->categories[i].class] = (long)i;
    for (long i = 0; i < d->n_things; i++)
        d->things[i].category = now[d->things[i].category];
    free(now);
    return 0;
}

int netrt_annotations_voc(struct netrt_annotations *d, const char *path, struct netrt_message *m)
{
    mode_t kind;
    int status = netrt_find(path, &kind, m);
    if (status)
        return status;
    if (S_ISDIR(kind)) {
        char *folder = annotations_in(path);
        status = folder ? add_folder(d, folder, m) : netrt_fail(m, "out of memory");
        free(folder);
    } else {
        status = add_list(d, path, m);
    }
    return status ? status : sort_categories(d, m);
}

#else

int netrt_annotations_voc(struct netrt_annotations *d, const char *path, struct netrt_message *m)
{
    (void)d;
    return netrt_fail(m,
                      "'%s' is not a file of COCO's annotations, which ends in .json, and this "
                      "program was built without expat, which reads those of VOC",
                      path);
}

#endif
