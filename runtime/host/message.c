#include "message.h"

#include <stdarg.h>
#include <stdio.h>

/* Names of files and tensors come from anybody: what a terminal would obey is not printed. */
static void say(struct netrt_message *m, const char *format, va_list list)
{
    vsnprintf(m->text, sizeof m->text, format, list);
    for (char *c = m->text; *c; c++)
        if (((unsigned char)*c < ' ' && *c != '\n' && *c != '\t') || *c == 0x7f)
            *c = '?';
}

int netrt_fail(struct netrt_message *m, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    say(m, format, list);
    va_end(list);
    return NETRT_FAILED;
}

int netrt_misuse(struct netrt_message *m, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    say(m, format, list);
    va_end(list);
    return NETRT_MISUSED;
}
