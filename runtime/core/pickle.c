#include "pickle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUFFER_BYTES = 4096,
    MOST_STEPS = 1 << 21, /* bounds the memory of values, whatever a pickle repeats */
    MOST_LINE = 256
};

enum pickle_argument {
    ARGUMENT_NONE,
    ARGUMENT_U1,
    ARGUMENT_U2,
    ARGUMENT_S4,
    ARGUMENT_U4,
    ARGUMENT_U8,
    ARGUMENT_LONG1,
    ARGUMENT_REAL,
    ARGUMENT_TEXT1,
    ARGUMENT_TEXT4,
    ARGUMENT_TEXT8,
    ARGUMENT_LINES
};

struct machine {
    struct netrt_checkpoint *checkpoint;
    struct checkpoint_error *error;
    int file;
    uint64_t at, end; /* of the file, behind what is in the buffer */
    unsigned char buffer[BUFFER_BYTES];
    size_t next, filled; /* in the buffer */
    struct pickle_items stack, memo, storages;
    struct pickle_value argument;            /* of the opcode: a number or a text */
    char module[MOST_LINE], name[MOST_LINE]; /* LINES */
    bool stopped;
};

struct pickle_global {
    const char *module, *name;
    int (*call)(struct machine *, const struct pickle_items *arguments, struct pickle_value *);
};

static int damaged(struct machine *m)
{
    return checkpoint_fail(m->error, "'%s' holds a pickle that is cut short or damaged",
                           m->checkpoint->files[m->file].path);
}

/* ---- values ---- */

static int push_item(struct machine *m, struct pickle_items *items, struct pickle_value value)
{
    if (items->n == items->capacity) {
        size_t capacity = items->capacity ? 2 * items->capacity : 4;
        struct pickle_value *grown =
            checkpoint_keep(m->checkpoint, capacity * sizeof *grown, m->error);
        if (!grown)
            return -1;
        if (items->n)
            memcpy(grown, items->at, items->n * sizeof *grown);
        items->at = grown;
        items->capacity = capacity;
    }
    items->at[items->n++] = value;
    return 0;
}

static int push(struct machine *m, struct pickle_value value)
{
    return push_item(m, &m->stack, value);
}

static int push_items(struct machine *m, enum pickle_kind kind)
{
    struct pickle_items *items = checkpoint_keep(m->checkpoint, sizeof *items, m->error);
    return items ? push(m, (struct pickle_value){kind, .items = items}) : -1;
}

static struct pickle_value *top(struct machine *m)
{
    struct pickle_value *value = m->stack.n ? &m->stack.at[m->stack.n - 1] : NULL;
    return value && value->kind != PICKLE_mark ? value : NULL;
}

/* Index of the first of the last `n` values, all above the last mark; SIZE_MAX: there are none. */
static size_t above(const struct machine *m, size_t n)
{
    if (m->stack.n < n)
        return SIZE_MAX;
    for (size_t i = m->stack.n - n; i < m->stack.n; i++)
        if (m->stack.at[i].kind == PICKLE_mark)
            return SIZE_MAX;
    return m->stack.n - n;
}

/* Index of the last mark; SIZE_MAX: there is none. */
static size_t last_mark(const struct machine *m)
{
    size_t i = m->stack.n;
    while (i && m->stack.at[i - 1].kind != PICKLE_mark)
        i--;
    return i ? i - 1 : SIZE_MAX;
}

/* ---- what may be imported ---- */

static int make_dict(struct machine *m, const struct pickle_items *arguments,
                     struct pickle_value *result)
{
    struct pickle_items *dict = checkpoint_keep(m->checkpoint, sizeof *dict, m->error);
    if (!dict)
        return -1;
    *result = (struct pickle_value){PICKLE_dict, .items = dict};
    if (!arguments->n)
        return 0;
    /* Python 2 writes the items as a list of pairs */
    const struct pickle_value *pairs = arguments->at;
    for (size_t i = 0; pairs->kind == PICKLE_list && i < pairs->items->n; i++) {
        const struct pickle_value *pair = &pairs->items->at[i];
        if (pair->kind != PICKLE_list || pair->items->n != 2)
            return damaged(m);
        if (push_item(m, dict, pair->items->at[0]) || push_item(m, dict, pair->items->at[1]))
            return -1;
    }
    return 0;
}

