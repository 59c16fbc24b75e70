/* Findings of outputs of boxes: things, in pixels of the picture. */
#include "draw.h"
#include "finding.h"

#include <limits.h>
#include <stdlib.h>

/* The output of a purpose that goes with the boxes; NULL: there is none. */
static const struct netrt_output *beside(const struct netrt_finding *f, enum netrt_purpose purpose)
{
    const int i = netrt_find_output(f->program->model, purpose);
    return i < 0 ? NULL : &f->program->model->outputs[i];
}

static int open_boxes(struct netrt_finding *f, struct netrt_message *m)
{
    return netrt_boxes_open(&f->boxes, f->output->tensor.dim[1], m);
}

static const void *row_of(const struct netrt_finding *f, const struct netrt_output *o, long at)
{
    long n;
    return o ? netrt_output_row(f->program, (int)(o - f->program->model->outputs), at, &n) : NULL;
}

/* From pixels of the input to those of the picture. */
static void place_box(double *corner, const struct netrt_place *place)
{
    for (int k = 0; k < 4; k++)
        corner[k] = corner[k] * place->scale[k % 2] + place->offset[k % 2];
}

/* Those that are there: all, or as many as another output counts. */
static long rows_of(const struct netrt_finding *f, long at)
{
    const struct netrt_output *o = f->output;
    const int64_t *count =
        o->count ? row_of(f, &f->program->model->outputs[o->count - 1], at) : NULL;
    return count && *count < o->tensor.dim[1] ? (long)*count : o->tensor.dim[1];
}

/* The overlap beyond which a box is left out: what counts boxes has left out its own. */
static double overlap_of(const struct netrt_finding *f)
{
    const double asked = f->program->options->iou;
    return asked >= 0 ? asked : f->output->count ? 1 : f->output->iou;
}

static int find_boxes(struct netrt_finding *f, const struct netrt_queue *q,
                      const struct netrt_shot *shot, long at, struct netrt_message *m)
{
    const struct netrt_options *o = f->program->options;
    struct netrt_box_rows rows = {.boxes = f->output,
                                  .scores = beside(f, NETRT_PURPOSE_box_scores),
                                  .classes = beside(f, NETRT_PURPOSE_box_classes),
                                  .rows = rows_of(f, at)};
    rows.box = row_of(f, rows.boxes, at);
    rows.score = row_of(f, rows.scores, at);
    rows.class = row_of(f, rows.classes, at);
    int status = netrt_boxes_fill(&f->boxes, &rows, &q->input->tensor,
                                  o->score < 0 ? f->output->score : o->score, overlap_of(f),
                                  o->top ? o->top : LONG_MAX, m);
    for (long i = 0; i < f->boxes.n && !status; i++)
        place_box(f->boxes.at[i].corner, &shot->place);
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
