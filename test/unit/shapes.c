/* Replays PyTorch's shapes: shapes FILE, whose lines are as test/reference/shapes.py says. */
#include "ir/ir.h"

#include <stdio.h>
#include <string.h>

enum { MAX_LINE = 512, N_FIELDS = 3 };

/* Cuts "a | b | c" into its fields. */
static bool split(char *line, char *field[N_FIELDS])
{
    line[strcspn(line, "\n")] = '\0';
    for (int i = 0; i < N_FIELDS; i++) {
        field[i] = line;
        line = strstr(line, " | ");
        if (!line)
            return i == N_FIELDS - 1;
        *line = '\0';
        line += strlen(" | ");
    }
    return false;
}

/* A graph of the inputs and the operator. */
static void write_graph(struct text *out, char *inputs, const char *op)
{
    struct text operands;
    text_init(&operands, out->arena);
    text_append(out, "graph \"shapes\" {\n");
    int n = 0;
    for (char *dims = strtok(inputs, " "); dims; dims = strtok(NULL, " "), n++) {
        text_printf(out, "%%%d = input \"x%d\" : f32[%s]\n", n, n, dims);
        text_printf(&operands, "%s%%%d", n ? ", " : "", n);
    }
    size_t name = strcspn(op, " ");
    text_printf(out, "%%y = %.*s %s%s \"y\"\noutput \"y\" = %%y\n}\n", (int)name, op,
                text_string(&operands), op + name);
}

/* "1,4,6,6" of the last node, or "error". */
static const char *shape_of(struct arena *arena, const struct text *source)
{
    struct sources sources;
    struct diags diags;
    struct text dims;
    sources_init(&sources, arena);
    diags_init(&diags, arena, &sources);
    text_init(&dims, arena);
    uint32_t file = sources_add(&sources, "graph", text_string(source), source->n);
    struct graph *g = graph_read(arena, strings_new(arena), &diags, file);
    if (!g)
        return "error";
    const struct type *type = &g->nodes.at[g->nodes.n - 1]->type;
    for (int i = 0; i < type->rank; i++)
        text_printf(&dims, "%s%lld", i ? "," : "", (long long)type->dim[i]);
    return text_string(&dims);
}

static bool check_line(const char *line)
{
    struct arena *arena = arena_new();
    char *field[N_FIELDS];
    bool same = split(arena_strdup(arena, line), field);
    if (same) {
        struct text source;
        text_init(&source, arena);
        write_graph(&source, field[0], field[1]);
        const char *shape = shape_of(arena, &source);
        same = !strcmp(shape, field[2]);
        if (!same)
            printf("got %s: %s", shape, line);
    }
    arena_free(arena);
    return same;
}

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    char line[MAX_LINE];
    int lines = 0, wrong = 0;
    if (!file)
        return 2;
    for (; fgets(line, sizeof line, file); lines++)
        wrong += !check_line(line);
    fclose(file);
    printf("%d lines, %d wrong\n", lines, wrong);
    return wrong || !lines;
}
