/* The answer to a request for inference. */
#include "request.h"
#include "../host/dtype.h"

#include <jansson.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The digits that tell every FP32 from its neighbours. */
enum { SERVE_DIGITS = 9 };

static size_t bytes_of(const struct serve_request *request, int i)
{
    return request->network->outputs[i].bytes * (size_t)request->images;
}

/* An element as JSON; NULL: there is no memory, or JSON has no such number. */
static json_t *element(const unsigned char *at, enum netrt_dtype dtype)
{
    float real;
    int64_t wide;
    int32_t narrow;
    switch (dtype) {
    case NETRT_DTYPE_i64:
        memcpy(&wide, at, sizeof wide);
        return json_integer(wide);
    case NETRT_DTYPE_i32:
        memcpy(&narrow, at, sizeof narrow);
        return json_integer(narrow);
    default:
        memcpy(&real, at, sizeof real);
        return json_real((double)real);
    }
}

/* Whether no number of an output is infinite or NaN. */
static bool all_finite(const unsigned char *at, size_t bytes)
{
    float real;
    for (size_t i = 0; i < bytes; i += sizeof real) {
        memcpy(&real, at + i, sizeof real);
        if (!isfinite(real))
            return false;
    }
    return true;
}

static int add_list(json_t *output, const struct serve_request *request, int i,
                    struct netrt_message *m)
{
    const struct serve_tensor *t = &request->network->outputs[i];
    const size_t bytes = bytes_of(request, i), step = netrt_dtype_bytes(t->dtype);
    json_t *list = json_array();
    if (!netrt_dtype_is_integer(t->dtype) && !all_finite(request->outputs[i], bytes)) {
        json_decref(list);
        return netrt_fail(m,
                          "output '%s' holds an infinite number or NaN, which JSON cannot say: ask "
                          "for 'binary_data'",
                          t->name);
    }
    int status = json_object_set_new(output, "data", list);
    for (size_t at = 0; !status && at < bytes; at += step)
        status = json_array_append_new(list, element(request->outputs[i] + at, t->dtype));
    return status ? netrt_fail(m, "no memory for the answer") : 0;
}

static json_t *shape_of(const struct serve_tensor *t, long images)
{
    json_t *shape = json_array();
    for (int i = 0; i < t->rank; i++)
        json_array_append_new(shape, json_integer(i ? t->dim[i] : t->dim[0] * images));
    return shape;
}

static int add_output(json_t *outputs, const struct serve_request *request, int i,
                      struct netrt_message *m)
{
    const struct serve_tensor *t = &request->network->outputs[i];
    json_t *output = json_pack("{s:s, s:s, s:o}", "name", t->name, "datatype",
                               serve_datatype(t->dtype), "shape", shape_of(t, request->images));
    if (!output || json_array_append_new(outputs, output))
        return netrt_fail(m, "no memory for the answer");
    if (request->form[i] == SERVE_JSON)
        return add_list(output, request, i, m);
    return json_object_set_new(
               output, "parameters",
               json_pack("{s:I}", "binary_data_size", (json_int_t)bytes_of(request, i)))
               ? netrt_fail(m, "no memory for the answer")
               : 0;
}

static int fill(json_t *root, const struct serve_request *request, struct netrt_message *m)
{
    json_t *outputs = json_array();
    int status = json_object_set_new(root, "outputs", outputs)
                     ? netrt_fail(m, "no memory for the answer")
                     : 0;
    if (!status && request->id && json_object_set_new(root, "id", json_string(request->id)))
        status = netrt_fail(m, "no memory for the answer");
    for (int i = 0; !status && i < request->network->n_outputs; i++)
        if (request->form[i] != SERVE_UNASKED)
            status = add_output(outputs, request, i, m);
    return status;
}

/* Puts the tensors behind the JSON. */
static int add_binary(const struct serve_request *request, struct serve_answer *answer,
                      struct netrt_message *m)
{
    answer->size = answer->header;
    for (int i = 0; i < request->network->n_outputs; i++)
        if (request->form[i] == SERVE_BINARY)
            answer->size += bytes_of(request, i);
    char *whole = realloc(answer->data, answer->size);
    if (!whole)
        return netrt_fail(m, "no memory for the answer");
    char *at = whole + answer->header;
    answer->data = whole;
    for (int i = 0; i < request->network->n_outputs; i++)
        if (request->form[i] == SERVE_BINARY) {
            memcpy(at, request->outputs[i], bytes_of(request, i));
            at += bytes_of(request, i);
        }
    return 0;
}

int serve_request_answer(const struct serve_request *request, struct serve_answer *answer,
                         struct netrt_message *m)
{
    json_t *root = json_pack("{s:s}", "model_name", request->network->name);
    *answer = (struct serve_answer){0};
    int status = root ? fill(root, request, m) : netrt_fail(m, "no memory for the answer");
    if (!status &&
        !(answer->data = json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(SERVE_DIGITS))))
        status = netrt_fail(m, "no memory for the answer");
    json_decref(root);
    if (status)
        return status;
    answer->header = strlen(answer->data);
    status = add_binary(request, answer, m);
    if (status)
        free(answer->data);
    return status;
}
