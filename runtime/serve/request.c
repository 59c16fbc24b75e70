#include "request.h"
#include "../host/dtype.h"

#include <float.h>
#include <jansson.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What is being read, and how far: tensors in binary form follow the JSON in the order of inputs.
 */
struct reading {
    struct serve_request *request;
    const char *binary;
    size_t left; /* bytes of it */
    size_t limit;
    struct netrt_message *message;
};

/* ---- elements ---- */

static int put_real(json_t *number, void *to, struct netrt_message *m)
{
    const double real = json_number_value(number);
    if (!json_is_number(number))
        return netrt_fail(m, "'data' holds something that is no number");
    if (fabs(real) > (double)FLT_MAX)
        return netrt_fail(m, "'data' holds a number that is too large for FP32");
    const float value = (float)real;
    memcpy(to, &value, sizeof value);
    return 0;
}

static int put_integer(json_t *number, enum netrt_dtype dtype, void *to, struct netrt_message *m)
{
    const int64_t value = json_integer_value(number);
    const int32_t narrow = (int32_t)value;
    const bool wide = dtype == NETRT_DTYPE_i64;
    if (!json_is_integer(number))
        return netrt_fail(m, "'data' holds something that is no integer");
    if (!wide && narrow != value)
        return netrt_fail(m, "'data' holds an integer that is too large for INT32");
    memcpy(to, wide ? (const void *)&value : (const void *)&narrow,
           wide ? sizeof value : sizeof narrow);
    return 0;
}

/* Elements that are taken from lists, be they flat or nested as the shape is. */
struct elements {
    const struct serve_tensor *tensor;
    unsigned char *at, *end;
};

static int take_list(struct elements *e, json_t *list, int depth, struct netrt_message *m)
{
    const size_t bytes = netrt_dtype_bytes(e->tensor->dtype);
    json_t *item;
    size_t i;
    int status = 0;
    json_array_foreach(list, i, item)
    {
        if (json_is_array(item) && depth < e->tensor->rank)
            status = take_list(e, item, depth + 1, m);
        else if ((size_t)(e->end - e->at) < bytes)
            status = netrt_fail(m, "'data' of input '%s' has more elements than its shape",
                                e->tensor->name);
        else {
            status = netrt_dtype_is_integer(e->tensor->dtype)
                         ? put_integer(item, e->tensor->dtype, e->at, m)
                         : put_real(item, e->at, m);
            e->at += bytes;
        }
        if (status)
            return status;
    }
    return 0;
}

static int read_list(struct reading *r, json_t *data, const struct serve_tensor *t,
                     unsigned char *to)
{
    struct elements e = {t, to, to + t->bytes * (size_t)r->request->images};
    int status = take_list(&e, data, 1, r->message);
    if (!status && e.at != e.end)
        status = netrt_fail(r->message, "'data' of input '%s' has fewer elements than its shape",
                            t->name);
    return status;
}

static int read_binary(struct reading *r, json_t *size, const struct serve_tensor *t,
                       unsigned char *to)
{
    const size_t bytes = t->bytes * (size_t)r->request->images;
    if (!json_is_integer(size) || json_integer_value(size) != (json_int_t)bytes)
        return netrt_fail(r->message,
                          "'binary_data_size' of input '%s' is not the %zu of its shape", t->name,
                          bytes);
    if (bytes > r->left)
        return netrt_fail(r->message,
                          "the body ends within the binary data of input '%s' (does "
                          "'Inference-Header-Content-Length' say where they begin?)",
                          t->name);
    memcpy(to, r->binary, bytes);
    r->binary += bytes;
    r->left -= bytes;
    return 0;
}

/* ---- inputs ---- */

/* Writes "[N, 3, 224, 224]". */
static const char *shape_text(const struct serve_tensor *t, char *text, size_t size)
{
    size_t n = 0;
    for (int i = 0; i < t->rank && n < size; i++) {
        const char *end = i == t->rank - 1 ? "]" : ", ";
        if (i)
            n += (size_t)snprintf(text + n, size - n, "%ld%s", t->dim[i], end);
        else if (t->dim[0] == 1)
            n += (size_t)snprintf(text + n, size - n, "[N%s", end);
        else
            n += (size_t)snprintf(text + n, size - n, "[%ld N%s", t->dim[0], end);
    }
    return text;
}

