/*
 * What an editor does with the grammar of editors/tree-sitter-net:
 *
 *   check FILE...          names the places that the grammar does not understand; status 1 if any
 *   tree FILE              prints the tree as an expression
 *   captures QUERY FILE    prints LINE:COLUMN CAPTURE TEXT for each capture, counted from 1
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tree_sitter/api.h>

const TSLanguage *tree_sitter_net(void);

struct text {
    char *bytes;
    uint32_t size;
};

static void fail(const char *what, const char *about)
{
    fprintf(stderr, "tree_sitter: %s '%s'\n", what, about);
    exit(2);
}

static struct text read_text(const char *path)
{
    enum { LARGEST = 1 << 20 };
    struct text text = {malloc(LARGEST), 0};
    FILE *file = fopen(path, "rb");
    if (!text.bytes || !file)
        fail("cannot read", path);
    text.size = (uint32_t)fread(text.bytes, 1, LARGEST, file);
    if (text.size == LARGEST || ferror(file))
        fail("cannot read the whole of", path);
    fclose(file);
    return text;
}

static TSTree *parse(struct text text)
{
    TSParser *parser = ts_parser_new();
    if (!ts_parser_set_language(parser, tree_sitter_net()))
        fail("cannot use the grammar of", "net");
    TSTree *tree = ts_parser_parse_string(parser, NULL, text.bytes, text.size);
    ts_parser_delete(parser);
    return tree;
}

/* Names the deepest nodes with a mistake. */
static int check_node(TSNode node, const char *path)
{
    if (!ts_node_has_error(node))
        return 0;
    int faults = 0;
    for (uint32_t i = 0; i < ts_node_child_count(node); i++)
        faults += check_node(ts_node_child(node, i), path);
    if (faults)
        return faults;
    TSPoint at = ts_node_start_point(node);
    printf("%s:%u:%u: %s %s\n", path, at.row + 1, at.column + 1,
           ts_node_is_missing(node) ? "misses" : "does not understand", ts_node_type(node));
    return 1;
}

static int check(int n, char **paths)
{
    int faults = 0;
    for (int i = 0; i < n; i++) {
        struct text text = read_text(paths[i]);
        TSTree *tree = parse(text);
        faults += check_node(ts_tree_root_node(tree), paths[i]);
        ts_tree_delete(tree);
        free(text.bytes);
    }
    return faults > 0;
}

static int print_tree(const char *path)
{
    struct text text = read_text(path);
    TSTree *tree = parse(text);
    char *string = ts_node_string(ts_tree_root_node(tree));
    puts(string);
    free(string);
    ts_tree_delete(tree);
    free(text.bytes);
    return 0;
}

static TSQuery *read_query(const char *path)
{
    struct text text = read_text(path);
    uint32_t offset;
    TSQueryError error;
    TSQuery *query = ts_query_new(tree_sitter_net(), text.bytes, text.size, &offset, &error);
    free(text.bytes);
    if (query)
        return query;
    printf("%s: error %d at byte %u\n", path, (int)error, offset);
    exit(1);
}

static void print_capture(const TSQuery *query, const TSQueryCapture *capture, struct text text)
{
    uint32_t n, begin = ts_node_start_byte(capture->node), end = ts_node_end_byte(capture->node);
    const char *name = ts_query_capture_name_for_id(query, capture->index, &n);
    TSPoint at = ts_node_start_point(capture->node);
    const char *line_end = memchr(text.bytes + begin, '\n', end - begin);
    int shown = (int)(line_end ? line_end - text.bytes - begin : end - begin);
    printf("%u:%u %.*s %.*s\n", at.row + 1, at.column + 1, (int)n, name, shown, text.bytes + begin);
}

/* In the order of the text; of several captures of one node that of the first pattern is first. */
static int print_captures(const char *query_path, const char *path)
{
    struct text text = read_text(path);
    TSTree *tree = parse(text);
    TSQuery *query = read_query(query_path);
    TSQueryCursor *cursor = ts_query_cursor_new();
    ts_query_cursor_exec(cursor, query, ts_tree_root_node(tree));
    TSQueryMatch match;
    uint32_t i;
    while (ts_query_cursor_next_capture(cursor, &match, &i))
        print_capture(query, &match.captures[i], text);
    ts_query_cursor_delete(cursor);
    ts_query_delete(query);
    ts_tree_delete(tree);
    free(text.bytes);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 2 && !strcmp(argv[1], "check"))
        return check(argc - 2, argv + 2);
    if (argc == 3 && !strcmp(argv[1], "tree"))
        return print_tree(argv[2]);
    if (argc == 4 && !strcmp(argv[1], "captures"))
        return print_captures(argv[2], argv[3]);
    fail("does not know how to", argc > 1 ? argv[1] : "");
}