static int take_numbers(const struct pickle_value *list, uint64_t *numbers, int *n)
{
    if (list->kind != PICKLE_list || list->items->n > CHECKPOINT_MAX_RANK)
        return -1;
    *n = (int)list->items->n;
    for (int i = 0; i < *n; i++) {
        const struct pickle_value *value = &list->items->at[i];
        if (value->kind != PICKLE_number || value->number < 0)
            return -1;
        numbers[i] = (uint64_t)value->number;
    }
    return 0;
}

/* Of (storage, offset, shape, strides, ...). */
static int make_tensor(struct machine *m, const struct pickle_items *arguments,
                       struct pickle_value *result)
{
    const struct pickle_value *a = arguments->at;
    struct pickle_tensor *t = checkpoint_keep(m->checkpoint, sizeof *t, m->error);
    int strides = 0;
    if (!t)
        return -1;
    if (arguments->n < 4 || a[0].kind != PICKLE_storage || a[1].kind != PICKLE_number ||
        a[1].number < 0 || take_numbers(&a[2], t->tensor.dim, &t->tensor.rank) ||
        take_numbers(&a[3], t->tensor.stride, &strides) || strides != t->tensor.rank)
        return damaged(m);
    t->storage = a[0].storage;
    t->tensor.type = t->storage->type;
    if (__builtin_add_overflow((uint64_t)a[1].number, t->storage->first, &t->offset))
        return damaged(m);
    *result = (struct pickle_value){PICKLE_tensor, .tensor = t};
    return 0;
}

/* A parameter is its first argument, a tensor. */
static int make_parameter(struct machine *m, const struct pickle_items *arguments,
                          struct pickle_value *result)
{
    if (!arguments->n || arguments->at[0].kind != PICKLE_tensor)
        return damaged(m);
    *result = arguments->at[0];
    return 0;
}

static int make_other(struct machine *m, const struct pickle_items *arguments,
                      struct pickle_value *result)
{
    (void)m;
    (void)arguments;
    *result = (struct pickle_value){.kind = PICKLE_other};
    return 0;
}

static const struct pickle_global globals[] = {
#define PICKLE_GLOBAL(module, name, call) {module, name, call},
#include "pickle_globals.def"
};

static int push_global(struct machine *m)
{
    const struct checkpoint_type *type =
        strcmp(m->module, "torch") ? NULL : checkpoint_type(CHECKPOINT_TORCH, m->name);
    if (type)
        return push(m, (struct pickle_value){PICKLE_type, .type = type});
    for (size_t i = 0; i < sizeof globals / sizeof *globals; i++)
        if (!strcmp(m->module, globals[i].module) && !strcmp(m->name, globals[i].name))
            return push(m, (struct pickle_value){PICKLE_global, .global = &globals[i]});
    return checkpoint_fail(m->error,
                           "'%s' is refused: its pickle imports '%.80s.%.80s', and only tensors "
                           "and what contains them are read; save the model's state_dict()",
                           m->checkpoint->files[m->file].path, m->module, m->name);
}

/* ---- opcodes ---- */

static int op_nothing(struct machine *m)
{
    (void)m;
    return 0;
}

static int op_stop(struct machine *m)
{
    m->stopped = true;
    return top(m) ? 0 : damaged(m);
}

static int op_mark(struct machine *m)
{
    return push(m, (struct pickle_value){.kind = PICKLE_mark});
}

static int op_other(struct machine *m)
{
    return push(m, (struct pickle_value){.kind = PICKLE_other});
}

static int op_true(struct machine *m)
{
    return push(m, (struct pickle_value){PICKLE_number, .number = 1});
}

static int op_number(struct machine *m)
{
    return push(m, m->argument);
}

static int op_text(struct machine *m)
{
    return push(m, m->argument);
}

static int op_empty_tuple(struct machine *m)
{
    return push_items(m, PICKLE_list);
}

