#include "message.h"

#include <stdarg.h>
#include <stdio.h>

int netrt_fail(struct netrt_message *m, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(m->text, sizeof m->text, format, list);
    va_end(list);
    return NETRT_FAILED;
}

int netrt_misuse(struct netrt_message *m, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(m->text, sizeof m->text, format, list);
    va_end(list);
    return NETRT_MISUSED;
}
