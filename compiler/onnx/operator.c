/* The table of operators. */
#include "onnx/import.h"
#include "onnx/operators.h"

#include <string.h>

static const struct operator rows[] = {
#define ONNX(name, since, function, attributes)                                                    \
    {#name, since, convert_##function, " " attributes " "},
#include "onnx/operators.def"
};

const struct operator* operator_find(const char *name, int64_t opset)
{
    const struct operator* found = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(rows[i].name, name) && rows[i].since <= opset)
            found = &rows[i];
    return found;
}