static int op_empty_list(struct machine *m)
{
    return push_items(m, PICKLE_list);
}

static int op_empty_dict(struct machine *m)
{
    return push_items(m, PICKLE_dict);
}

/* The values from `first` on become a tuple, in the place of what stands from `bottom` on. */
static int make_tuple(struct machine *m, size_t bottom, size_t first)
{
    struct pickle_items *items = checkpoint_keep(m->checkpoint, sizeof *items, m->error);
    if (!items)
        return -1;
    for (size_t i = first; i < m->stack.n; i++)
        if (push_item(m, items, m->stack.at[i]))
            return -1;
    m->stack.n = bottom;
    return push(m, (struct pickle_value){PICKLE_list, .items = items});
}

static int op_tuple(struct machine *m)
{
    size_t mark = last_mark(m);
    return mark == SIZE_MAX ? damaged(m) : make_tuple(m, mark, mark + 1);
}

static int make_short_tuple(struct machine *m, size_t n)
{
    size_t first = above(m, n);
    return first == SIZE_MAX ? damaged(m) : make_tuple(m, first, first);
}

static int op_tuple1(struct machine *m)
{
    return make_short_tuple(m, 1);
}

static int op_tuple2(struct machine *m)
{
    return make_short_tuple(m, 2);
}

static int op_tuple3(struct machine *m)
{
    return make_short_tuple(m, 3);
}

/* Moves the values from `first` on into the container below `bottom`, where the stack then ends. */
static int extend(struct machine *m, enum pickle_kind kind, size_t bottom, size_t first)
{
    if (bottom == SIZE_MAX || !bottom)
        return damaged(m);
    struct pickle_value *container = &m->stack.at[bottom - 1];
    if (container->kind != kind || (kind == PICKLE_dict && (m->stack.n - first) % 2))
        return damaged(m);
    for (size_t i = first; i < m->stack.n; i++)
        if (push_item(m, container->items, m->stack.at[i]))
            return -1;
    m->stack.n = bottom;
    return 0;
}

static int op_append(struct machine *m)
{
    size_t first = above(m, 1);
    return extend(m, PICKLE_list, first, first);
}

static int op_appends(struct machine *m)
{
    size_t mark = last_mark(m);
    return extend(m, PICKLE_list, mark, mark + 1);
}

static int op_setitem(struct machine *m)
{
    size_t first = above(m, 2);
    return extend(m, PICKLE_dict, first, first);
}

static int op_setitems(struct machine *m)
{
    size_t mark = last_mark(m);
    return extend(m, PICKLE_dict, mark, mark + 1);
}

static int op_global(struct machine *m)
{
    return push_global(m);
}

static int op_stack_global(struct machine *m)
{
    size_t first = above(m, 2);
    if (first == SIZE_MAX)
        return damaged(m);
    const struct pickle_value *v = &m->stack.at[first];
    if (v[0].kind != PICKLE_text || v[1].kind != PICKLE_text)
        return damaged(m);
    snprintf(m->module, MOST_LINE, "%s", v[0].text);
    snprintf(m->name, MOST_LINE, "%s", v[1].text);
    m->stack.n = first;
    return push_global(m);
}

static int op_reduce(struct machine *m)
{
    size_t first = above(m, 2);
    if (first == SIZE_MAX)
        return damaged(m);
    const struct pickle_value *v = &m->stack.at[first];
    struct pickle_value result;
    if (v[0].kind != PICKLE_global || v[1].kind != PICKLE_list)
        return damaged(m);
    if (v[0].global->call(m, v[1].items, &result))
        return -1;
    m->stack.n = first;
    return push(m, result);
}

/* The state of an object, which no tensor of a state_dict hangs on, is left out. */
static int op_build(struct machine *m)
{
    size_t first = above(m, 2);
    if (first == SIZE_MAX)
        return damaged(m);
    m->stack.n--;
    return 0;
}

