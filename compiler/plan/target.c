#include "plan/plan.h"

#include <string.h>
#include <unistd.h>

static const char native_name[] = "native";

static const struct target targets[N_TARGETS] = {
#define TARGET(id, name, lanes, registers, l1, l2, flags, compiler)                                \
    {name, lanes, registers, l1, l2, flags, compiler},
#include "plan/targets.def"
};

/* The best row for the machine that the compiler runs on. */
static enum target_id machine_target(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        return TARGET_x86_64_v4;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return TARGET_x86_64_v3;
    return TARGET_x86_64_v2;
#elif defined(__aarch64__)
    return TARGET_aarch64;
#else
    return TARGET_generic;
#endif
}

static const char *native_flags(enum target_id id)
{
    switch (id) {
    case TARGET_generic:
        return targets[id].flags;
    case TARGET_x86_64_v4:
        return "-march=native -mprefer-vector-width=512";
    default:
        return "-march=native";
    }
}

/* Bytes of a cache of this machine, or `assumed` where it does not tell. */
static int64_t cache_bytes(int name, int64_t assumed)
{
    const long bytes = sysconf(name);
    return bytes > 0 ? bytes : assumed;
}

static void native_target(struct target *target)
{
    const enum target_id id = machine_target();
    *target = targets[id];
    target->name = native_name;
    target->flags = native_flags(id);
    target->compiler = "cc";
#ifdef _SC_LEVEL1_DCACHE_SIZE
    target->l1 = cache_bytes(_SC_LEVEL1_DCACHE_SIZE, target->l1);
    target->l2 = cache_bytes(_SC_LEVEL2_CACHE_SIZE, target->l2);
#endif
}

bool target_find(struct target *target, const char *name)
{
    if (!strcmp(name, native_name)) {
        native_target(target);
        return true;
    }
    for (int i = 0; i < N_TARGETS; i++)
        if (!strcmp(name, targets[i].name)) {
            *target = targets[i];
            return true;
        }
    return false;
}

void target_names(struct text *names)
{
    text_append(names, native_name);
    for (int i = 0; i < N_TARGETS; i++)
        text_printf(names, ", %s", targets[i].name);
}
