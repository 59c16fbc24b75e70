/* JSON as reports write it: members in the order in which they are set. */
#ifndef NETC_REPORT_JSON_H
#define NETC_REPORT_JSON_H

#include "report/table.h"

#include <jansson.h>

/*
 * Values are made between json_begin() and json_print(): there jansson takes memory that ends the
 * program where it runs out, so that no call's result needs a look.
 */
void json_begin(void);
/* Prints a value, with the end of its line, and drops it. */
void json_print(struct text *, json_t *);

void json_set_int(json_t *object, const char *key, int64_t value);
/* NULL: null. */
void json_set_string(json_t *object, const char *key, const char *value);
/* A new array. */
json_t *json_ints(const int64_t *, int n);
json_t *json_shape(const struct type *);
/* A member for each figure, and "flops" with one for each convention. */
void json_set_figures(json_t *object, const struct figures *);
#endif
