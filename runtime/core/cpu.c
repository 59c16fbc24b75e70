#include "cpu.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int netrt_cpu_runs(const char *target)
{
#ifdef __x86_64__
    __builtin_cpu_init();
    if (!strcmp(target, "x86-64-v2"))
        return __builtin_cpu_supports("ssse3") && __builtin_cpu_supports("sse4.2") &&
               __builtin_cpu_supports("popcnt");
    if (!strcmp(target, "x86-64-v3"))
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
               __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    if (!strcmp(target, "x86-64-v4"))
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
#endif
    (void)target;
    return 1;
}

/* "x86-64-v4, x86-64-v3", or "native (x86-64-v4)"; cut to fit. */
static void cpu_list_codes(const struct netrt_model *model, char *text, size_t size)
{
    size_t at = 0;
    *text = '\0';
    for (int i = 0; i < model->n_codes && at < size; i++) {
        const struct netrt_code *code = model->codes[i];
        at += (size_t)snprintf(text + at, size - at, "%s%s", i ? ", " : "", code->target);
        if (at < size && strcmp(code->target, code->needs))
            at += (size_t)snprintf(text + at, size - at, " (%s)", code->needs);
    }
}

static const struct netrt_code *cpu_fail(const struct netrt_model *model, const char *forced,
                                         char *error, size_t error_size)
{
    char codes[256];
    cpu_list_codes(model, codes, sizeof codes);
    if (forced)
        snprintf(error, error_size, "no code for NETRT_TARGET='%s': network '%s' has %s", forced,
                 model->name, codes);
    else
        snprintf(error, error_size,
                 "this machine lacks the instructions that network '%s' was compiled for: %s",
                 model->name, codes);
    return NULL;
}

const struct netrt_code *netrt_cpu_choose(const struct netrt_model *model, char *error,
                                          size_t error_size)
{
    const char *forced = getenv("NETRT_TARGET");
    const bool any = !forced || !*forced;
    bool named = any; /* whether there is a code of that name */
    for (int i = 0; i < model->n_codes; i++) {
        const struct netrt_code *code = model->codes[i];
        const bool meant = any || !strcmp(forced, code->target);
        if (meant && netrt_cpu_runs(code->needs))
            return code;
        named = named || meant;
    }
    return cpu_fail(model, named ? NULL : forced, error, error_size);
}
