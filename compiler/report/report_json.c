/* Schema 1: fields may be added, never renamed; docs/report.md describes them. */
#include "ir/names.h"
#include "report/explain.h"
#include "report/forms.h"
#include "report/json.h"

#include <math.h>

enum { SCHEMA = 1 };

/* An integer where it is whole. */
static json_t *number(double value)
{
    const bool whole = fabs(value) < 0x1p62 && value == (double)(int64_t)value;
    return whole ? json_integer((int64_t)value) : json_real(value);
}

static void set_place(json_t *o, const struct report *r, struct span span)
{
    uint32_t line = report_line(r, span);
    json_set_string(o, "file", report_file(r, span));
    json_object_set_new(o, "line", line ? json_integer(line) : json_null());
}

static json_t *channels(const double *at, int64_t n)
{
    json_t *list = json_array();
    for (int64_t c = 0; c < n; c++)
        json_array_append_new(list, number(at[c]));
    return list;
}

/* What an output is for, and what else a program must know to answer by it. */
static void set_purpose(json_t *o, const struct report_tensor *t)
{
    json_set_string(o, "purpose", purpose_names[t->purpose]);
    if (t->count)
        json_set_string(o, "count", t->count);
    if (t->purpose == NETRT_PURPOSE_classes)
        json_object_set_new(o, "probabilities", json_boolean(t->probabilities));
    if (t->purpose == NETRT_PURPOSE_map && t->type.rank == 4 && t->type.dim[1] == 1)
        json_object_set_new(o, "threshold", number(t->threshold));
    if (t->purpose != NETRT_PURPOSE_picture)
        return;
    json_object_set_new(o, "black", channels(t->range.black, t->type.dim[1]));
    json_object_set_new(o, "white", channels(t->range.white, t->type.dim[1]));
    json_object_set_new(o, "bgr", json_boolean(t->range.reversed));
}

static json_t *tensors(const struct report_tensor *at, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *o = json_object();
        json_set_string(o, "name", at[i].name);
        json_object_set_new(o, "shape", json_shape(&at[i].type));
        json_set_string(o, "dtype", dtype_name(at[i].type.dtype));
        if (at[i].output)
            set_purpose(o, &at[i]);
        json_array_append_new(list, o);
    }
    return list;
}

/* The numbers of an attribute in the order in which they are written. */
static json_t *written(enum attr_kind kind, int rank, const int64_t *number)
{
    int64_t ordered[6];
    const int n = attr_written(kind, rank);
    for (int i = 0; i < n; i++)
        ordered[i] = number[attr_place(kind, n, i)];
    return json_ints(ordered, n);
}

static void set_window(json_t *o, const struct report_row *row)
{
    const struct attrs *a = &row->attr;
    const int rank = row->output.rank;
    int64_t dilation[3];
    if (!a->kernel[0])
        return;
    for (int axis = 0; axis < 3; axis++)
        dilation[axis] = a->dilation[axis] ? a->dilation[axis] : 1;
    json_object_set_new(o, "kernel", written(ATTR_EXTENT, rank, a->kernel));
    json_object_set_new(o, "stride", written(ATTR_EXTENT, rank, a->stride));
    json_object_set_new(o, "padding", written(ATTR_PADDING, rank, a->padding));
    json_object_set_new(o, "dilation", written(ATTR_EXTENT, rank, dilation));
    json_set_int(o, "groups", a->groups ? a->groups : 1);
}

static json_t *field(const struct fields *f)
{
    json_t *o = json_object(), *jump = json_array();
    json_object_set_new(o, "size", json_ints((int64_t[]){f->axis[0].size, f->axis[1].size}, 2));
    json_array_append_new(jump, number(f->axis[0].jump));
    json_array_append_new(jump, number(f->axis[1].jump));
    json_object_set_new(o, "jump", jump);
    json_object_set_new(o, "offset",
                        json_ints((int64_t[]){f->axis[0].offset, f->axis[1].offset}, 2));
    return o;
}

/* Operations of `exact` for each byte of traffic; and the kernel's time, on a known machine. */
static void set_roofline(json_t *o, const struct report *r, const struct report_row *row)
{
    int64_t bytes = row->figures.at[FIGURE_traffic_bytes];
    double work = (double)row->figures.flops[CONVENTION_exact];
    json_object_set_new(o, "intensity", json_real(bytes ? work / (double)bytes : 0));
    if (row->host != FROM_INPUT)
        json_set_string(o, "computed_in", r->rows.at[row->host].name);
    if (!row->predicted)
        return;
    json_set_string(o, "bound", row_bound(row));
    json_object_set_new(o, "predicted_us", json_real(row->time.us));
}

