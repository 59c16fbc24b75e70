/* Schema 1: fields may be added, never renamed; docs/report.md describes them. */
#include "report/forms.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

enum { SCHEMA = 1 };

static void set_int(json_t *o, const char *key, int64_t value)
{
    json_object_set_new(o, key, json_integer(value));
}

static json_t *number(double value)
{
    const bool whole = fabs(value) < 0x1p62 && value == (double)(int64_t)value;
    return whole ? json_integer((int64_t)value) : json_real(value);
}

static void set_string(json_t *o, const char *key, const char *value)
{
    json_object_set_new(o, key, value ? json_string(value) : json_null());
}

static json_t *ints(const int64_t *at, int n)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_integer(at[i]));
    return list;
}

static json_t *shape(const struct type *type)
{
    return ints(type->dim, type->rank);
}

static void set_figures(json_t *o, const struct figures *f)
{
    for (int i = 0; i < N_FIGURES; i++)
        set_int(o, figure_info((enum figure)i)->name, f->at[i]);
    json_t *flops = json_object();
    for (int i = 0; i < N_CONVENTIONS; i++)
        set_int(flops, convention_info((enum convention)i)->name, f->flops[i]);
    json_object_set_new(o, "flops", flops);
}

static void set_place(json_t *o, const struct report *r, struct span span)
{
    uint32_t line = report_line(r, span);
    set_string(o, "file", report_file(r, span));
    json_object_set_new(o, "line", line ? json_integer(line) : json_null());
}

static json_t *tensors(const struct report_tensor *at, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *o = json_object();
        set_string(o, "name", at[i].name);
        json_object_set_new(o, "shape", shape(&at[i].type));
        set_string(o, "dtype", "f32");
        json_array_append_new(list, o);
    }
    return list;
}

static void set_window(json_t *o, const struct report_row *row)
{
    const struct attrs *a = &row->attr;
    if (!a->kernel[0])
        return;
    json_object_set_new(o, "kernel", ints(a->kernel, 2));
    json_object_set_new(o, "stride", ints(a->stride, 2));
    json_object_set_new(o, "padding", ints(a->padding, 4));
    json_object_set_new(
        o, "dilation",
        ints((int64_t[]){a->dilation[0] ? a->dilation[0] : 1, a->dilation[1] ? a->dilation[1] : 1},
             2));
    set_int(o, "groups", a->groups ? a->groups : 1);
}

static json_t *jump_of(const struct field *f)
{
    bool whole = f->jump == floor(f->jump);
    return whole ? json_integer((json_int_t)f->jump) : json_real(f->jump);
}

static json_t *field(const struct fields *f)
{
    json_t *o = json_object(), *jump = json_array();
    json_object_set_new(o, "size", ints((int64_t[]){f->axis[0].size, f->axis[1].size}, 2));
    json_array_append_new(jump, jump_of(&f->axis[0]));
    json_array_append_new(jump, jump_of(&f->axis[1]));
    json_object_set_new(o, "jump", jump);
    json_object_set_new(o, "offset", ints((int64_t[]){f->axis[0].offset, f->axis[1].offset}, 2));
    return o;
}

/* Operations of `exact` for each byte of traffic; and the kernel's time, on a known machine. */
static void set_roofline(json_t *o, const struct report_row *row)
{
    int64_t bytes = row->figures.at[FIGURE_traffic_bytes];
    double work = (double)row->figures.flops[CONVENTION_exact];
    json_object_set_new(o, "intensity", json_real(bytes ? work / (double)bytes : 0));
    if (!row->predicted)
        return;
    set_string(o, "bound", row_bound(row));
    json_object_set_new(o, "predicted_us", json_real(row->time.us));
}

static json_t *machine(const struct machine *m)
{
    json_t *o = json_object();
    set_string(o, "name", m->name);
    set_int(o, "threads", m->threads);
    json_object_set_new(o, "gflops", json_pack("[f, f]", m->gflops[0], m->gflops[1]));
    json_object_set_new(o, "gbytes", json_pack("[f, f]", m->gbytes[0], m->gbytes[1]));
    json_object_set_new(o, "full_gbytes",
                        json_pack("[f, f]", m->full_gbytes[0], m->full_gbytes[1]));
    json_object_set_new(o, "cache_gbytes", json_real(m->cache_gbytes));
    set_int(o, "cache_bytes", m->cache_bytes);
    json_object_set_new(o, "core_gbytes", json_real(m->core_gbytes));
    set_int(o, "core_bytes", m->core_bytes);
    return o;
}

static json_t *layer(const struct report *r, const struct report_row *row)
{
    json_t *o = json_object(), *inputs = json_array(), *from = json_array();
    set_string(o, "name", row->name);
    set_string(o, "op", op_info(row->op)->name);
    set_place(o, r, row->span);
    set_window(o, row);
    for (int i = 0; i < row->n_inputs; i++) {
        json_array_append_new(inputs, shape(&row->input[i]));
        json_array_append_new(from, json_string(row->from_name[i]));
    }
    json_object_set_new(o, "inputs", inputs);
    json_object_set_new(o, "output", shape(&row->output));
    json_object_set_new(o, "from", from);
    set_int(o, "device", row->device);
    set_figures(o, &row->figures);
    json_object_set_new(o, "field", field(&row->field));
    set_roofline(o, row);
    return o;
}

static json_t *layers(const struct report *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->rows.n; i++)
        json_array_append_new(list, layer(r, &r->rows.at[i]));
    return list;
}

static json_t *totals(const struct report *r)
{
    json_t *o = json_object();
    set_figures(o, &r->total);
    set_int(o, "input_elements", r->input_elements);
    set_int(o, "weights_bytes", r->weights_bytes);
    return o;
}

