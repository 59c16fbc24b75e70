/* Evaluation of outputs of maps: how many pixels have the right class, and how the area of each
 * class agrees. */
#include "eval_pairs.h"

struct state {
    struct netrt_pairs pairs;
    long pixels, right; /* of those that are compared */
    long both[NETRT_MAP_CLASSES], found[NETRT_MAP_CLASSES], wanted[NETRT_MAP_CLASSES];
};

static int open_maps(struct netrt_eval *e, struct netrt_message *m)
{
    return netrt_eval_pairs_open(e, sizeof(struct state), m);
}

static void count_pixel(struct state *s, long wanted, long found)
{
    s->pixels++;
    s->right += wanted == found;
    s->both[wanted] += wanted == found;
    s->wanted[wanted]++;
    s->found[found]++;
}

/* Pixels that the network did not see, and those that have no label, are not compared. */
static void count_pixels(struct netrt_eval *e, const struct netrt_image *labels,
                         const struct netrt_place *place)
{
    const struct netrt_map *map = &e->finding.map;
    const struct netrt_tensor *input = &e->queue.input->tensor;
    for (long y = 0; y < labels->height; y++) {
        const long row = netrt_map_position(place, 1, y, input->dim[2], map->height);
        for (long x = 0; x < labels->width && row >= 0; x++) {
            const long column = netrt_map_position(place, 0, x, input->dim[3], map->width);
            const long wanted = labels->pixels[y * labels->width + x];
            if (column >= 0 && wanted != NETRT_NO_LABEL)
                count_pixel(e->state, wanted, map->at[row * map->width + column]);
        }
    }
}

static int judge_map(struct netrt_eval *e, const struct netrt_shot *shot, struct netrt_message *m)
{
    const struct state *s = e->state;
    const char *path = s->pairs.at[shot->number].right;
    struct netrt_image labels = {0};
    const int status =
        netrt_pairs_read_labels(&labels, path, &shot->image, e->finding.map.classes, m);
    if (!status)
        count_pixels(e, &labels, &shot->place);
    netrt_image_release(&labels);
    return status;
}

static double share(long part, long all)
{
    return all ? (double)part / (double)all : 0;
}

/* Pixels that either is of; 0: the class is nowhere. */
static long either(const struct state *s, long class)
{
    return s->wanted[class] + s->found[class] - s->both[class];
}

/* Over the classes that are somewhere. */
static double mean_overlap(const struct netrt_eval *e)
{
    const struct state *s = e->state;
    double sum = 0;
    long n = 0;
    for (long i = 0; i < e->finding.map.classes; i++)
        if (either(s, i)) {
            sum += share(s->both[i], either(s, i));
            n++;
        }
    return n ? sum / (double)n : 0;
}

static void tell_progress(const struct netrt_eval *e, char *text, size_t size)
{
    const struct state *s = e->state;
    snprintf(text, size, ", %.2f %% of pixels right", 100 * share(s->right, s->pixels));
}

/* Where no pixel was compared there are no figures. */
static void print_maps(const struct netrt_eval *e)
{
    const struct state *s = e->state;
    printf("       IoU      pixels  class\n");
    for (long i = 0; i < e->finding.map.classes; i++) {
        const char *name = netrt_class_name(e->program, i);
        if (either(s, i))
            printf("  %8.6f  %10ld  %ld%s%s\n", share(s->both[i], either(s, i)), s->wanted[i], i,
                   name ? "  " : "", name ? name : "");
    }
    if (!s->pixels)
        return;
    printf("pixel accuracy %.6f\n", share(s->right, s->pixels));
    printf("mean IoU %.6f\n", mean_overlap(e));
}

static void json_maps(const struct netrt_eval *e)
{
    const struct state *s = e->state;
    const char *separator = "";
    if (s->pixels)
        printf(", \"mIoU\": %.12g, \"pixel_accuracy\": %.12g", mean_overlap(e),
               share(s->right, s->pixels));
    printf(", \"classes\": [");
    for (long i = 0; i < e->finding.map.classes; i++)
        if (either(s, i)) {
            printf("%s{", separator);
            netrt_json_class(e->program, i);
            printf(", \"pixels\": %ld, \"IoU\": %.12g}", s->wanted[i],
                   share(s->both[i], either(s, i)));
            separator = ", ";
        }
    printf("]");
}

const struct netrt_eval_kind netrt_evaluates_map = {.purpose = NETRT_PURPOSE_map,
                                                    .open = open_maps,
                                                    .release = netrt_eval_pairs_release,
                                                    .read = netrt_eval_pairs_read,
                                                    .name = netrt_eval_pairs_name,
                                                    .judge = judge_map,
                                                    .progress = tell_progress,
                                                    .print = print_maps,
                                                    .json = json_maps};
