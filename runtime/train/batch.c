/* What a run reads: pictures of the data set, in an order, and their labels. */
#include "augment.h"
#include "training.h"
#include "../core/random.h"
#include "../data/pairs.h"
#include "../host/memory.h"
#include "../picture/preprocess.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void netrt_training_shuffle(struct netrt_training *t, long epoch)
{
    const struct netrt_options *o = t->program->options;
    const uint64_t start = netrt_mix(netrt_mix(t->seed) + (uint64_t)epoch);
    for (long i = 0; i < t->data.n; i++)
        t->order[i] = i;
    for (long i = t->data.n - 1; i > 0 && !o->no_shuffle; i--) {
        const long j = (long)(netrt_mix(start + (uint64_t)i) % (uint64_t)(i + 1));
        const long at = t->order[i];
        t->order[i] = t->order[j];
        t->order[j] = at;
    }
}

/* ---- the data ---- */

int netrt_training_data(struct netrt_training *t, struct netrt_dataset *data, const char *path,
                        const char *pictures, enum netrt_split split)
{
    const struct netrt_model *m = t->program->model;
    struct netrt_message *message = t->program->message;
    if (!t->maps && pictures)
        return netrt_misuse(message,
                            "'--pictures' and '--val-pictures' are for labels that are maps: those "
                            "of network '%s' are classes of pictures",
                            m->name);
    if (!t->maps)
        return netrt_dataset_open(data, path, split, m, t->classes, message);
    if (!pictures)
        return netrt_misuse(message,
                            "network '%s' learns from maps of labels, in the folder '%s': "
                            "'--pictures FOLDER' says where those are that it reads",
                            m->name, path);
    return netrt_dataset_maps(data, path, pictures, message);
}

/* ---- a picture, and its label ---- */

/* A sample as it is read. */
struct sample {
    struct netrt_image image, map; /* map: of labels, where it has one */
    struct netrt_place place;      /* of what the network reads, in the picture */
};

/* Reads it, changed by the recipe where `augment` says so. */
static int read_sample(const struct netrt_training *t, const struct netrt_dataset *data,
                       long number, const uint64_t *augment, struct sample *s,
                       struct netrt_message *why)
{
    const struct netrt_recipe *r = &t->recipe;
    const char *map = data->samples[number].map;
    int status = netrt_dataset_read(data, number, &s->image, why);
    if (!status && map)
        status = netrt_pairs_read_labels(&s->map, map, &s->image, t->classes, why);
    if (!status && augment)
        status =
            netrt_augment(r->augment, r->n_augment, *augment, &s->image, map ? &s->map : NULL, why);
    return status;
}

/* Where position i of what the network reads lies, along an axis of the picture. */
static long picture_position(const struct netrt_place *place, int axis, long i)
{
    return (long)floor(((double)i + 0.5) * place->scale[axis] + place->offset[axis]);
}

/* The class of each pixel that the network reads; where there is none, what counts for nothing. */
static void write_map(const struct netrt_training *t, const struct sample *s, float *label)
{
    const long *dim = t->program->model->inputs[t->pictures].tensor.dim;
    for (long i = 0; i < dim[2] * dim[3]; i++) {
        const long y = picture_position(&s->place, 1, i / dim[3]),
                   x = picture_position(&s->place, 0, i % dim[3]);
        const bool inside = y >= 0 && y < s->map.height && x >= 0 && x < s->map.width;
        const int class = inside ? s->map.pixels[y * s->map.width + x] : NETRT_NO_LABEL;
        label[i] = class == NETRT_NO_LABEL ? (float)t->recipe.ignored : (float)class;
    }
}

/* Where a picture goes, and its label, of so many numbers; NULL: there are none. */
struct place_of {
    float *picture, *label;
    long size;
};

static int read_one(const struct netrt_training *t, const struct netrt_dataset *data,
                    const char *source, long number, const uint64_t *augment,
                    const struct place_of *to, struct netrt_message *m)
{
    const struct netrt_sample *from = &data->samples[number];
    struct sample s = {0};
    struct netrt_message why = {0};
    int status = read_sample(t, data, number, augment, &s, &why);
    if (!status)
        status = netrt_preprocess(&t->program->model->inputs[t->pictures], &s.image,
                                  NETRT_CROP_CENTER, to->picture, &s.place, &why);
    if (!status && to->label && from->map)
        write_map(t, &s, to->label);
    else if (!status && to->label)
        netrt_label_write(to->label, to->size, from->label);
    netrt_image_release(&s.image);
    netrt_image_release(&s.map);
    return status ? netrt_fail(m, "picture %ld of '%s'%s%s: %s", number, source,
                               from->path ? ", " : "", from->path ? from->path : "", why.text)
                  : 0;
}

