#include "tensors.h"
#include "file.h"
#include "npy.h"
#include "packed.h"
#include "profile.h"

#include <stdlib.h>
#include <string.h>

/* A file bound to an input or an output. */
struct bound_file {
    const char *path;
    struct netrt_npy npy; /* an input's content, an output's collected rows */
};

struct tensor_run {
    struct netrt_program *program;
    struct bound_file *inputs, *outputs;
    long images; /* in the files: rows of the first dimension */
    const float **in;
    float **out; /* of a run: the files' own memory, where they have whole batches */
};

static enum netrt_dtype run_dtype(const struct netrt_model *m, bool output, int i)
{
    return output ? m->outputs[i].dtype : m->inputs[i].dtype;
}

static const struct netrt_tensor *run_tensor(const struct netrt_model *m, bool output, int i)
{
    return output ? &m->outputs[i].tensor : &m->inputs[i].tensor;
}

/* The files of all inputs, or of all outputs. */
struct binding {
    struct netrt_program *program;
    bool output;
    const char *option;
    int n;
    struct bound_file *files;
};

/* Length of the name in [NAME=]FILE, or -1: names have no '/', so one before the '=' makes it a
 * path. */
static long name_length(const char *text)
{
    const size_t n = strcspn(text, "=/");
    return text[n] == '=' ? (long)n : -1;
}

static int find_tensor(const struct binding *b, const char *name, size_t length)
{
    for (int i = 0; i < b->n; i++) {
        const char *known = run_tensor(b->program->model, b->output, i)->name;
        if (strlen(known) == length && !memcmp(known, name, length))
            return i;
    }
    return -1;
}

/* One of two files would be lost. */
static int check_path(const struct binding *b, const char *path)
{
    for (int i = 0; i < b->n && b->output; i++)
        if (b->files[i].path && !strcmp(b->files[i].path, path) && !netrt_is_device(path))
            return netrt_misuse(b->program->message, "option '--output': two outputs go to '%s'",
                                path);
    return 0;
}

/* The file of the tensor that is named, or of the first that has none. */
static int bind_file(struct binding *b, const char *text)
{
    struct netrt_message *m = b->program->message;
    const long length = name_length(text);
    int number = 0;
    if (length >= 0)
        number = find_tensor(b, text, (size_t)length);
    else
        while (number < b->n && b->files[number].path)
            number++;
    if (number < 0)
        return netrt_misuse(m,
                            "option '--%s %s': the network has no %s '%.*s' ('info' lists them; a "
                            "file of that name is './%s')",
                            b->option, text, b->option, (int)length, text, text);
    if (number == b->n)
        return netrt_misuse(m, "option '--%s %s': the network has no further %s", b->option, text,
                            b->option);
    if (b->files[number].path)
        return netrt_misuse(m, "option '--%s %s': %s '%s' has a file, '%s'", b->option, text,
                            b->option, run_tensor(b->program->model, b->output, number)->name,
                            b->files[number].path);
    int status = check_path(b, text + length + 1);
    b->files[number].path = text + length + 1;
    return status;
}

static int bind_files(struct netrt_program *p, bool output, const struct netrt_bindings *list,
                      struct bound_file *files)
{
    struct binding b = {.program = p,
                        .output = output,
                        .option = output ? "output" : "input",
                        .n = output ? p->model->n_outputs : p->model->n_inputs,
                        .files = files};
    const int n = b.n;
    for (int i = 0; i < list->n; i++) {
        int status = bind_file(&b, list->text[i]);
        if (status)
            return status;
    }
    for (int i = 0; i < n && !output; i++)
        if (!files[i].path)
            return netrt_misuse(p->message, "command 'run' needs --input %s=FILE",
                                p->model->inputs[i].tensor.name);
    if (output && !list->n)
        return netrt_misuse(p->message, "command 'run' needs --output FILE");
    return 0;
}

static void format_shape(char *text, size_t size, int rank, const long *dim)
{
    int n = snprintf(text, size, "[");
    for (int i = 0; i < rank; i++)
        n += snprintf(text + n, size - (size_t)n, i ? ", %ld" : "%ld", dim[i]);
    snprintf(text + n, size - (size_t)n, "]");
}

/* A file fits with any number of images, or as one image without that dimension. */
static int check_shape(struct tensor_run *r, const struct netrt_tensor *t, struct bound_file *file)
{
    struct netrt_npy *npy = &file->npy;
    int extra = t->rank - npy->rank;
    bool fits = extra == 0 || extra == 1;
    for (int i = 1; i < t->rank && fits; i++)
        fits = npy->dim[i - extra] == t->dim[i];
    long images = fits && extra == 0 && t->rank ? npy->dim[0] : 1;
    if (fits && images > 0 && (!r->images || r->images == images)) {
        r->images = images;
        return 0;
    }
    char need[128], have[256];
    format_shape(need, sizeof need, t->rank, t->dim);
    format_shape(have, sizeof have, npy->rank, npy->dim);
    return netrt_fail(r->program->message, "'%s' has shape %s, input '%s' needs %s", file->path,
                      have, t->name, need);
}

