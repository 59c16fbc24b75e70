#include "picture_file.h"
#include "../picture/preprocess.h"

int netrt_read_picture_file(struct netrt_program *p, int input, const char *path, float *data)
{
    struct netrt_image image = {0};
    struct netrt_message why = {0};
    int status = netrt_image_read(&image, path, p->message);
    if (!status)
        status = netrt_image_turn(&image, p->message);
    if (!status &&
        netrt_preprocess(&p->model->inputs[input], &image, NETRT_CROP_CENTER, data, NULL, &why))
        status = netrt_fail(p->message, "picture '%s': %s", path, why.text);
    netrt_image_release(&image);
    return status;
}