static json_t *scopes(const struct report *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->scopes.n; i++) {
        const struct report_scope *scope = &r->scopes.at[i];
        json_t *o = json_object();
        set_string(o, "name", scope->path);
        set_string(o, "block", scope->kind);
        set_int(o, "count", scope->count);
        set_figures(o, &scope->figures);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *operators(const struct report *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->operators.n; i++) {
        json_t *o = json_object();
        set_string(o, "op", op_info(r->operators.at[i].op)->name);
        set_int(o, "count", r->operators.at[i].count);
        set_figures(o, &r->operators.at[i].figures);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *devices(const struct report *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->devices.n; i++) {
        json_t *o = json_object();
        set_int(o, "device", r->devices.at[i].device);
        set_int(o, "count", r->devices.at[i].count);
        set_int(o, "received_bytes", r->devices.at[i].received_bytes);
        set_figures(o, &r->devices.at[i].figures);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *timeline(const struct report_memory *m)
{
    json_t *list = json_array();
    for (size_t i = 0; i < m->timeline.n; i++) {
        json_t *o = json_object();
        set_string(o, "name", m->timeline.at[i].name);
        set_int(o, "bytes", m->timeline.at[i].bytes);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *buffers(const struct report_memory *m)
{
    json_t *list = json_array();
    for (size_t i = 0; i < m->buffers.n; i++) {
        const struct report_buffer *b = &m->buffers.at[i];
        json_t *o = json_object();
        set_string(o, "name", b->name);
        set_int(o, "offset", b->offset);
        set_int(o, "bytes", b->bytes);
        set_int(o, "first", b->first);
        set_int(o, "last", b->last);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *checkpoints(const struct checkpoints *c)
{
    json_t *list = json_array();
    for (size_t i = 0; i < c->n; i++) {
        json_t *o = json_object();
        set_int(o, "keep", c->at[i].keep);
        set_int(o, "tensors", c->at[i].points);
        set_int(o, "peak_bytes", c->at[i].peak_bytes);
        set_int(o, "extra_macs", c->at[i].extra_macs);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *training(const struct report_training *t)
{
    json_t *o = json_object(), *peak = json_object();
    for (int i = 0; i < N_OPTIMIZERS; i++)
        set_int(peak, optimizer_name((enum optimizer)i), t->bytes.peak[i]);
    set_int(o, "saved", t->bytes.saved);
    set_int(o, "gradients", t->bytes.gradients);
    set_int(o, "walk", t->bytes.walk);
    set_string(o, "peak_at", t->peak_name);
    json_object_set_new(o, "peak", peak);
    json_object_set_new(o, "lecture", ints(t->bytes.lecture, 2));
    json_object_set_new(o, "checkpointing", checkpoints(&t->checkpoints));
    return o;
}

static json_t *memory(const struct report *r)
{
    const struct report_memory *m = &r->memory;
    json_t *o = json_object();
    if (r->training_memory.known)
        json_object_set_new(o, "train", training(&r->training_memory));
    if (!m->known)
        return o;
    set_int(o, "arena_bytes", m->arena_bytes);
    set_int(o, "lower_bound_bytes", m->lower_bound_bytes);
    set_int(o, "naive_bytes", m->naive_bytes);
    set_int(o, "packed_weights_bytes", m->packed_bytes);
    json_object_set_new(o, "timeline", timeline(m));
    json_object_set_new(o, "buffers", buffers(m));
    return o;
}

static json_t *budgets(const struct report *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->budgets.n; i++) {
        const struct report_budget *b = &r->budgets.at[i];
        json_t *o = json_object();
        set_string(o, "expr", b->text);
        json_object_set_new(o, "value", number(b->value));
        json_object_set_new(o, "holds", json_boolean(b->holds));
        set_place(o, r, b->require->span);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *warnings(const struct report *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->warnings.n; i++) {
        json_t *o = json_object();
        set_string(o, "id", r->warnings.at[i].id);
        set_place(o, r, r->warnings.at[i].span);
        set_string(o, "text", r->warnings.at[i].text);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *whole(const struct report *r)
{
    json_t *o = json_object();
    set_int(o, "schema", SCHEMA);
    set_string(o, "network", r->network);
    set_string(o, "file", r->file);
    set_int(o, "batch", r->batch);
    set_string(o, "dtype", "f32");
    set_string(o, "target", r->target);
    set_int(o, "threads", r->threads);
    json_object_set_new(o, "inputs", tensors(r->inputs.at, r->inputs.n));
    json_object_set_new(o, "outputs", tensors(r->outputs.at, r->outputs.n));
    json_object_set_new(o, "layers", layers(r));
    json_object_set_new(o, "totals", totals(r));
    json_object_set_new(o, "scopes", scopes(r));
    json_object_set_new(o, "operators", operators(r));
    json_object_set_new(o, "devices", devices(r));
    json_object_set_new(o, "memory", memory(r));
    if (r->machine) {
        json_object_set_new(o, "machine", machine(r->machine));
        json_object_set_new(o, "predicted_us", json_real(r->predicted_us));
    }
    json_object_set_new(o, "budgets", budgets(r));
    json_object_set_new(o, "warnings", warnings(r));
    return o;
}

static int append(const char *bytes, size_t n, void *text)
{
    text_append_n(text, bytes, n);
    return 0;
}

void report_json(struct text *t, const struct report *r)
{
    json_t *o = whole(r);
    json_dump_callback(o, append, t, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    text_append(t, "\n");
    json_decref(o);
}
