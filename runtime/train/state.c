/*
 * What training goes on from, as a safetensors file: `weights.NAME`, the parameters;
 * `optimizer.NAME`, what the optimizer keeps of each, [states, elements]; `average.NAME`; and
 * `numbers`, [n, 4], whose rows are 16 bits each of an integer, the least first, so that floats
 * hold them. The order of pictures, and all that is drawn, follow from seed and step.
 */
#include "training.h"
#include "tensor_file.h"
#include "../core/checkpoint.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 4 };

/* The first numbers: those of another run must be these. */
static const char *const same[] = {"seed", "batch", "runs of a step", "steps of an epoch",
                                   "optimizer"};
/* The others. */
enum {
    N_SAME = sizeof same / sizeof *same,
    STEP = N_SAME,
    LOSS,
    BATCHES,
    RIGHT,
    SEEN,
    BEST,
    ALL,
    NUMBERS
};
static const int counts[] = {STEP, BATCHES, RIGHT, SEEN, ALL};

struct state {
    struct netrt_named_tensor *list;
    struct netrt_tensor *tensors; /* of the list; names are from malloc */
    float **data;                 /* the same memory as the list's */
    int n, room;
    float numbers[NUMBERS * PARTS];
    bool good;
};

/* ---- the list ---- */

static void add(struct state *s, const char *kind, const char *name, struct netrt_tensor shape,
                float *data)
{
    const size_t size = strlen(kind) + strlen(name) + 2;
    char *text = data ? malloc(size) : NULL;
    if (!data)
        return;
    s->good = s->good && text;
    if (!s->good) {
        free(text);
        return;
    }
    snprintf(text, size, "%s%s%s", kind, *kind ? "." : "", name);
    shape.name = text;
    s->tensors[s->n] = shape;
    s->data[s->n] = data;
    s->list[s->n] = (struct netrt_named_tensor){&s->tensors[s->n], data};
    s->n++;
}

static void state_open(struct state *s, struct netrt_training *t)
{
    const struct netrt_model *m = t->program->model;
    const long states = netrt_optimizer_states(t->recipe.optimizer.kind);
    const size_t room = 3 * (size_t)m->n_params + 1;
    *s = (struct state){.list = calloc(room, sizeof *s->list),
                        .tensors = calloc(room, sizeof *s->tensors),
                        .data = calloc(room, sizeof *s->data)};
    s->good = s->list && s->tensors && s->data;
    for (int i = 0; i < m->n_params; i++) {
        const struct netrt_tensor *p = &m->params[i];
        const struct netrt_tensor kept = {.rank = 2, .dim = {states, netrt_tensor_elements(p)}};
        add(s, "weights", p->name, *p, t->parameters.data[i]);
        add(s, "optimizer", p->name, kept, t->states[i]);
        add(s, "average", p->name, *p, t->averaged ? t->averaged[i] : NULL);
    }
    add(s, "", "numbers", (struct netrt_tensor){.rank = 2, .dim = {NUMBERS, PARTS}}, s->numbers);
}

static void state_release(struct state *s)
{
    for (int i = 0; i < s->n; i++)
        free((char *)s->tensors[i].name);
    free(s->list);
    free(s->tensors);
    free(s->data);
}

/* ---- numbers ---- */

static void put_number(struct state *s, int i, uint64_t number)
{
    for (int k = 0; k < PARTS; k++)
        s->numbers[i * PARTS + k] = (float)(number >> 16 * k & 0xffff);
}

/* Only of numbers that are_sound(). */
static uint64_t number_at(const struct state *s, int i)
{
    uint64_t number = 0;
    for (int k = 0; k < PARTS; k++)
        number |= (uint64_t)s->numbers[i * PARTS + k] << 16 * k;
    return number;
}

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Whether a file's numbers are some that a training writes: whole, of 16 bits a part. */
static bool are_sound(const struct state *s)
{
    for (int i = 0; i < NUMBERS * PARTS; i++) {
        const float part = s->numbers[i];
        if (!(part >= 0 && part <= 0xffff && part == (float)(uint16_t)part))
            return false;
    }
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (number_at(s, counts[i]) > LONG_MAX / 2) /* there is room to go on counting */
            return false;
    return isfinite(double_of(number_at(s, LOSS))) && !isnan(double_of(number_at(s, BEST)));
}

