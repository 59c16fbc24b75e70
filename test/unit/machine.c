/* Prints a machine and what bounds two operators on it: machine FILE, or machine native RESOURCES,
 * which measures this one. */
#include "cost/roofline.h"
#include "ir/ir.h"

#include <stdio.h>
#include <string.h>

/* A 1x1 convolution of 64 to 64 channels on 56 x 56, and its relu. */
static const char text[] = "graph \"roofline\" { %x = input \"x\" : f32[1,64,56,56]"
                           " %c = conv %x {out=64, kernel=1, bias=false} \"c\""
                           " %r = relu %c \"r\" output \"y\" = %r }";

static void print_node(const struct machine *m, const struct node *n)
{
    struct work w;
    if (!node_work(n, &w))
        return;
    for (int all = 0; all < 2; all++) {
        struct roofline r = roofline(m, &w, all);
        printf("%s %.0f operations, %.0f bytes, %.3f a byte, %s, %.3f us\n", n->name, w.flops,
               w.bytes, r.intensity, bound_name(r.bound), r.us);
    }
}

static bool find_machine(struct machine *m, struct arena *arena, struct diags *diags, int argc,
                         char **argv)
{
    if (argc > 2 && !strcmp(argv[1], "native"))
        return machine_native(m, arena, diags,
                              &(struct machine_measure){.resources = argv[2],
                                                        .compiler = "cc",
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
    uint32_t file = sources_add(&sources, "graph", text, strlen(text));
    struct graph *g = graph_read(arena, strings_new(arena), &diags, file);
    bool found = find_machine(&m, arena, &diags, argc, argv);
    if (found && g) {
        machine_print(&t, &m);
        printf("%s", text_string(&t));
        print_node(&m, g->nodes.at[1]);
        print_node(&m, g->nodes.at[2]);
    }
    diags_print(&diags, stderr);
    arena_free(arena);
    return !found;
}