/* One image: a picture, prepared. */
static int read_picture(struct tensor_run *r, int i)
{
    const struct netrt_tensor *t = &r->program->model->inputs[i].tensor;
    struct netrt_npy *npy = &r->inputs[i].npy;
    *npy = (struct netrt_npy){.dtype = NETRT_DTYPE_f32, .rank = t->rank - 1};
    memcpy(npy->dim, t->dim + 1, (size_t)npy->rank * sizeof *npy->dim);
    npy->elements = netrt_tensor_elements(t) / t->dim[0];
    npy->owned = npy->data = calloc((size_t)npy->elements, sizeof(float));
    if (!npy->data)
        return netrt_fail(r->program->message, "out of memory");
    return r->program->readers->picture(r->program, i, r->inputs[i].path, (float *)npy->data);
}

static int read_inputs(struct tensor_run *r)
{
    const struct netrt_model *model = r->program->model;
    for (int i = 0; i < model->n_inputs; i++) {
        const char *path = r->inputs[i].path;
        const bool picture =
            r->program->readers->picture && model->inputs[i].n_picture && !netrt_is_npy(path);
        int status = picture ? read_picture(r, i)
                             : netrt_npy_read(&r->inputs[i].npy, path, model->inputs[i].dtype,
                                              r->program->message);
        if (!status)
            status = check_shape(r, &model->inputs[i].tensor, &r->inputs[i]);
        if (status)
            return status;
    }
    return 0;
}

/* Positions of the first dimension that an image has: several where rows of one image follow those
 * of another, such as its regions. */
static long rows_of_image(const struct netrt_model *m, bool output, int i)
{
    const long batch = m->inputs[0].tensor.dim[0], rows = run_tensor(m, output, i)->dim[0];
    return rows % batch == 0 ? rows / batch : 1;
}

/* Room for the rows of all images. */
static int open_outputs(struct tensor_run *r)
{
    const struct netrt_model *model = r->program->model;
    for (int i = 0; i < model->n_outputs; i++) {
        const struct netrt_tensor *t = &model->outputs[i].tensor;
        struct netrt_npy *npy = &r->outputs[i].npy;
        npy->dtype = model->outputs[i].dtype;
        npy->rank = t->rank;
        memcpy(npy->dim, t->dim, sizeof t->dim);
        npy->dim[0] = r->images * rows_of_image(model, true, i);
        npy->elements = netrt_tensor_elements(t) / t->dim[0] * npy->dim[0];
        npy->owned = npy->data = calloc((size_t)npy->elements + 1, netrt_dtype_bytes(npy->dtype));
        if (!npy->data)
            return netrt_fail(r->program->message, "no memory for the outputs");
    }
    return 0;
}

/* The part of a tensor that `images` images are, in bytes. */
static size_t part(const struct netrt_model *m, bool output, int i, long images)
{
    const struct netrt_tensor *t = run_tensor(m, output, i);
    const long rows = images * rows_of_image(m, output, i);
    return (size_t)(netrt_tensor_elements(t) / t->dim[0] * rows) *
           netrt_dtype_bytes(run_dtype(m, output, i));
}

/* Where image `at` of a file's content starts. */
static void *image_of(const struct tensor_run *r, bool output, int i, long at)
{
    const struct bound_file *files = output ? r->outputs : r->inputs;
    return (char *)files[i].npy.data + part(r->program->model, output, i, at);
}

/* A whole batch, from image `at` on. */
static int run_batch(struct tensor_run *r, long at)
{
    const struct netrt_model *m = r->program->model;
    for (int i = 0; i < m->n_inputs; i++)
        r->in[i] = (const float *)image_of(r, false, i, at);
    for (int i = 0; i < m->n_outputs; i++)
        r->out[i] = (float *)image_of(r, true, i, at);
    return netrt_program_run(r->program, r->in, r->out);
}

