#include "driver/cc.h"

#include "base/text.h"
#include "driver/signals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *resources_find(struct arena *arena)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash) {
        char *beside = arena_printf(arena, "%.*s/netc-resources", (int)(slash - self), self);
        struct stat st;
        if (!stat(beside, &st) && S_ISDIR(st.st_mode))
            return beside;
    }
    return NETC_LIBDIR;
}

struct command {
    struct arena *arena;
    VEC(char *) words;
};

static void add(struct command *c, const char *word)
{
    VEC_PUSH(c->arena, &c->words, arena_strdup(c->arena, word));
}

/* The words of a list that is separated by spaces. */
static void add_words(struct command *c, const char *list)
{
    while (*list) {
        size_t n = strcspn(list, " ");
        if (n)
            VEC_PUSH(c->arena, &c->words, arena_strndup(c->arena, list, n));
        list += n + (list[n] == ' ');
    }
}

static const char *spelled(struct command *c)
{
    struct text t;
    text_init(&t, c->arena);
    for (size_t i = 0; i < c->words.n; i++)
        text_printf(&t, "%s%s", i ? " " : "", c->words.at[i]);
    return text_string(&t);
}

/* Within a hold of signals. */
static bool run(struct diags *diags, struct command *c, bool verbose)
{
    if (verbose)
        fprintf(stderr, "%s\n", spelled(c));
    VEC_PUSH(c->arena, &c->words, NULL);
    c->words.n--;
    pid_t child;
    int error = signals_spawn(&child, c->words.at);
    if (error) {
        struct diag *d =
            diag_add(diags, (struct span){0}, MESSAGE(err_run), c->words.at[0], strerror(error));
        diag_hint(d, "'--cc COMMAND' chooses another C compiler");
        return false;
    }
    if (signals_wait(child))
        return true;
    diag_add(diags, (struct span){0}, MESSAGE(err_command_failed), spelled(c));
    return false;
}

static bool compile(struct arena *arena, struct diags *diags, const struct cc_call *call,
                    const char *output)
{
    struct command c = {.arena = arena};
    add_words(&c, call->compiler);
    add_words(&c, "-std=gnu11 -O3 -ffp-contract=fast -fno-math-errno -fno-trapping-math");
    add_words(&c, call->target_flags);
    add_words(&c, NETC_SANITIZE);
    add(&c, arena_printf(arena, "-I%s/include", call->resources));
    if (call->library)
        add(&c, "-c");
    add(&c, "-o");
    add(&c, output);
    add(&c, call->source);
    if (!call->library && !call->alone) {
        add(&c, arena_printf(arena, "%s/libnetrt.a", call->resources));
        add_words(&c, NETC_HOST_LIBS);
    }
    if (!call->library)
        add_words(&c, "-lm -lpthread");
    return run(diags, &c, call->verbose);
}

static bool archive(struct arena *arena, struct diags *diags, const struct cc_call *call,
                    const char *object, const char *output)
{
    struct command c = {.arena = arena};
    add_words(&c, "ar rcD");
    add(&c, output);
    add(&c, object);
    return run(diags, &c, call->verbose);
}

bool cc_run(struct arena *arena, struct diags *diags, const struct cc_call *call)
{
    char *made = arena_printf(arena, "%s.%ld.tmp", call->output, (long)getpid());
    char *object = arena_printf(arena, "%s.o", call->source);
    struct signals held;
    signals_hold(&held);
    bool done = call->library ? compile(arena, diags, call, object) &&
                                    archive(arena, diags, call, object, made)
                              : compile(arena, diags, call, made);
    if (done && rename(made, call->output)) {
        diag_add(diags, (struct span){0}, MESSAGE(err_write), call->output, strerror(errno));
        done = false;
    }
    unlink(made);
    signals_release(&held);
    return done;
}

bool program_run(struct arena *arena, struct diags *diags, const char *program,
                 const char *argument, bool verbose)
{
    struct command c = {.arena = arena};
    add(&c, program);
    add(&c, argument);
    struct signals held;
    signals_hold(&held);
    bool done = run(diags, &c, verbose);
    signals_release(&held);
    return done;
}
