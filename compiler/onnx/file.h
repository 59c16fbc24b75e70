/* An ONNX file as protobuf-c gives it, and its tensors as constants. Hostile until it is read here.
 */
#ifndef NETC_ONNX_FILE_H
#define NETC_ONNX_FILE_H

#include "base/diag.h"
#include "onnx/constant.h"
#include "onnx/onnx.pb-c.h"

/* Reads a file of at most 2 GiB, all of it in the arena; NULL: an error was reported. */
Onnx__ModelProto *file_read(struct arena *, struct diags *, const char *path);
/* A graph out of the bytes of an attribute; NULL: they are none. */
Onnx__GraphProto *file_subgraph(struct arena *, const ProtobufCBinaryData *);

/* The number of an element type as a dtype; N_DTYPES: it is not read. */
enum dtype file_dtype(int64_t number);
int32_t file_number(enum dtype);
/* A tensor of the file at `path`, whose name is not set; NULL with a reason in *why. What lies in
 * another file is read from there, which must be in the folder of `path`. */
struct constant *file_constant(struct arena *, const char *path, const Onnx__TensorProto *,
                               const char **why);

#endif
