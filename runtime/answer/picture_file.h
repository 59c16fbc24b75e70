/* Pictures as inputs, for programs that have the readers. */
#ifndef NETRT_ANSWER_PICTURE_FILE_H
#define NETRT_ANSWER_PICTURE_FILE_H

#include "../host/program.h"

/* Prepares the picture in a file for an input, as its description says. A netrt_picture_reader. */
int netrt_read_picture_file(struct netrt_program *, int input, const char *path, float *data);

#endif
