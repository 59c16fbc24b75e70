#include "report/grid.h"

#include <math.h>
#include <string.h>

enum { GAP = 2, LEAST_WIDE = 12 };

void grid_init(struct grid *g, struct arena *arena, const struct grid_column *columns, size_t n)
{
    *g = (struct grid){.arena = arena, .column = columns, .n_columns = n};
}

struct grid_row *grid_add(struct grid *g)
{
    struct grid_row row = {.cell = arena_array(g->arena, g->n_columns, sizeof *row.cell)};
    for (size_t i = 0; i < g->n_columns; i++)
        row.cell[i] = "";
    VEC_PUSH(g->arena, &g->rows, row);
    return &g->rows.at[g->rows.n - 1];
}

void grid_set(struct grid_row *row, size_t column, const char *text)
{
    row->cell[column] = text;
}

/* A cell as it is shown: names in it come from anybody, and would end a line or colour it. */
static const char *shown(const struct grid *g, const char *s)
{
    struct text t;
    text_init(&t, g->arena);
    text_append_harmless(&t, s);
    return text_string(&t);
}

static void make_harmless(const struct grid *g)
{
    for (size_t i = 0; i < g->rows.n; i++)
        for (size_t c = 0; c < g->n_columns; c++)
            g->rows.at[i].cell[c] = shown(g, g->rows.at[i].cell[c]);
}

size_t grid_width(const char *s)
{
    size_t n = 0;
    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

/* The last `keep` characters, which tell rows of one scope apart. */
static const char *cut(struct arena *arena, const char *s, size_t keep)
{
    size_t drop = grid_width(s) - keep + 2;
    for (; drop && *s; drop--)
        do
            s++;
        while (((unsigned char)*s & 0xc0) == 0x80);
    return arena_printf(arena, "..%s", s);
}

static size_t *measure(const struct grid *g)
{
    size_t *width = arena_array(g->arena, g->n_columns, sizeof *width);
    for (size_t c = 0; c < g->n_columns; c++) {
        width[c] = grid_width(g->column[c].title);
        for (size_t i = 0; i < g->rows.n; i++) {
            size_t n = grid_width(g->rows.at[i].cell[c]);
            width[c] = n > width[c] ? n : width[c];
        }
    }
    return width;
}

/* Narrows the wide column to what the terminal has. */
static void narrow(const struct grid *g, size_t *width, size_t columns)
{
    size_t sum = 0, wide = g->n_columns;
    for (size_t c = 0; c < g->n_columns; c++) {
        sum += width[c] + GAP;
        if (g->column[c].align == GRID_wide)
            wide = c;
    }
    if (!columns || sum <= columns || wide == g->n_columns)
        return;
    size_t over = sum - columns;
    if (width[wide] > LEAST_WIDE)
        width[wide] = width[wide] > over + LEAST_WIDE ? width[wide] - over : LEAST_WIDE;
}

static void spaces(struct text *t, size_t n)
{
    static const char blanks[] = "                                ";
    for (const size_t most = sizeof blanks - 1; n; n -= n < most ? n : most)
        text_append_n(t, blanks, n < most ? n : most);
}

static void print_cell(const struct grid *g, struct text *t, size_t c, const char *s, size_t width)
{
    size_t n = grid_width(s);
    if (n > width) {
        s = cut(g->arena, s, width);
        n = grid_width(s);
    }
    spaces(t, GAP);
    if (g->column[c].align == GRID_right)
        spaces(t, width - n);
    text_append(t, s);
    if (g->column[c].align != GRID_right && c + 1 < g->n_columns)
        spaces(t, width - n);
}

static void end_line(struct text *t)
{
    size_t n = t->n;
    while (n && t->at[n - 1] == ' ')
        n--;
    text_truncate(t, n);
    text_append(t, "\n");
}

static void print_rule(const struct grid *g, struct text *t, const size_t *width)
{
    for (size_t c = 0; c < g->n_columns; c++) {
        spaces(t, GAP);
        for (size_t i = 0; i < width[c]; i++)
            text_append(t, "-");
    }
    text_append(t, "\n");
}

static bool has_titles(const struct grid *g)
{
    for (size_t c = 0; c < g->n_columns; c++)
        if (*g->column[c].title)
            return true;
    return false;
}

static void print_titles(const struct grid *g, struct text *t, const size_t *width, bool colour)
{
    if (!has_titles(g))
        return;
    text_append(t, colour ? "\033[1m" : "");
    for (size_t c = 0; c < g->n_columns; c++)
        print_cell(g, t, c, g->column[c].title, width[c]);
    text_append(t, colour ? "\033[0m" : "");
    end_line(t);
    print_rule(g, t, width);
}

void grid_print_text(const struct grid *g, struct text *t, const struct grid_style *style)
{
    make_harmless(g);
    size_t *width = measure(g);
    narrow(g, width, style->columns);
    print_titles(g, t, width, style->colour);
    for (size_t i = 0; i < g->rows.n; i++) {
        const struct grid_row *row = &g->rows.at[i];
        bool bold = row->rule && style->colour;
        if (row->rule)
            print_rule(g, t, width);
        text_append(t, bold ? "\033[1m" : "");
        for (size_t c = 0; c < g->n_columns; c++)
            print_cell(g, t, c, row->cell[c], width[c]);
        text_append(t, bold ? "\033[0m" : "");
        end_line(t);
    }
}

/* A bar would end the cell. */
static void print_escaped(struct text *t, const char *s)
{
    for (; *s; s++)
        text_printf(t, *s == '|' ? "\\%c" : "%c", *s);
}

static void print_md_row(const struct grid *g, struct text *t, const struct grid_row *row)
{
    for (size_t c = 0; c < g->n_columns; c++) {
        bool bold = row->rule && *row->cell[c];
        text_append(t, bold ? "| **" : "| ");
        print_escaped(t, row->cell[c]);
        text_append(t, bold ? "** " : " ");
    }
    text_append(t, "|\n");
}

void grid_print_md(const struct grid *g, struct text *t)
{
    for (size_t c = 0; c < g->n_columns; c++)
        text_printf(t, "| %s ", g->column[c].title);
    text_append(t, "|\n");
    for (size_t c = 0; c < g->n_columns; c++)
        text_append(t, g->column[c].align == GRID_right ? "| ---: " : "| --- ");
    text_append(t, "|\n");
    make_harmless(g);
    for (size_t i = 0; i < g->rows.n; i++)
        print_md_row(g, t, &g->rows.at[i]);
}

const char *grid_real(struct arena *arena, double value)
{
    if (fabs(value) < 0x1p62 && value == (double)(int64_t)value)
        return grid_number(arena, (int64_t)value);
    return arena_printf(arena, "%.1f", value);
}

const char *grid_number(struct arena *arena, int64_t value)
{
    struct text t;
    text_init(&t, arena);
    text_append_number(&t, value);
    return text_string(&t);
}

const char *grid_bytes(struct arena *arena, int64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes / 1024;
    size_t unit = 0;
    for (; value >= 1024 && unit < 3; unit++)
        value /= 1024;
    return arena_printf(arena, "%.2f %s", value, units[unit]);
}

const char *grid_percent(struct arena *arena, double percent)
{
    return arena_printf(arena, "%.1f", percent);
}