int netrt_training_read(const struct netrt_training *t, const struct netrt_dataset *data,
                        const char *source, long number, float *to, float *label, long size)
{
    return read_one(t, data, source, number, NULL, &(struct place_of){to, label, size},
                    t->program->message);
}

/* ---- a run's pictures, ahead of it ---- */

static long picture_elements(const struct netrt_training *t)
{
    return netrt_tensor_elements(&t->program->model->inputs[t->pictures].tensor);
}

static long label_elements(const struct netrt_training *t)
{
    return t->batch * netrt_label_size(t->program->model, &t->roles);
}

/* Mixes the pictures of a run, where the recipe says so. */
static int mix_run(struct netrt_loader *l)
{
    const struct netrt_training *t = l->training;
    const struct netrt_recipe *r = &t->recipe;
    const long *dim = t->program->model->inputs[t->pictures].tensor.dim;
    const struct netrt_batch run = {.n = dim[0],
                                    .channels = dim[1],
                                    .height = dim[2],
                                    .width = dim[3],
                                    .classes = label_elements(t) / dim[0],
                                    .data = l->pictures,
                                    .labels = l->labels};
    const long number = t->at.epoch * (t->data.n / t->batch) + l->run;
    const uint64_t key = netrt_mix(netrt_mix(t->seed + 2) + (uint64_t)number);
    return netrt_augment_batch(r->augment, r->n_augment, key, &run, &l->message);
}

/* What the loader's thread does: the pictures of run `run`, and their labels. */
static void *load(void *argument)
{
    struct netrt_loader *l = argument;
    const struct netrt_training *t = l->training;
    const long size = picture_elements(t) / t->batch;
    const long label = label_elements(t) / t->batch;
    l->status = 0;
    for (long i = 0; i < t->batch && !l->status; i++) {
        const long at = l->run * t->batch + i, number = t->order[at];
        const uint64_t key =
            netrt_mix(netrt_mix(t->seed + 1) + (uint64_t)(t->at.epoch * t->data.n + at));
        const struct place_of to = {l->pictures + i * size, l->labels + i * label, label};
        l->status =
            read_one(t, &t->data, t->program->options->data, number, &key, &to, &l->message);
    }
    if (!l->status)
        l->status = mix_run(l);
    return NULL;
}

int netrt_loader_open(struct netrt_training *t)
{
    struct netrt_loader *l = &t->loader;
    l->training = t;
    l->pictures = netrt_memory_new((size_t)picture_elements(t) * sizeof(float));
    l->labels = calloc((size_t)label_elements(t), sizeof *l->labels);
    return l->pictures && l->labels ? 0 : netrt_fail(t->program->message, "out of memory");
}

static void wait_for(struct netrt_loader *l)
{
    if (l->running)
        pthread_join(l->thread, NULL);
    l->running = false;
}

void netrt_loader_stop(struct netrt_loader *l)
{
    wait_for(l);
    l->ready = false;
}

void netrt_loader_close(struct netrt_training *t)
{
    wait_for(&t->loader);
    netrt_memory_free(t->loader.pictures, (size_t)picture_elements(t) * sizeof(float));
    free(t->loader.labels);
}

/* Begins a run's pictures: in a thread, or here where the system gives none. */
static void begin(struct netrt_loader *l, long run)
{
    l->run = run;
    l->ready = true;
    l->running = !pthread_create(&l->thread, NULL, load, l);
    if (!l->running)
        load(l);
}

/* Run i of a step is that of rank i, modulo their number. */
static long next_run(const struct netrt_training *t, long run)
{
    const long runs = t->recipe.accumulate, next = run % runs + t->group->size;
    return next < runs ? run + t->group->size : (run / runs + 1) * runs + t->group->rank;
}

int netrt_training_fill(struct netrt_training *t, long run)
{
    struct netrt_program *p = t->program;
    struct netrt_loader *l = &t->loader;
    if (!l->ready)
        begin(l, run);
    wait_for(l);
    l->ready = false;
    if (l->status)
        return netrt_fail(p->message, "%s", l->message.text);
    float *const spare = p->inputs[t->pictures];
    p->inputs[t->pictures] = l->pictures;
    l->pictures = spare;
    if (t->roles.labels >= 0)
        memcpy(p->inputs[t->roles.labels], l->labels,
               (size_t)label_elements(t) * sizeof *l->labels);
    const long next = next_run(t, run);
    if (next < t->steps_an_epoch * t->recipe.accumulate)
        begin(l, next);
    return 0;
}