/* Of ('storage', class, key, device, elements, [view]); view: (key, offset, elements) or None. */
static int op_storage(struct machine *m)
{
    struct pickle_value *v = top(m);
    struct pickle_storage *s = checkpoint_keep(m->checkpoint, sizeof *s, m->error);
    if (!s)
        return -1;
    if (!v || v->kind != PICKLE_list || v->items->n < 5)
        return damaged(m);
    const struct pickle_value *a = v->items->at;
    if (a[0].kind != PICKLE_text || strcmp(a[0].text, "storage") != 0 || a[1].kind != PICKLE_type ||
        a[2].kind != PICKLE_text || a[4].kind != PICKLE_number || a[4].number < 0)
        return damaged(m);
    *s = (struct pickle_storage){
        .key = a[2].text, .type = a[1].type, .elements = (uint64_t)a[4].number};
    if (v->items->n > 5 && a[5].kind == PICKLE_list) {
        const struct pickle_items *view = a[5].items;
        if (view->n != 3 || view->at[1].kind != PICKLE_number || view->at[1].number < 0)
            return damaged(m);
        s->first = (uint64_t)view->at[1].number;
    }
    *v = (struct pickle_value){PICKLE_storage, .storage = s};
    return push_item(m, &m->storages, *v);
}

static int op_get(struct machine *m)
{
    if ((uint64_t)m->argument.number >= m->memo.n)
        return damaged(m);
    return push(m, m->memo.at[m->argument.number]);
}

/* Numbers of the memo follow each other; Python 2 begins with 1. */
static int op_put(struct machine *m)
{
    const struct pickle_value *value = top(m);
    size_t index = (size_t)m->argument.number;
    if (!value || index > m->memo.n + 1)
        return damaged(m);
    while (m->memo.n <= index)
        if (push_item(m, &m->memo, *value))
            return -1;
    m->memo.at[index] = *value;
    return 0;
}

static int op_memoize(struct machine *m)
{
    m->argument.number = (int64_t)m->memo.n;
    return op_put(m);
}

struct pickle_op {
    enum pickle_argument argument;
    int (*run)(struct machine *);
};

static const struct pickle_op ops[256] = {
#define PICKLE_OP(byte, name, argument, function) [byte] = {ARGUMENT_##argument, function},
#include "pickle_ops.def"
};

/* ---- the stream ---- */

static int take_bytes(struct machine *m, void *to, size_t n)
{
    for (size_t done = 0; done < n;) {
        if (m->next == m->filled) {
            uint64_t left = m->end - m->at;
            m->filled = left < BUFFER_BYTES ? (size_t)left : BUFFER_BYTES;
            m->next = 0;
            if (!m->filled)
                return damaged(m);
            if (checkpoint_read_at(m->checkpoint, m->file, m->at, m->buffer, m->filled, m->error))
                return -1;
            m->at += m->filled;
        }
        size_t piece = m->filled - m->next < n - done ? m->filled - m->next : n - done;
        memcpy((char *)to + done, m->buffer + m->next, piece);
        m->next += piece;
        done += piece;
    }
    return 0;
}

/* A little-endian number of up to eight bytes. */
static int take_number(struct machine *m, size_t bytes, uint64_t *number)
{
    unsigned char at[8];
    *number = 0;
    if (take_bytes(m, at, bytes))
        return -1;
    for (size_t i = bytes; i-- > 0;)
        *number = *number << 8 | at[i];
    return 0;
}

/* A text after its length; one with a zero inside is no name of anything, so it ends there. */
static int take_text(struct machine *m, size_t length_bytes)
{
    uint64_t n, left = m->end - m->at + (m->filled - m->next);
    if (take_number(m, length_bytes, &n))
        return -1;
    if (n > left)
        return damaged(m);
    char *text = checkpoint_keep(m->checkpoint, (size_t)n + 1, m->error);
    m->argument = (struct pickle_value){PICKLE_text, .text = text};
    return text ? take_bytes(m, text, (size_t)n) : -1;
}

static int take_line(struct machine *m, char *line)
{
    for (size_t i = 0; i < MOST_LINE; i++) {
        if (take_bytes(m, &line[i], 1))
            return -1;
        if (line[i] == '\n') {
            line[i] = 0;
            return 0;
        }
    }
    return damaged(m);
}

