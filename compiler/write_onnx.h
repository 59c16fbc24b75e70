/* A network as an ONNX file. */
#ifndef NETC_WRITE_ONNX_H
#define NETC_WRITE_ONNX_H

#include "product.h"

/* Writes what product_path() says: the graph, which no pass has changed, with the weights of
 * --weights or those of its own file, or with parameters as inputs. False: an error was reported.
 */
bool write_onnx(const struct product *, const struct graph *);

#endif