/* The images of a shape: 0 where it does not fit. */
static long images_of(json_t *shape, const struct serve_tensor *t)
{
    if (!json_is_array(shape) || json_array_size(shape) != (size_t)t->rank)
        return 0;
    for (int i = 0; i < t->rank; i++) {
        json_t *dim = json_array_get(shape, (size_t)i);
        if (!json_is_integer(dim) || (i && json_integer_value(dim) != t->dim[i]))
            return 0;
    }
    const json_int_t first = json_integer_value(json_array_get(shape, 0));
    return first > 0 && first <= INT32_MAX && first % t->dim[0] == 0 ? (long)first / t->dim[0] : 0;
}

static size_t bytes_of_image(const struct serve_tensor *tensors, int n)
{
    size_t bytes = 0;
    for (int i = 0; i < n; i++)
        bytes += tensors[i].bytes;
    return bytes;
}

/* The first input says how many images there are, and the others agree. */
static int count_images(struct reading *r, json_t *shape, const struct serve_tensor *t)
{
    const struct serve_network *network = r->request->network;
    const size_t most = r->limit / bytes_of_image(network->outputs, network->n_outputs);
    char text[192];
    const long images = images_of(shape, t);
    if (!images)
        return netrt_fail(r->message, "'shape' of input '%s' is not %s", t->name,
                          shape_text(t, text, sizeof text));
    if (r->request->images && images != r->request->images)
        return netrt_fail(r->message, "input '%s' has %ld images, another one %ld", t->name, images,
                          r->request->images);
    if ((size_t)images > most || (size_t)images > r->limit / t->bytes)
        return netrt_fail(r->message, "%ld images are more than this server answers at once",
                          images);
    r->request->images = images;
    return 0;
}

static int check_datatype(struct reading *r, json_t *input, const struct serve_tensor *t)
{
    const char *given = json_string_value(json_object_get(input, "datatype"));
    const char *wanted = serve_datatype(t->dtype);
    if (!given || strcmp(given, wanted) != 0)
        return netrt_fail(r->message, "'datatype' of input '%s' is not '%s'", t->name, wanted);
    return 0;
}

static int read_elements(struct reading *r, json_t *input, const struct serve_tensor *t,
                         unsigned char **to)
{
    json_t *size = json_object_get(json_object_get(input, "parameters"), "binary_data_size");
    json_t *data = json_object_get(input, "data");
    if (!size == !data)
        return netrt_fail(r->message,
                          "input '%s' needs either 'data' or 'binary_data_size' among its "
                          "'parameters'",
                          t->name);
    if (data && !json_is_array(data))
        return netrt_fail(r->message, "'data' of input '%s' is no list", t->name);
    *to = malloc(t->bytes * (size_t)r->request->images);
    if (!*to)
        return netrt_fail(r->message, "no memory for input '%s'", t->name);
    return data ? read_list(r, data, t, *to) : read_binary(r, size, t, *to);
}

/* Which tensor an object names, of the inputs or of the outputs as `kind` says. */
static int find_named(struct reading *r, json_t *object, const char *kind,
                      const struct serve_tensor *tensors, int n, int *i)
{
    const char *name = json_string_value(json_object_get(object, "name"));
    if (!name)
        return netrt_fail(r->message, "an %s is no object with a 'name'", kind);
    *i = serve_tensor_find(tensors, n, name);
    return *i < 0 ? netrt_fail(r->message, "'%s' has no %s '%.100s'", r->request->network->name,
                               kind, name)
                  : 0;
}

static int read_input(struct reading *r, json_t *input)
{
    const struct serve_network *network = r->request->network;
    int i, status = find_named(r, input, "input", network->inputs, network->n_inputs, &i);
    if (status)
        return status;
    const struct serve_tensor *t = &network->inputs[i];
    if (r->request->inputs[i])
        return netrt_fail(r->message, "input '%s' is given twice", t->name);
    status = check_datatype(r, input, t);
    if (!status)
        status = count_images(r, json_object_get(input, "shape"), t);
    return status ? status : read_elements(r, input, t, &r->request->inputs[i]);
}

static int read_inputs(struct reading *r, json_t *inputs)
{
    const struct serve_network *network = r->request->network;
    json_t *input;
    size_t i;
    if (!json_is_array(inputs))
        return netrt_fail(r->message, "the request has no list 'inputs'");
    json_array_foreach(inputs, i, input)
    {
        const int status = read_input(r, input);
        if (status)
            return status;
    }
    for (int k = 0; k < network->n_inputs; k++)
        if (!r->request->inputs[k])
            return netrt_fail(r->message, "input '%s' is missing", network->inputs[k].name);
    if (r->left)
        return netrt_fail(r->message, "the body goes on after the binary data of all inputs");
    return 0;
}

