/* Findings of outputs of maps: what share of the positions each class has. */
#include "draw.h"
#include "finding.h"

#include <limits.h>

static int open_map(struct netrt_finding *f, struct netrt_message *m)
{
    return netrt_map_open(&f->map, f->output, m);
}

static int find_map(struct netrt_finding *f, const struct netrt_queue *q,
                    const struct netrt_shot *shot, long at, struct netrt_message *m)
{
    long n;
    const void *row = netrt_output_row(f->program, f->number, at, &n);
    const int status = netrt_map_fill(&f->map, f->output, row, m);
    if (!status)
        netrt_map_count(&f->map, &q->input->tensor, &shot->place, shot->image.width,
                        shot->image.height);
    return status;
}

static long top(const struct netrt_finding *f)
{
    return f->program->options->top ? f->program->options->top : LONG_MAX;
}

static double share(const struct netrt_map *map, long class)
{
    return (double)map->pixels[class] / (double)map->counted;
}

static void print_map(const struct netrt_finding *f)
{
    long class = -1;
    for (long i = 0; i < top(f) && (class = netrt_map_next(&f->map, class)) >= 0; i++)
        netrt_print_class(f->program, share(&f->map, class), class);
}

static void json_map(const struct netrt_finding *f)
{
    long class = -1;
    printf(", \"rows\": %ld, \"columns\": %ld, \"shares\": [", f->map.height, f->map.width);
    for (long i = 0; i < top(f) && (class = netrt_map_next(&f->map, class)) >= 0; i++) {
        printf("%s{", i ? ", " : "");
        netrt_json_class(f->program, class);
        printf(", \"share\": %.9g}", share(&f->map, class));
    }
    printf("]");
}

/* A map as the picture that it is with a palette. */
static int write_map(const struct netrt_finding *f, const char *path, struct netrt_message *m)
{
    unsigned char palette[256][3];
    struct netrt_image image = {.width = f->map.width, .height = f->map.height, .channels = 1};
    int status = netrt_image_alloc(&image, m);
    for (long i = 0; i < 256; i++)
        netrt_class_color(i, palette[i]);
    for (long i = 0; i < image.width * image.height && !status; i++) {
        image.pixels[i] = (unsigned char)f->map.at[i];
        if (f->map.at[i] > 255)
            status = netrt_fail(m,
                                "the map has class %ld, and a PNG file 256 colors: command "
                                "'run' writes it as a NumPy file",
                                (long)f->map.at[i]);
    }
    if (!status)
        status = netrt_image_write(&image, palette[0], path, m);
    netrt_image_release(&image);
    return status;
}

static void draw_map(const struct netrt_finding *f, const struct netrt_shot *shot,
                     struct netrt_image *image)
{
    netrt_draw_map(image, &f->map, &f->program->model->inputs[0].tensor, &shot->place);
}

static void release_map(struct netrt_finding *f)
{
    netrt_map_release(&f->map);
}

const struct netrt_finding_kind netrt_finds_map = {.open = open_map,
                                                   .find = find_map,
                                                   .print = print_map,
                                                   .json = json_map,
                                                   .write = write_map,
                                                   .draw = draw_map,
                                                   .release = release_map};
