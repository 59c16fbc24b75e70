#include "driver/option.h"

#include <stdio.h>
#include <string.h>

static const struct option_row rows[] = {
#define OPTION(id, letter, name, argument, topic, values, help)                                    \
    {letter, name, argument, TOPIC_##topic, values, help},
#include "driver/options.def"
};

static const struct topic_row topics[] = {
#define TOPIC(id, doc) {#id, doc},
#include "driver/options.def"
};

const struct option_row *option_row(enum option_id id)
{
    return &rows[id];
}

const struct topic_row *topic_row(enum option_topic topic)
{
    return &topics[topic];
}

void option_form(const struct option_row *row, char *form, unsigned size)
{
    const char *argument = row->argument ? row->argument : "";
    char letter[8] = "", name[64] = "";
    if (row->letter)
        snprintf(letter, sizeof letter, "-%c%s", row->letter, row->name ? ", " : " ");
    if (row->name)
        snprintf(name, sizeof name, "--%s%s", row->name, *argument && *argument != '[' ? "=" : "");
    snprintf(form, size, "%s%s%s", letter, name, argument);
}

/* ---- help ---- */

/* A phrase up to its first semicolon or parenthesis, on one line. */
static void print_brief(const struct option_row *row)
{
    char form[80];
    const size_t n = strcspn(row->help, ";(");
    option_form(row, form, sizeof form);
    const bool blank = n && row->help[n] && row->help[n - 1] == ' ';
    printf("  %-22s %.*s\n", form, (int)(n - blank), row->help);
}

static void print_full(const struct option_row *row)
{
    char form[80];
    option_form(row, form, sizeof form);
    printf("  %s\n        %s\n", form, row->help);
}

/* "  report: --explain --nets …", wrapped at 80 columns under its first name. */
static void print_names(enum option_topic topic)
{
    int column = printf("  %-8s", topics[topic].name);
    for (int i = 0; i < N_OPTIONS; i++) {
        if (rows[i].topic != topic)
            continue;
        const int n = rows[i].name ? (int)strlen(rows[i].name) + 3 : 3;
        if (column + n > 79)
            column = printf("\n%10s", "") - 1;
        column += rows[i].name ? printf(" --%s", rows[i].name) : printf(" -%c", rows[i].letter);
    }
    putchar('\n');
}

static void print_short_help(void)
{
    puts("usage: netc [OPTION]... FILE.net [-o NAME]\n"
         "Compiles a network description to an executable that runs the network.\n");
    for (int i = 0; i < N_OPTIONS; i++)
        if (rows[i].topic == TOPIC_general)
            print_brief(&rows[i]);
    puts("\nMore options, which --help=TOPIC or --help=all explains:");
    for (int topic = TOPIC_general + 1; topic < N_TOPICS; topic++)
        print_names((enum option_topic)topic);
    puts("\nExit status: 0, 1 for an error in the input, 2 for a wrong call.");
}

static void print_topic(enum option_topic topic)
{
    printf("%s: %s\n", topics[topic].name, topics[topic].doc);
    for (int i = 0; i < N_OPTIONS; i++)
        if (rows[i].topic == topic)
            print_full(&rows[i]);
}

bool help_print(const char *name)
{
    const bool all = name && !strcmp(name, "all");
    bool known = !name || all;
    if (!name)
        print_short_help();
    for (int topic = 0; topic < N_TOPICS; topic++)
        if (all || (name && !strcmp(topics[topic].name, name))) {
            print_topic((enum option_topic)topic);
            known = true;
        }
    return known;
}
