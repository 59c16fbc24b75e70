#include "parameters.h"
#include "share.h"
#include "tensor_file.h"
#include "../core/checkpoint.h"
#include "../host/memory.h"

#include <stdlib.h>
#include <string.h>

/* Parts of the packing for each thread: the rows of some take longer. */
enum { PARTS = 4, ERROR_SIZE = 512 };

static const float *view_own(struct netrt_source *source, int number, long first)
{
    const struct netrt_parameters *p =
        (const void *)((const char *)source - offsetof(struct netrt_parameters, source));
    return p->data[number] + first;
}

static int load_own(struct netrt_source *source, const struct netrt_tensor *param, int number,
                    long first, long n, float *data, char *error, size_t error_size)
{
    (void)param, (void)error, (void)error_size;
    memcpy(data, view_own(source, number, first), (size_t)n * sizeof *data);
    return 0;
}

static size_t bytes_of(const struct netrt_parameters *p, int param)
{
    return (size_t)netrt_tensor_elements(&p->program->model->params[param]) * sizeof **p->data;
}

/* Gives the parameters that lie among the packed weights their places. */
static void place_plain(struct netrt_parameters *p)
{
    const struct netrt_model *m = p->program->model;
    for (int i = 0; i < m->n_packed; i++) {
        const struct netrt_packed *packed = &m->packed[i];
        const struct netrt_expr *e = &m->exprs[packed->expr];
        if (netrt_packed_is_plain(packed, e->kind))
            p->data[e->param] = (void *)((char *)p->program->owned_weights + packed->offset);
    }
}

static bool lies_packed(const struct netrt_parameters *p, const float *data)
{
    const char *start = p->program->owned_weights, *at = (const char *)data;
    return start && at >= start && at < start + p->program->model->weights_bytes;
}

int netrt_parameters_open(struct netrt_parameters *p, struct netrt_program *program)
{
    const struct netrt_model *m = program->model;
    *p = (struct netrt_parameters){program, {load_own, view_own}, NULL};
    p->data = calloc((size_t)m->n_params + 1, sizeof *p->data);
    program->owned_weights = netrt_memory_new(m->weights_bytes);
    program->weights = program->owned_weights;
    bool all = p->data && program->weights;
    if (all)
        place_plain(p);
    for (int i = 0; i < m->n_params && all; i++)
        all = p->data[i] || (p->data[i] = netrt_memory_new(bytes_of(p, i)));
    return all ? 0 : netrt_fail(program->message, "no memory for the parameters");
}

void netrt_parameters_close(struct netrt_parameters *p)
{
    for (int i = 0; p->data && i < p->program->model->n_params; i++)
        if (!lies_packed(p, p->data[i]))
            netrt_memory_free(p->data[i], bytes_of(p, i));
    free(p->data);
}

/* All of them from a source of named tensors. */
static int load_all(struct netrt_parameters *p, struct netrt_source *source)
{
    const struct netrt_model *m = p->program->model;
    char error[512];
    for (int i = 0; i < m->n_params; i++)
        if (source->load(source, &m->params[i], i, 0, netrt_tensor_elements(&m->params[i]),
                         p->data[i], error, sizeof error))
            return netrt_fail(p->program->message, "%s", error);
    return 0;
}

/* Whether the file has a tensor of that name and shape, whatever else it has. */
static bool has_tensor(struct netrt_checkpoint *file, const struct netrt_tensor *param)
{
    static const char *const any[] = {""};
    const struct netrt_checkpoint_options all = {.ignore_extra = any, .n_ignore_extra = 1};
    const struct netrt_model one = {.name = "", .n_params = 1, .params = param};
    char *report = NULL;
    const bool has = !netrt_checkpoint_fit(file, &one, &all, &report);
    free(report);
    return has;
}

/* What the file has by name and shape. Returns how many. */
static int load_some(struct netrt_parameters *p, struct netrt_checkpoint *file)
{
    const struct netrt_model *m = p->program->model;
    struct netrt_checkpoint_source source;
    char error[512];
    int n = 0;
    netrt_checkpoint_source_init(&source, file);
    for (int i = 0; i < m->n_params; i++)
        if (has_tensor(file, &m->params[i]))
            n += !source.source.load(&source.source, &m->params[i], i, 0,
                                     netrt_tensor_elements(&m->params[i]), p->data[i], error,
                                     sizeof error);
    return n;
}

