#include "report/json.h"

#include <stdlib.h>
#include <string.h>

void json_set_int(json_t *o, const char *key, int64_t value)
{
    json_object_set_new(o, key, json_integer(value));
}

/* A path may have bytes that are no UTF-8, which JSON cannot hold: each is a question mark. */
static json_t *text_without_bytes(const char *value)
{
    char *plain = memory_take(strlen(value) + 1);
    size_t n = 0;
    for (; *value; value++)
        plain[n++] = (char)((unsigned char)*value < 0x80 ? *value : '?');
    json_t *text = json_stringn(plain, n);
    free(plain);
    return text;
}

void json_set_string(json_t *o, const char *key, const char *value)
{
    json_t *text = value ? json_string(value) : json_null();
    json_object_set_new(o, key, text ? text : text_without_bytes(value));
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

void json_begin(void)
{
    json_set_alloc_funcs(memory_take, free);
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
    json_set_alloc_funcs(malloc, free);
}
