#include "queue.h"
#include "../host/packed.h"

#include <stdlib.h>
#include <string.h>

int netrt_queue_check(const struct netrt_program *p)
{
    const struct netrt_model *model = p->model;
    const struct netrt_input *in = &model->inputs[0];
    if (model->n_inputs == 1 && in->tensor.rank == 4 && !netrt_dtype_is_integer(in->dtype))
        return 0;
    return netrt_fail(p->message, "network '%s' has no single input of pictures: use command 'run'",
                      model->name);
}

static int check_crops(const struct netrt_queue *q)
{
    struct netrt_message *m = q->program->message;
    if (q->crops != 1 && q->crops != NETRT_N_CROPS)
        return netrt_misuse(m, "option '--crops' takes 1 or %d", NETRT_N_CROPS);
    if (q->crops > 1 && netrt_crop_step(q->input) < 0)
        return netrt_misuse(m,
                            "option '--crops %ld' moves the last 'center_crop' of the input's "
                            "preprocessing, and input '%s' has none",
                            q->crops, q->input->tensor.name);
    return 0;
}

int netrt_queue_open(struct netrt_queue *q, struct netrt_program *p)
{
    q->program = p;
    q->input = &p->model->inputs[0];
    q->crops = p->options->crops ? p->options->crops : 1;
    int status = check_crops(q);
    if (status)
        return status;
    q->batch = q->input->tensor.dim[0];
    q->shots = calloc((size_t)q->batch, sizeof *q->shots);
    if (!q->shots)
        return netrt_fail(p->message, "out of memory");
    status = netrt_program_open(p);
    return status ? status : netrt_program_buffers(p);
}

static void release_shots(struct netrt_queue *q)
{
    for (long i = 0; i < q->queued; i++)
        netrt_image_release(&q->shots[i].image);
    q->queued = 0;
}

void netrt_queue_close(struct netrt_queue *q)
{
    release_shots(q);
    free(q->shots);
}

const void *netrt_output_row(const struct netrt_program *p, int i, long at, long *n)
{
    const struct netrt_output *o = &p->model->outputs[i];
    *n = netrt_tensor_elements(&o->tensor) / o->tensor.dim[0];
    return (const char *)p->outputs[i] + (size_t)(*n * at) * netrt_dtype_bytes(o->dtype);
}

/* Runs what is queued. */
static int flush(struct netrt_queue *q)
{
    struct netrt_program *p = q->program;
    int status = 0;
    if (q->queued)
        status = netrt_program_run(p, (const float *const *)p->inputs, p->outputs);
    if (!status)
        status = netrt_packed_check(p);
    for (long i = 0; i < q->queued && !status; i++)
        status = q->pictures->take(q->context, &q->shots[i], i);
    release_shots(q);
    return status;
}

/* Prepares one crop in the next place of the batch. The picture stays. */
static int prepare(struct netrt_queue *q, const struct netrt_image *image, enum netrt_crop crop,
                   struct netrt_place *place, struct netrt_message *why)
{
    long n = netrt_tensor_elements(&q->input->tensor) / q->batch;
    struct netrt_image copy = *image;
    int status = netrt_image_copy(&copy, image, why);
    if (status)
        return status;
    return netrt_preprocess(q->input, &copy, crop, q->program->inputs[0] + n * q->queued, place,
                            why);
}

/* A picture that turns out to be unfit; those before it are taken first. Of its own crops what
 * was queued is never complete. */
static int refuse_picture(struct netrt_queue *q, long number, const struct netrt_message *why)
{
    int status = flush(q);
    return status ? status : q->pictures->refuse(q->context, number, why);
}

static int refuse_crop(struct netrt_queue *q, long number, const struct netrt_message *why)
{
    char name[NETRT_PICTURE_NAME];
    struct netrt_message named = {0};
    q->pictures->name(q->context, number, name, sizeof name);
    netrt_fail(&named, "%s: %s", name, why->text);
    return refuse_picture(q, number, &named);
}

/* The last crop takes over the pixels, where they are kept. */
static void push_shot(struct netrt_queue *q, struct netrt_shot shot, struct netrt_image *image)
{
    shot.last = shot.crop + 1 == q->crops;
    shot.image = *image;
    shot.image.pixels = NULL;
    if (q->keep && shot.last) {
        shot.image.pixels = image->pixels;
        image->pixels = NULL;
    }
    q->shots[q->queued++] = shot;
}

/* Queues all crops of a picture. */
static int add_picture(struct netrt_queue *q, long number, struct netrt_image *image)
{
    struct netrt_message why = {0};
    int status = 0;
    for (int crop = 0; crop < q->crops && !status; crop++) {
        struct netrt_shot shot = {.number = number, .crop = crop};
        if (prepare(q, image, (enum netrt_crop)crop, &shot.place, &why))
            return refuse_crop(q, number, &why);
        push_shot(q, shot, image);
        if (q->queued == q->batch)
            status = flush(q);
    }
    return status;
}

int netrt_queue_run(struct netrt_queue *q, long n)
{
    int status = 0;
    for (long i = 0; i < n && !status; i++) {
        struct netrt_image image = {0};
        struct netrt_message why = {0};
        status = q->pictures->read(q->context, i, &image, &why) ? refuse_picture(q, i, &why)
                                                                : add_picture(q, i, &image);
        netrt_image_release(&image);
    }
    return status ? status : flush(q);
}
