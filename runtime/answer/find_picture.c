/* Findings of outputs of pictures: a picture of each. */
#include "finding.h"
#include "../picture/planes.h"

static int find_picture(struct netrt_finding *f, const struct netrt_queue *q,
                        const struct netrt_shot *shot, long at, struct netrt_message *m)
{
    long n;
    (void)q, (void)shot;
    netrt_image_release(&f->image);
    return netrt_planes_read(&f->image, f->output, netrt_output_row(f->program, f->number, at, &n),
                             m);
}

static void print_picture(const struct netrt_finding *f)
{
    printf("  %ld x %ld pixels\n", f->image.width, f->image.height);
}

static void json_picture(const struct netrt_finding *f)
{
    printf(", \"width\": %ld, \"height\": %ld, \"channels\": %ld", f->image.width, f->image.height,
           f->image.channels);
}

static int write_picture(const struct netrt_finding *f, const char *path, struct netrt_message *m)
{
    return netrt_image_write(&f->image, NULL, path, m);
}

static void release_picture(struct netrt_finding *f)
{
    netrt_image_release(&f->image);
}

const struct netrt_finding_kind netrt_finds_picture = {.find = find_picture,
                                                       .print = print_picture,
                                                       .json = json_picture,
                                                       .write = write_picture,
                                                       .release = release_picture};
