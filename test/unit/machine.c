/* Prints a machine: machine FILE, or machine native RESOURCES, which measures this one. */
#include "driver/machine.h"

#include <stdio.h>
#include <string.h>

static bool find_machine(struct machine *m, struct arena *arena, struct diags *diags, int argc,
                         char **argv)
{
    if (argc > 2 && !strcmp(argv[1], "native"))
        return machine_native(m, arena, diags,
                              &(struct machine_measure){.resources = argv[2],
                                                        .compiler = "cc",
                                                        .target = "native",
                                                        .target_flags = "-march=native"});
    return argc > 1 && machine_read(m, arena, diags, argv[1]);
}

int main(int argc, char **argv)
{
    struct arena *arena = arena_new();
    struct sources sources;
    struct diags diags;
    struct machine m;
    struct text t;
    sources_init(&sources, arena);
    diags_init(&diags, arena, &sources);
    text_init(&t, arena);
    bool found = find_machine(&m, arena, &diags, argc, argv);
    if (found) {
        machine_print(&t, &m);
        printf("%s", text_string(&t));
    }
    diags_print(&diags, stderr);
    arena_free(arena);
    return !found;
}