/* A signed number of any length; one of over eight bytes is of no use here. */
static int take_long(struct machine *m)
{
    unsigned char length, bytes[255];
    int64_t number = 0;
    if (take_bytes(m, &length, 1) || take_bytes(m, bytes, length))
        return -1;
    if (length > 8) {
        m->argument = (struct pickle_value){.kind = PICKLE_other};
        return 0;
    }
    uint64_t bits = length && bytes[length - 1] & 128 ? UINT64_MAX : 0;
    for (int i = length - 1; i >= 0; i--)
        bits = bits << 8 | bytes[i];
    memcpy(&number, &bits, sizeof number);
    m->argument = (struct pickle_value){PICKLE_number, .number = number};
    return 0;
}

static int take_unsigned(struct machine *m, size_t bytes)
{
    uint64_t number;
    if (take_number(m, bytes, &number))
        return -1;
    m->argument = (struct pickle_value){PICKLE_number, .number = (int64_t)number};
    return 0;
}

static int take_signed(struct machine *m)
{
    uint64_t number;
    if (take_number(m, 4, &number))
        return -1;
    m->argument = (struct pickle_value){PICKLE_number, .number = (int32_t)(uint32_t)number};
    return 0;
}

static int take_argument(struct machine *m, enum pickle_argument argument)
{
    m->argument = (struct pickle_value){.kind = PICKLE_number};
    switch (argument) {
    case ARGUMENT_NONE:
        return 0;
    case ARGUMENT_U1:
        return take_unsigned(m, 1);
    case ARGUMENT_U2:
        return take_unsigned(m, 2);
    case ARGUMENT_S4:
        return take_signed(m);
    case ARGUMENT_U4:
        return take_unsigned(m, 4);
    case ARGUMENT_U8:
    case ARGUMENT_REAL:
        return take_unsigned(m, 8);
    case ARGUMENT_LONG1:
        return take_long(m);
    case ARGUMENT_TEXT1:
        return take_text(m, 1);
    case ARGUMENT_TEXT4:
        return take_text(m, 4);
    case ARGUMENT_TEXT8:
        return take_text(m, 8);
    case ARGUMENT_LINES:
        return take_line(m, m->module) || take_line(m, m->name) ? -1 : 0;
    }
    return 0;
}

static int step(struct machine *m)
{
    unsigned char byte;
    if (take_bytes(m, &byte, 1))
        return -1;
    const struct pickle_op *op = &ops[byte];
    if (!op->run)
        return checkpoint_fail(m->error,
                               "'%s' holds a pickle with opcode 0x%02x, which no tensor needs; "
                               "save the model's state_dict()",
                               m->checkpoint->files[m->file].path, byte);
    return take_argument(m, op->argument) ? -1 : op->run(m);
}

static int run(struct machine *m)
{
    for (long i = 0; i < MOST_STEPS; i++) {
        if (step(m))
            return -1;
        if (m->stopped)
            return 0;
    }
    return checkpoint_fail(m->error, "'%s' holds a pickle of more than %d steps",
                           m->checkpoint->files[m->file].path, MOST_STEPS);
}

int pickle_read(struct netrt_checkpoint *c, int file, uint64_t *at, uint64_t end,
                struct pickle_result *result, struct checkpoint_error *error)
{
    struct machine *m = calloc(1, sizeof *m);
    if (!m)
        return checkpoint_fail(error, "out of memory");
    m->checkpoint = c;
    m->error = error;
    m->file = file;
    m->at = *at;
    m->end = end;
    int status = run(m);
    if (!status) {
        *result = (struct pickle_result){*top(m), m->storages};
        *at = m->at - (m->filled - m->next);
    }
    free(m);
    return status;
}

const struct pickle_value *pickle_get(const struct pickle_value *dict, const char *key)
{
    const struct pickle_items *items = dict->kind == PICKLE_dict ? dict->items : NULL;
    for (size_t i = 0; items && i + 1 < items->n; i += 2)
        if (items->at[i].kind == PICKLE_text && !strcmp(items->at[i].text, key))
            return &items->at[i + 1];
    return NULL;
}