static json_t *machine(const struct machine *m)
{
    json_t *o = json_object();
    json_set_string(o, "name", m->name);
    json_set_int(o, "threads", m->threads);
    json_object_set_new(o, "gflops", json_pack("[f, f]", m->gflops[0], m->gflops[1]));
    json_object_set_new(o, "gbytes", json_pack("[f, f]", m->gbytes[0], m->gbytes[1]));
    json_object_set_new(o, "full_gbytes",
                        json_pack("[f, f]", m->full_gbytes[0], m->full_gbytes[1]));
    json_object_set_new(o, "cache_gbytes", json_real(m->cache_gbytes));
    json_set_int(o, "cache_bytes", m->cache_bytes);
    json_object_set_new(o, "core_gbytes", json_real(m->core_gbytes));
    json_set_int(o, "core_bytes", m->core_bytes);
    return o;
}

/* The lines of the C that compute it, beside the line of the source. */
static void set_code(json_t *o, const struct report *r, const struct report_row *row)
{
    json_t *list = json_array();
    for (size_t i = 0; i < row->code.n; i++)
        json_array_append_new(
            list, json_ints((int64_t[]){row->code.at[i].first, row->code.at[i].last}, 2));
    json_object_set_new(o, "code", list);
    json_set_string(o, "source", report_source(r, row->span));
}

static json_t *layer(const struct report *r, const struct report_row *row)
{
    json_t *o = json_object(), *inputs = json_array(), *from = json_array();
    json_set_string(o, "name", row->name);
    json_set_string(o, "op", op_info(row->op)->name);
    set_place(o, r, row->span);
    set_window(o, row);
    for (int i = 0; i < row->n_inputs; i++) {
        json_array_append_new(inputs, json_shape(&row->input[i]));
        json_array_append_new(from, json_string(row->from_name[i]));
    }
    json_object_set_new(o, "inputs", inputs);
    json_object_set_new(o, "output", json_shape(&row->output));
    json_object_set_new(o, "from", from);
    json_set_int(o, "device", row->device);
    json_set_figures(o, &row->figures);
    json_object_set_new(o, "field", field(&row->field));
    set_roofline(o, r, row);
    if (row->explained.n)
        json_object_set_new(o, "explain", explain_json(r->arena, row));
    if (r->code)
        set_code(o, r, row);
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
    json_set_figures(o, &r->total);
    json_set_int(o, "input_elements", r->input_elements);
    json_set_int(o, "activations_with_input", r->total.at[FIGURE_activations] + r->input_elements);
    json_set_int(o, "weights_bytes", r->weights_bytes);
    return o;
}