/* ---- outputs ---- */

/* As the object asks for it; else as all outputs are asked for. */
static enum serve_form form_of(json_t *parameters, const char *key, enum serve_form otherwise)
{
    json_t *binary = json_object_get(parameters, key);
    return json_is_true(binary) ? SERVE_BINARY : json_is_false(binary) ? SERVE_JSON : otherwise;
}

static int read_output(struct reading *r, json_t *output, enum serve_form all)
{
    const struct serve_network *network = r->request->network;
    int i;
    const int status = find_named(r, output, "output", network->outputs, network->n_outputs, &i);
    if (!status)
        r->request->form[i] = form_of(json_object_get(output, "parameters"), "binary_data", all);
    return status;
}

/* All of them, where none is named. */
static int read_outputs(struct reading *r, json_t *root)
{
    json_t *outputs = json_object_get(root, "outputs"), *output;
    const enum serve_form all =
        form_of(json_object_get(root, "parameters"), "binary_data_output", SERVE_JSON);
    size_t i;
    if (outputs && !json_is_array(outputs))
        return netrt_fail(r->message, "'outputs' is no list");
    for (int k = 0; !json_array_size(outputs) && k < r->request->network->n_outputs; k++)
        r->request->form[k] = all;
    json_array_foreach(outputs, i, output)
    {
        const int status = read_output(r, output, all);
        if (status)
            return status;
    }
    return 0;
}

static int open_outputs(struct reading *r)
{
    const struct serve_network *network = r->request->network;
    for (int i = 0; i < network->n_outputs; i++) {
        const size_t bytes = network->outputs[i].bytes * (size_t)r->request->images;
        if (!(r->request->outputs[i] = malloc(bytes)))
            return netrt_fail(r->message, "no memory for the answer");
    }
    return 0;
}

/* ---- the whole ---- */

static int read_id(struct reading *r, json_t *root)
{
    json_t *id = json_object_get(root, "id");
    if (id && !json_is_string(id))
        return netrt_fail(r->message, "'id' is no string");
    r->request->id = id ? strdup(json_string_value(id)) : NULL;
    return id && !r->request->id ? netrt_fail(r->message, "out of memory") : 0;
}

static int read_root(struct reading *r, json_t *root)
{
    if (!json_is_object(root))
        return netrt_fail(r->message, "the request is no JSON object");
    int status = read_id(r, root);
    if (!status)
        status = read_inputs(r, json_object_get(root, "inputs"));
    if (!status)
        status = read_outputs(r, root);
    return status ? status : open_outputs(r);
}

static int request_init(struct serve_request *request, const struct serve_network *network,
                        struct netrt_message *m)
{
    *request = (struct serve_request){.network = network};
    request->inputs = calloc((size_t)network->n_inputs, sizeof *request->inputs);
    request->outputs = calloc((size_t)network->n_outputs, sizeof *request->outputs);
    request->form = calloc((size_t)network->n_outputs, sizeof *request->form);
    return request->inputs && request->outputs && request->form ? 0
                                                                : netrt_fail(m, "out of memory");
}

int serve_request_read(struct serve_request *request, const struct serve_network *network,
                       const char *body, size_t size, size_t header, size_t limit,
                       struct netrt_message *m)
{
    struct reading r = {request, body + header, size - header, limit, m};
    json_error_t error;
    int status = request_init(request, network, m);
    if (status)
        return status;
    json_t *root = json_loadb(body, header, JSON_REJECT_DUPLICATES, &error);
    status = root ? read_root(&r, root)
                  : netrt_fail(m, "the request is no JSON: line %d, column %d: %s", error.line,
                               error.column, error.text);
    json_decref(root);
    return status;
}

static void free_all(unsigned char **at, int n)
{
    for (int i = 0; at && i < n; i++)
        free(at[i]);
    free(at);
}

void serve_request_release(struct serve_request *request)
{
    if (!request->network)
        return;
    free_all(request->inputs, request->network->n_inputs);
    free_all(request->outputs, request->network->n_outputs);
    free(request->form);
    free(request->id);
    *request = (struct serve_request){0};
}