static void own_numbers(const struct netrt_training *t, uint64_t numbers[NUMBERS])
{
    const uint64_t all[NUMBERS] = {t->seed,
                                   (uint64_t)t->batch,
                                   (uint64_t)t->recipe.accumulate,
                                   (uint64_t)t->steps_an_epoch,
                                   (uint64_t)t->recipe.optimizer.kind,
                                   [STEP] = (uint64_t)t->at.step,
                                   [LOSS] = bits_of(t->sums.loss),
                                   [BATCHES] = (uint64_t)t->sums.batches,
                                   [RIGHT] = (uint64_t)t->sums.answers.right,
                                   [SEEN] = (uint64_t)t->sums.seen,
                                   [BEST] = bits_of(t->best),
                                   [ALL] = (uint64_t)t->sums.answers.all};
    memcpy(numbers, all, sizeof all);
}

static int take_numbers(struct netrt_training *t, const struct state *s)
{
    uint64_t own[NUMBERS];
    const char *path = t->program->options->resume;
    if (!are_sound(s))
        return netrt_fail(t->program->message,
                          "'%s' is damaged: its numbers are none that a training writes", path);
    t->seed = t->seed ? t->seed : number_at(s, 0);
    own_numbers(t, own);
    for (int i = 0; i < N_SAME; i++)
        if (number_at(s, i) != own[i])
            return netrt_fail(
                t->program->message, "'%s' is of a training with another %s: %llu, not %llu", path,
                same[i], (unsigned long long)number_at(s, i), (unsigned long long)own[i]);
    t->at.step = (long)number_at(s, STEP);
    t->at.epoch = t->at.step / t->steps_an_epoch;
    t->sums = (struct netrt_sums){
        .loss = double_of(number_at(s, LOSS)),
        .batches = (long)number_at(s, BATCHES),
        .seen = (long)number_at(s, SEEN),
        .answers = {.right = (long)number_at(s, RIGHT), .all = (long)number_at(s, ALL)}};
    t->best = double_of(number_at(s, BEST));
    return 0;
}

/* ---- the file ---- */

char *netrt_training_state_path(const struct netrt_training *t)
{
    const char *path = t->program->options->outputs.text[0];
    const size_t size = strlen(path) + sizeof ".state";
    char *text = malloc(size);
    if (text)
        snprintf(text, size, "%s.state", path);
    return text;
}

int netrt_training_save(struct netrt_training *t)
{
    struct state s;
    char *path = netrt_training_state_path(t);
    uint64_t numbers[NUMBERS];
    state_open(&s, t);
    own_numbers(t, numbers);
    for (int i = 0; i < NUMBERS; i++)
        put_number(&s, i, numbers[i]);
    const int status = path && s.good
                           ? netrt_tensor_file_write(path, s.list, s.n, t->program->message)
                           : netrt_fail(t->program->message, "out of memory");
    state_release(&s);
    free(path);
    return status;
}

/* Whether a file that is no state has the network's parameters; then nothing else is said of it. */
static bool is_checkpoint(struct netrt_training *t, struct netrt_checkpoint *file)
{
    char *details = NULL;
    const bool is = netrt_checkpoint_fit(file, t->program->model, NULL, &details) == 0;
    free(details);
    if (is) {
        free(t->program->message->details);
        t->program->message->details = NULL;
    }
    return is;
}

/* The file has just these tensors: it is one that this program, or one like it, wrote. */
static int read_state(struct netrt_training *t, struct state *s, struct netrt_checkpoint *file)
{
    struct netrt_message *m = t->program->message;
    const struct netrt_model like = {
        .name = t->program->model->name, .n_params = s->n, .params = s->tensors};
    struct netrt_checkpoint_source source;
    char error[512];
    if (netrt_checkpoint_fit(file, &like, NULL, &m->details) && is_checkpoint(t, file))
        return netrt_fail(m,
                          "'%s' is a checkpoint, and no state of a training: --resume takes the "
                          "'.state' that stands beside it, --init begins with a checkpoint",
                          t->program->options->resume);
    if (m->details)
        return netrt_fail(m,
                          "'%s' is no state of a training of network '%s' by optimizer and "
                          "averages as these",
                          t->program->options->resume, like.name);
    netrt_checkpoint_source_init(&source, file);
    for (int i = 0; i < s->n; i++)
        if (source.source.load(&source.source, &s->tensors[i], i, 0,
                               netrt_tensor_elements(&s->tensors[i]), s->data[i], error,
                               sizeof error))
            return netrt_fail(m, "%s", error);
    return take_numbers(t, s);
}

int netrt_training_resume(struct netrt_training *t)
{
    struct state s;
    char error[512];
    struct netrt_checkpoint *file =
        netrt_checkpoint_open(t->program->options->resume, NULL, error, sizeof error);
    if (!file)
        return netrt_fail(t->program->message, "%s", error);
    state_open(&s, t);
    const int status =
        s.good ? read_state(t, &s, file) : netrt_fail(t->program->message, "out of memory");
    state_release(&s);
    netrt_checkpoint_close(file);
    return status;
}
