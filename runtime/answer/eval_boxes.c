/* Evaluation of outputs of boxes: average precision, of each class and of all. */
#include "evaluation.h"
#include "precision.h"

#include <stdlib.h>

struct state {
    struct netrt_annotations data;
    struct netrt_precision precision;
};

/* Says of categories that the network has no class for: nothing is found of them. */
static void mention_unknown(const struct netrt_eval *e, const struct netrt_annotations *d)
{
    struct netrt_message m = {0};
    const char *first = NULL;
    long n = 0;
    for (long i = 0; i < d->n_categories; i++)
        if (d->categories[i].class < 0) {
            first = first ? first : d->categories[i].name;
            n++;
        }
    if (!n)
        return;
    char more[64] = "is";
    if (n > 1)
        snprintf(more, sizeof more, "and %ld more are", n - 1);
    netrt_fail(&m, "'%s' %s no class of '%s': nothing is found of what is", first, more,
               e->program->model->name);
    netrt_program_say(e->program, "warning", &m);
}

static int open_boxes(struct netrt_eval *e, struct netrt_message *m)
{
    struct state *s = e->state = calloc(1, sizeof *s);
    if (!s)
        return netrt_fail(m, "out of memory");
    const struct netrt_program *p = e->program;
    int status = netrt_annotations_open(&s->data, p->options->data, p->options->pictures,
                                        p->readers->annotations, m);
    if (!status)
        status = netrt_annotations_match(&s->data, p->model, e->finding.output->background, m);
    if (!status)
        status = netrt_precision_open(&s->precision, s->data.n_categories, m);
    if (!status)
        mention_unknown(e, &s->data);
    e->n = s->data.n;
    return status;
}

static void release_boxes(struct netrt_eval *e)
{
    struct state *s = e->state;
    netrt_annotations_release(&s->data);
    netrt_precision_release(&s->precision);
    free(s);
}

static bool has_size(const struct netrt_image *image, const struct netrt_annotated *of)
{
    return (!of->width || image->width == of->width) &&
           (!of->height || image->height == of->height);
}

/* A picture is turned upright where the annotations are of the upright one: their sizes say so. */
static int read_annotated(const struct netrt_eval *e, long number, struct netrt_image *image,
                          struct netrt_message *m)
{
    const struct state *s = e->state;
    const struct netrt_annotated *of = &s->data.pictures[number];
    int status = netrt_image_read(image, of->path, m);
    if (!status && !has_size(image, of))
        status = netrt_image_turn(image, m);
    if (status || has_size(image, of))
        return status;
    return netrt_fail(m, "picture '%s' has %ld x %ld pixels, and its annotations are of %ld x %ld",
                      of->path, image->width, image->height, of->width, of->height);
}

static void name_annotated(const struct netrt_eval *e, long number, char *text, size_t size)
{
    const struct state *s = e->state;
    snprintf(text, size, "picture '%s'", s->data.pictures[number].path);
}

static int judge_boxes(struct netrt_eval *e, const struct netrt_shot *shot, struct netrt_message *m)
{
    struct state *s = e->state;
    return netrt_precision_add(&s->precision, &s->data, shot->number, &e->finding.boxes, m);
}

/* What is in a picture without an answer is not found. */
static int miss_boxes(struct netrt_eval *e, long number, struct netrt_message *m)
{
    struct state *s = e->state;
    return netrt_precision_add(&s->precision, &s->data, number, &(struct netrt_boxes){0}, m);
}

static int finish_boxes(struct netrt_eval *e, struct netrt_message *m)
{
    struct state *s = e->state;
    return netrt_precision_finish(&s->precision, m);
}

/* A figure of the summary. */
struct figure {
    const char *name, *key; /* in text, and in JSON */
    enum netrt_area area;
    int at; /* the overlap; -1: the mean over all */
    double (*mean)(const struct netrt_precision *, long one, enum netrt_area, int at);
};

static const struct figure figures[] = {
    {"mAR@0.5:0.95", "mAR", NETRT_AREA_ALL, -1, netrt_mean_recall},
    {"mAP@0.5:0.95 of small things", "mAP_small", NETRT_AREA_SMALL, -1, netrt_mean_precision},
    {"mAP@0.5:0.95 of medium things", "mAP_medium", NETRT_AREA_MEDIUM, -1, netrt_mean_precision},
    {"mAP@0.5:0.95 of large things", "mAP_large", NETRT_AREA_LARGE, -1, netrt_mean_precision},
    {"mAP@0.75", "mAP75", NETRT_AREA_ALL, 5, netrt_mean_precision},
    {"mAP@0.5", "mAP50", NETRT_AREA_ALL, 0, netrt_mean_precision},
    {"mAP@0.5:0.95", "mAP", NETRT_AREA_ALL, -1, netrt_mean_precision},
};

enum { N_FIGURES = sizeof figures / sizeof *figures };

static void print_figure(const char *name, double value)
{
    if (value < 0)
        printf("%s -\n", name);
    else
        printf("%s %.6f\n", name, value);
}

static void print_boxes(const struct netrt_eval *e)
{
    const struct state *s = e->state;
    printf("  AP@0.5:0.95    AP@0.5   things\n");
    for (long i = 0; i < s->data.n_categories; i++) {
        const long things = s->precision.categories[i].things[NETRT_AREA_ALL];
        if (things)
            printf("  %11.6f  %8.6f  %7ld  %s\n",
                   netrt_mean_precision(&s->precision, i, NETRT_AREA_ALL, -1),
                   netrt_mean_precision(&s->precision, i, NETRT_AREA_ALL, 0), things,
                   s->data.categories[i].name);
    }
    for (int i = 0; i < N_FIGURES; i++)
        print_figure(figures[i].name,
                     figures[i].mean(&s->precision, -1, figures[i].area, figures[i].at));
}

static void json_figure(const char *key, double value)
{
    if (value < 0)
        printf(", \"%s\": null", key);
    else
        printf(", \"%s\": %.12g", key, value);
}

static void json_boxes(const struct netrt_eval *e)
{
    const struct state *s = e->state;
    const struct netrt_precision *p = &s->precision;
    for (int i = 0; i < N_FIGURES; i++)
        json_figure(figures[i].key, figures[i].mean(p, -1, figures[i].area, figures[i].at));
    printf(", \"categories\": [");
    for (long i = 0; i < s->data.n_categories; i++) {
        printf("%s{\"category\": ", i ? ", " : "");
        netrt_json_string(s->data.categories[i].name);
        if (s->data.categories[i].class >= 0) {
            printf(", ");
            netrt_json_class(e->program, s->data.categories[i].class);
        }
        printf(", \"things\": %ld", p->categories[i].things[NETRT_AREA_ALL]);
        json_figure("AP", netrt_mean_precision(p, i, NETRT_AREA_ALL, -1));
        json_figure("AP50", netrt_mean_precision(p, i, NETRT_AREA_ALL, 0));
        printf("}");
    }
    printf("]");
}

const struct netrt_eval_kind netrt_evaluates_boxes = {.purpose = NETRT_PURPOSE_boxes,
                                                      .open = open_boxes,
                                                      .release = release_boxes,
                                                      .read = read_annotated,
                                                      .name = name_annotated,
                                                      .judge = judge_boxes,
                                                      .miss = miss_boxes,
                                                      .finish = finish_boxes,
                                                      .print = print_boxes,
                                                      .json = json_boxes};