static json_t *scopes(const struct report *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->scopes.n; i++) {
        const struct report_scope *scope = &r->scopes.at[i];
        json_t *o = json_object();
        json_set_string(o, "name", scope->path);
        json_set_string(o, "block", scope->kind);
        json_set_int(o, "count", scope->count);
        json_set_figures(o, &scope->figures);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *operators(const struct report *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->operators.n; i++) {
        json_t *o = json_object();
        json_set_string(o, "op", op_info(r->operators.at[i].op)->name);
        json_set_int(o, "count", r->operators.at[i].count);
        json_set_figures(o, &r->operators.at[i].figures);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *devices(const struct report *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->devices.n; i++) {
        json_t *o = json_object();
        json_set_int(o, "device", r->devices.at[i].device);
        json_set_int(o, "count", r->devices.at[i].count);
        json_set_int(o, "bytes", report_device_bytes(&r->devices.at[i]));
        json_set_int(o, "received_bytes", r->devices.at[i].received_bytes);
        json_set_figures(o, &r->devices.at[i].figures);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *timeline(const struct report_memory *m)
{
    json_t *list = json_array();
    for (size_t i = 0; i < m->timeline.n; i++) {
        json_t *o = json_object();
        json_set_string(o, "name", m->timeline.at[i].name);
        json_set_int(o, "bytes", m->timeline.at[i].bytes);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *founds(const struct report *r)
{
    const struct report_founds all = report_founds(r);
    json_t *list = json_array();
    for (size_t i = 0; i < all.list.n; i++) {
        json_t *o = json_object();
        json_set_string(o, "name", all.list.at[i].name);
        json_set_int(o, "most", all.list.at[i].most);
        json_set_figures(o, &all.list.at[i].figures);
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
        json_set_string(o, "name", b->name);
        json_set_int(o, "offset", b->offset);
        json_set_int(o, "bytes", b->bytes);
        json_set_int(o, "first", b->first);
        json_set_int(o, "last", b->last);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *checkpoints(const struct checkpoints *c)
{
    json_t *list = json_array();
    for (size_t i = 0; i < c->n; i++) {
        json_t *o = json_object();
        json_set_int(o, "keep", c->at[i].keep);
        json_set_int(o, "tensors", c->at[i].points);
        json_set_int(o, "peak_bytes", c->at[i].peak_bytes);
        json_set_int(o, "extra_macs", c->at[i].extra_macs);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *trainer(const struct report_trainer *t)
{
    json_t *o = json_object();
    json_set_string(o, "optimizer", t->optimizer);
    json_set_int(o, "params_bytes", t->params);
    json_set_int(o, "packed_weights_bytes", t->packed);
    json_set_int(o, "states_bytes", t->states);
    json_set_int(o, "gradients_bytes", t->gradients);
    json_set_int(o, "batches_bytes", t->batches);
    json_set_int(o, "arena_bytes", t->arena);
    json_set_int(o, "bytes", t->all);
    json_set_int(o, "keep", t->keep);
    json_set_int(o, "macs_again", t->again);
    return o;
}

static json_t *training(const struct report_training *t)
{
    json_t *o = json_object(), *peak = json_object();
    for (int i = 0; i < N_OPTIMIZERS; i++)
        json_set_int(peak, optimizer_name((enum optimizer)i), t->bytes.peak[i]);
    json_set_int(o, "saved", t->bytes.saved);
    json_set_int(o, "gradients", t->bytes.gradients);
    json_set_int(o, "walk", t->bytes.walk);
    json_set_string(o, "peak_at", t->peak_name);
    json_object_set_new(o, "peak", peak);
    json_object_set_new(o, "lecture", json_ints(t->bytes.lecture, 2));
    json_object_set_new(o, "checkpointing", checkpoints(&t->checkpoints));
    if (t->program.known)
        json_object_set_new(o, "program", trainer(&t->program));
    return o;
}

static json_t *step(const struct report_step *s)
{
    json_t *o = json_object(), *ranks = json_array();
    json_set_int(o, "runs", s->runs);
    json_set_int(o, "pictures", s->pictures);
    json_object_set_new(o, "pack_us", json_real(s->time.pack_us));
    json_object_set_new(o, "run_us", json_real(s->time.run_us));
    json_object_set_new(o, "add_us", json_real(s->time.add_us));
    json_object_set_new(o, "update_us", json_real(s->time.update_us));
    for (size_t i = 0; i < s->ranks.n; i++) {
        const struct report_ranks *at = &s->ranks.at[i];
        json_t *row = json_object();
        json_set_int(row, "ranks", at->ranks);
        json_set_int(row, "runs", at->time.runs);
        json_object_set_new(row, "exchange_us", json_real(at->time.exchange_us));
        json_object_set_new(row, "us", json_real(at->time.us));
        json_array_append_new(ranks, row);
    }
    if (s->link)
        json_set_string(o, "link", s->link->name);
    json_object_set_new(o, "ranks", ranks);
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
    json_set_int(o, "arena_bytes", m->arena_bytes);
    json_set_int(o, "lower_bound_bytes", m->lower_bound_bytes);
    json_set_int(o, "naive_bytes", m->naive_bytes);
    json_set_int(o, "packed_weights_bytes", m->packed_bytes);
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
        json_set_string(o, "expr", b->text);
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
        json_set_string(o, "id", r->warnings.at[i].id);
        set_place(o, r, r->warnings.at[i].span);
        json_set_string(o, "text", r->warnings.at[i].text);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *whole(const struct report *r)
{
    json_t *o = json_object();
    json_set_int(o, "schema", SCHEMA);
    json_set_string(o, "network", r->network);
    json_set_string(o, "file", r->file);
    json_set_int(o, "batch", r->batch);
    json_set_string(o, "dtype", "f32");
    json_set_string(o, "target", r->target);
    json_set_int(o, "threads", r->threads);
    json_object_set_new(o, "inputs", tensors(r->inputs.at, r->inputs.n));
    json_object_set_new(o, "outputs", tensors(r->outputs.at, r->outputs.n));
    json_object_set_new(o, "layers", layers(r));
    if (r->options->explain || r->options->report == FORM_html)
        json_object_set_new(o, "symbols", explain_symbols_json(r));
    json_object_set_new(o, "totals", totals(r));
    json_object_set_new(o, "scopes", scopes(r));
    json_object_set_new(o, "operators", operators(r));
    json_object_set_new(o, "devices", devices(r));
    json_object_set_new(o, "found", founds(r));
    json_object_set_new(o, "memory", memory(r));
    if (r->machine) {
        json_object_set_new(o, "machine", machine(r->machine));
        if (!r->training) {
            json_object_set_new(o, "predicted_us", json_real(r->predicted_us));
            json_object_set_new(o, "roofline_us", json_real(r->roofline_us));
        }
    }
    if (r->step.runs)
        json_object_set_new(o, "step", step(&r->step));
    json_object_set_new(o, "budgets", budgets(r));
    json_object_set_new(o, "warnings", warnings(r));
    if (r->code)
        json_set_string(o, "code", r->code);
    return o;
}

void report_json(struct text *t, const struct report *r)
{
    json_begin();
    json_print(t, whole(r));
}