/* The last images, from `at` on: what is missing in their batch is zero. */
static int run_rest(struct tensor_run *r, long at)
{
    struct netrt_program *p = r->program;
    const struct netrt_model *m = p->model;
    const long n = r->images - at;
    int status = netrt_program_buffers(p);
    if (status)
        return status;
    for (int i = 0; i < m->n_inputs; i++)
        memcpy(p->inputs[i], image_of(r, false, i, at), part(m, false, i, n));
    status = netrt_program_run(p, (const float *const *)p->inputs, p->outputs);
    for (int i = 0; i < m->n_outputs && !status; i++)
        memcpy(image_of(r, true, i, at), p->outputs[i], part(m, true, i, n));
    return status;
}

/* Runs as many images at a time as the network takes. */
static int run_batches(struct tensor_run *r)
{
    const long batch = r->program->model->inputs[0].tensor.dim[0];
    const long whole = r->images / batch * batch;
    int status = 0;
    for (long at = 0; at < whole && !status; at += batch)
        status = run_batch(r, at);
    return status || whole == r->images ? status : run_rest(r, whole);
}

static long most_of(const int64_t *counts, long n)
{
    long most = 0;
    for (long i = 0; i < n; i++)
        most = counts[i] > most ? (long)counts[i] : most;
    return most;
}

/* Leaves in an output's content the rows that are there: of each image as many as the one with most
 * of them has, or, where the first dimension is of rows, those of each image and no more. */
static void drop_rows(struct tensor_run *r, int i)
{
    const struct netrt_output *o = &r->program->model->outputs[i];
    struct netrt_npy *npy = &r->outputs[i].npy;
    const int64_t *counts = (const int64_t *)r->outputs[o->count - 1].npy.data;
    const bool apart = o->counted != 0;
    const long most = apart ? npy->dim[1] : npy->dim[0] / r->images;
    const size_t row = part(r->program->model, true, i, 1) / (size_t)most;
    const long longest = most_of(counts, r->images);
    char *to = (char *)npy->data;
    long rows = 0;
    for (long at = 0; at < r->images; at++) {
        const long n = apart ? longest : (long)counts[at];
        memmove(to, image_of(r, true, i, at), (size_t)n * row);
        to += (size_t)n * row;
        rows += n;
    }
    npy->dim[apart] = apart ? longest : rows;
    npy->elements = rows * (long)(row / netrt_dtype_bytes(npy->dtype));
}

static int write_outputs(struct tensor_run *r)
{
    const struct netrt_model *m = r->program->model;
    for (int i = 0; i < m->n_outputs; i++)
        if (m->outputs[i].count)
            drop_rows(r, i);
    int status = 0;
    for (int i = 0; i < r->program->model->n_outputs && !status; i++) {
        struct bound_file *file = &r->outputs[i];
        if (file->path)
            status = netrt_npy_write(file->path, file->npy.dtype, file->npy.rank, file->npy.dim,
                                     file->npy.data, r->program->message);
    }
    return status;
}

static int check_outputs(struct tensor_run *r)
{
    int status = 0;
    for (int i = 0; i < r->program->model->n_outputs && !status; i++)
        if (r->outputs[i].path)
            status = netrt_writer_check(r->outputs[i].path, r->program->message);
    return status;
}

static int run_tensors(struct tensor_run *r)
{
    struct netrt_program *p = r->program;
    int status = bind_files(p, false, &p->options->inputs, r->inputs);
    if (!status)
        status = bind_files(p, true, &p->options->outputs, r->outputs);
    if (!status)
        status = check_outputs(r);
    if (!status)
        status = read_inputs(r);
    if (!status)
        status = netrt_program_open(p);
    if (!status)
        status = open_outputs(r);
    if (!status)
        status = run_batches(r);
    if (!status)
        status = netrt_packed_check(p);
    if (!status)
        status = netrt_step_clock_report(p->clock, p->options, p->message);
    return status ? status : write_outputs(r);
}

static void release_files(struct bound_file *files, int n)
{
    for (int i = 0; files && i < n; i++)
        netrt_npy_release(&files[i].npy);
    free(files);
}

static struct bound_file *new_files(int n)
{
    return (struct bound_file *)calloc((size_t)n + 1, sizeof(struct bound_file));
}

int netrt_command_run(struct netrt_program *p)
{
    const struct netrt_model *m = p->model;
    struct tensor_run r = {.program = p,
                           .inputs = new_files(m->n_inputs),
                           .outputs = new_files(m->n_outputs),
                           .in = (const float **)calloc((size_t)m->n_inputs + 1, sizeof *r.in),
                           .out = (float **)calloc((size_t)m->n_outputs + 1, sizeof *r.out)};
    int status = r.inputs && r.outputs && r.in && r.out ? run_tensors(&r)
                                                        : netrt_fail(p->message, "out of memory");
    release_files(r.inputs, m->n_inputs);
    release_files(r.outputs, m->n_outputs);
    free(r.in);
    free(r.out);
    return status;
}
