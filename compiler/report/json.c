#include "report/json.h"

void json_set_int(json_t *o, const char *key, int64_t value)
{
    json_object_set_new(o, key, json_integer(value));
}

void json_set_string(json_t *o, const char *key, const char *value)
{
    json_object_set_new(o, key, value ? json_string(value) : json_null());
}

json_t *json_ints(const int64_t *at, int n)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_integer(at[i]));
    return list;
}

json_t *json_shape(const struct type *type)
{
    return json_ints(type->dim, type->rank);
}

void json_set_figures(json_t *o, const struct figures *f)
{
    for (int i = 0; i < N_FIGURES; i++)
        json_set_int(o, figure_info((enum figure)i)->name, f->at[i]);
    json_t *flops = json_object();
    for (int i = 0; i < N_CONVENTIONS; i++)
        json_set_int(flops, convention_info((enum convention)i)->name, f->flops[i]);
    json_object_set_new(o, "flops", flops);
}

static int append(const char *bytes, size_t n, void *text)
{
    text_append_n(text, bytes, n);
    return 0;
}

void json_print(struct text *t, json_t *value)
{
    json_dump_callback(value, append, t, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    text_append(t, "\n");
    json_decref(value);
}
