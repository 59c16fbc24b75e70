#include "target/target.h"
#include "core/caches.h"
#include "core/cpu.h"

#include <string.h>
#include <unistd.h>

static const char native_name[] = "native";

static const struct target targets[N_TARGETS] = {
#define TARGET(id, name_, lanes_, registers_, l1_, l2_, flags_, compiler_)                         \
    {.name = name_,                                                                                \
     .row = name_,                                                                                 \
     .lanes = lanes_,                                                                              \
     .registers = registers_,                                                                      \
     .l1 = l1_,                                                                                    \
     .l2 = l2_,                                                                                    \
     .flags = flags_,                                                                              \
     .compiler = compiler_},
#include "target/targets.def"
};

static void set_rates(struct target_rates *rates, enum target_id id)
{
#define RATE(name, doc, ...)                                                                       \
    {                                                                                              \
        static const double columns[] = {__VA_ARGS__};                                             \
        _Static_assert(sizeof columns / sizeof *columns == N_TARGETS, "a column for each target"); \
        rates->name = columns[id];                                                                 \
    }
#include "target/rates.def"
}

static struct target target_of(enum target_id id)
{
    struct target target = targets[id];
    set_rates(&target.rates, id);
    return target;
}

/* The best row for the machine that the compiler runs on. */
static enum target_id machine_target(void)
{
#if defined(__x86_64__)
    return netrt_cpu_runs("x86-64-v4")   ? TARGET_x86_64_v4
           : netrt_cpu_runs("x86-64-v3") ? TARGET_x86_64_v3
                                         : TARGET_x86_64_v2;
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

/* Bytes of this machine's cache of a level, or `assumed` where it does not tell. */
static int64_t cache_bytes(int level, int64_t assumed)
{
    const long bytes = netrt_cache_bytes(NETRT_CACHES, level);
    return bytes > 0 ? bytes : assumed;
}

void target_set_processors(struct target *target, int64_t n)
{
    enum { MOST_PROCESSORS = 16 };
    target->processors = n < 1 ? 0 : n < MOST_PROCESSORS ? (int)n : MOST_PROCESSORS;
}

static void native_target(struct target *target)
{
    const enum target_id id = machine_target();
    *target = target_of(id);
    target->name = native_name;
    target->flags = native_flags(id);
    target->compiler = "cc";
    target_set_processors(target, sysconf(_SC_NPROCESSORS_ONLN));
    target->l1 = cache_bytes(1, target->l1);
    target->l2 = cache_bytes(2, target->l2);
}

bool target_find(struct target *target, const char *name)
{
    if (!strcmp(name, native_name)) {
        native_target(target);
        return true;
    }
    for (int i = 0; i < N_TARGETS; i++) {
        const char *dash = strrchr(targets[i].name, '-');
        if (!strcmp(name, targets[i].name) || (dash && !strcmp(name, dash + 1))) {
            *target = target_of((enum target_id)i);
            return true;
        }
    }
    return false;
}

/* Adds one of a list, before the less able. */
static const char *add_target(struct targets *list, const struct target *target)
{
    size_t at = list->n;
    for (size_t i = 0; i < list->n; i++) {
        if (list->at[i].name == target->name)
            return "target named twice:";
        if (list->at[i].name == native_name || target->name == native_name)
            return "'native' goes with no other target:";
        if (strcmp(list->at[i].compiler, target->compiler) != 0)
            return "targets of different machines:";
    }
    for (; at && list->at[at - 1].lanes < target->lanes; at--)
        list->at[at] = list->at[at - 1];
    list->at[at] = *target;
    list->n++;
    return NULL;
}

const char *targets_find(struct targets *targets_found, const char *list)
{
    char name[32];
    const char *wrong = NULL;
    targets_found->n = 0;
    for (const char *at = list; at && !wrong;) {
        struct target target;
        const size_t n = strcspn(at, "+");
        snprintf(name, sizeof name, "%.*s", (int)(n < sizeof name ? n : sizeof name), at);
        wrong = target_find(&target, name) ? add_target(targets_found, &target) : "no such target:";
        at = at[n] ? at + n + 1 : NULL;
    }
    return wrong;
}

bool target_runs_here(const struct target *target)
{
    const enum target_id here = machine_target();
    const bool arm = !strcmp(target->name, targets[TARGET_aarch64].name);
    if (arm || here == TARGET_aarch64)
        return arm == (here == TARGET_aarch64) || !strcmp(target->name, native_name) ||
               !strcmp(target->name, targets[TARGET_generic].name);
    return netrt_cpu_runs(target->name);
}

void target_names(struct text *names)
{
    text_append(names, native_name);
    for (int i = 0; i < N_TARGETS; i++)
        text_printf(names, ", %s", targets[i].name);
}
