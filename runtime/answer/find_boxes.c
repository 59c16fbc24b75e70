/* Findings of outputs of boxes: things, in pixels of the picture. */
#include "draw.h"
#include "finding.h"

#include <limits.h>
#include <stdlib.h>

static int open_boxes(struct netrt_finding *f, struct netrt_message *m)
{
    return netrt_boxes_open(&f->boxes, f->output->tensor.dim[1], m);
}

/* The part of image `at` of a batch. */
struct of_image {
    const struct netrt_program *program;
    long at;
};

static const void *part_of(const void *context, int i)
{
    const struct of_image *image = context;
    long n;
    return netrt_output_row(image->program, i, image->at, &n);
}

static int find_boxes(struct netrt_finding *f, const struct netrt_queue *q,
                      const struct netrt_shot *shot, long at, struct netrt_message *m)
{
    const struct netrt_options *o = f->program->options;
    const struct of_image image = {f->program, at};
    const struct netrt_box_rows rows =
        netrt_box_rows_of(f->program->model, f->output, part_of, &image);
    const double overlap = o->iou >= 0 ? o->iou : netrt_boxes_overlap(f->output);
    int status = netrt_boxes_fill(&f->boxes, &rows, &q->input->tensor,
                                  o->score < 0 ? f->output->score : o->score, overlap,
                                  o->top ? o->top : LONG_MAX, m);
    for (long i = 0; i < f->boxes.n && !status; i++)
        netrt_box_place(f->boxes.at[i].corner, shot->place.scale, shot->place.offset);
    return status;
}

/* The name of a class, or its number. */
static const char *name_of(const struct netrt_finding *f, long class, char *text, size_t size)
{
    const char *name = netrt_class_name(f->program, class);
    snprintf(text, size, "%ld", class);
    return name ? name : text;
}

static void print_boxes(const struct netrt_finding *f)
{
    char text[32];
    if (!f->boxes.n)
        printf("  nothing\n");
    for (long i = 0; i < f->boxes.n; i++) {
        const struct netrt_box *b = &f->boxes.at[i];
        printf("  %s  %8.6f  %.2f %.2f %.2f %.2f\n", name_of(f, b->class, text, sizeof text),
               b->score, b->corner[0], b->corner[1], b->corner[2], b->corner[3]);
    }
}

static void json_boxes(const struct netrt_finding *f)
{
    printf(", \"boxes\": [");
    for (long i = 0; i < f->boxes.n; i++) {
        const struct netrt_box *b = &f->boxes.at[i];
        printf("%s{", i ? ", " : "");
        netrt_json_class(f->program, b->class);
        printf(", \"score\": %.9g, \"box\": [%.9g, %.9g, %.9g, %.9g]}", b->score, b->corner[0],
               b->corner[1], b->corner[2], b->corner[3]);
    }
    printf("]");
}

/* The best boxes are drawn last, over the others. */
static void draw_boxes(const struct netrt_finding *f, const struct netrt_shot *shot,
                       struct netrt_image *image)
{
    (void)shot;
    for (long i = f->boxes.n; i-- > 0;) {
        const struct netrt_box *b = &f->boxes.at[i];
        char number[32], text[128];
        snprintf(text, sizeof text, "%.100s %.2f", name_of(f, b->class, number, sizeof number),
                 b->score);
        netrt_draw_box(image, b->corner, b->class, text);
    }
}

static void release_boxes(struct netrt_finding *f)
{
    free(f->boxes.at);
}

const struct netrt_finding_kind netrt_finds_boxes = {.open = open_boxes,
                                                     .find = find_boxes,
                                                     .print = print_boxes,
                                                     .json = json_boxes,
                                                     .draw = draw_boxes,
                                                     .release = release_boxes};