/* A checkpoint of another network: the report says what is not taken. */
static int read_other(struct netrt_parameters *p, struct netrt_checkpoint *file, const char *path,
                      uint64_t seed, char *report)
{
    struct netrt_message *m = p->program->message;
    const int status = netrt_parameters_init(p, seed), n = status ? 0 : load_some(p, file);
    if (!n && !status) {
        m->details = report;
        return netrt_fail(m, "'%s' does not fit network '%s'", path, p->program->model->name);
    }
    fprintf(stderr, "%s: %d of %d tensors are from '%s', the others initialized:\n%s",
            p->program->name, n, p->program->model->n_params, path, report);
    free(report);
    return status;
}

/* Names the layers of another network's checkpoint as this one's, and says which. */
static int take_by_order(struct netrt_parameters *p, struct netrt_checkpoint *file,
                         const char *path)
{
    const struct netrt_program *program = p->program;
    char *text = NULL;
    size_t size = 0;
    FILE *list = open_memstream(&text, &size);
    const int failed = !list || netrt_checkpoint_align(file, program->model, list);
    int status = 0;
    if (list && fclose(list))
        size = 0;
    if (failed)
        status = netrt_fail(program->message, "out of memory");
    else if (!size)
        status =
            netrt_fail(program->message, "no layer of '%s' has the shapes of one of network '%s'",
                       path, program->model->name);
    else
        fprintf(stderr, "%s: layers that are from '%s', by shape and order:\n%s", program->name,
                path, text);
    free(text);
    return status;
}

int netrt_parameters_read(struct netrt_parameters *p, const char *path, uint64_t seed)
{
    char error[512], *report = NULL;
    struct netrt_checkpoint_source source;
    struct netrt_checkpoint *file = netrt_checkpoint_open(path, NULL, error, sizeof error);
    int status;
    if (!file)
        return netrt_fail(p->program->message, "%s", error);
    status = p->program->options->by_order ? take_by_order(p, file, path) : 0;
    if (status) {
        netrt_checkpoint_close(file);
        return status;
    }
    if (netrt_checkpoint_fit(file, p->program->model, NULL, &report)) {
        status = read_other(p, file, path, seed, report);
    } else {
        netrt_checkpoint_source_init(&source, file);
        status = load_all(p, &source.source);
    }
    netrt_checkpoint_close(file);
    return status;
}

int netrt_parameters_init(struct netrt_parameters *p, uint64_t seed)
{
    struct netrt_initial_source source;
    netrt_initial_source_init(&source, p->program->model, seed);
    return load_all(p, &source.source);
}

/* Parts of the weights that are packed at once. */
struct packing {
    const struct netrt_program *program;
    struct netrt_source *source;
    long parts;
    char (*error)[ERROR_SIZE]; /* of each part; "": none */
};

static void pack_part(void *context, long part)
{
    struct packing *k = context;
    netrt_pack_part(k->program->model, k->source, k->program->owned_weights, part, k->parts,
                    k->error[part], ERROR_SIZE);
}

/* What the first part says that failed, if any did. */
static int check_packing(const struct packing *k, struct netrt_message *m)
{
    long part = 0;
    while (part < k->parts && !*k->error[part])
        part++;
    return part < k->parts ? netrt_fail(m, "%s", k->error[part]) : 0;
}

int netrt_parameters_pack(const struct netrt_program *p, struct netrt_source *source)
{
    const int threads = netrt_pool_threads(p->pool);
    struct packing k = {p, source, threads > 1 ? PARTS * threads : 1, NULL};
    k.error = calloc((size_t)k.parts, sizeof *k.error);
    if (!k.error)
        return netrt_fail(p->message, "out of memory");
    netrt_share(p->pool, k.parts, pack_part, &k);
    const int status = check_packing(&k, p->message);
    free(k.error);
    return status;
}

int netrt_parameters_write(const struct netrt_parameters *p, float *const *data, const char *path)
{
    const struct netrt_model *m = p->program->model;
    struct netrt_named_tensor *tensors = calloc((size_t)m->n_params + 1, sizeof *tensors);
    if (!tensors)
        return netrt_fail(p->program->message, "out of memory");
    for (int i = 0; i < m->n_params; i++)
        tensors[i] = (struct netrt_named_tensor){&m->params[i], data ? data[i] : p->data[i]};
    const int status = netrt_tensor_file_write(path, tensors, m->n_params, p->program->message);
    free(tensors);
    return status;
}
