/* The functions that the rows of operators.def name. */
#ifndef NETC_ONNX_OPERATORS_H
#define NETC_ONNX_OPERATORS_H

#include "onnx/import.h"

#define ONNX(name, since, function, attributes) convert convert_##function;
#include "onnx/operators.def"

#endif
