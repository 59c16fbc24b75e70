/* Pages of the manual and completion in shells, made of the compiler's own tables: manual netc.1,
 * net.5, bash, zsh or fish prints one. A program of the build, not installed. */
#include "cost/convention.h"
#include "driver/option.h"
#include "driver/options.h"
#include "ir/graph.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- pages ---- */

/* Text as troff reads it: signs that it would obey are escaped. */
static void print_roff(const char *s)
{
    if (*s == '.' || *s == '\'')
        fputs("\\&", stdout);
    for (; *s; s++)
        if (*s == '\\')
            fputs("\\e", stdout);
        else if (*s == '-')
            fputs("\\-", stdout);
        else
            putchar(*s);
}

static void print_header(const char *name, int section, const char *doc)
{
    printf(".TH %s %d \"\" \"netc %s\"\n.SH NAME\n%s \\- %s\n", name, section, netc_version(), name,
           doc);
}

static void print_options(enum option_topic topic)
{
    char form[80];
    printf(".SS ");
    print_roff(topic_row(topic)->doc);
    putchar('\n');
    for (int i = 0; i < N_OPTIONS; i++) {
        const struct option_row *row = option_row((enum option_id)i);
        if (row->topic != topic)
            continue;
        option_form(row, form, sizeof form);
        printf(".TP\n.B ");
        print_roff(form);
        putchar('\n');
        print_roff(row->help);
        putchar('\n');
    }
}

static void print_netc(void)
{
    print_header("netc", 1, "compile descriptions of convolutional networks");
    puts(".SH SYNOPSIS\n.B netc\n[\\fIOPTION\\fR]... \\fIFILE\\fR.net [\\fB\\-o\\fR "
         "\\fINAME\\fR]\n.SH DESCRIPTION\n"
         "Reads a description of a network, in the language of\n.BR net (5),\nor a model of ONNX "
         "or Darknet, and compiles it to an "
         "executable that runs the network; with\n.B \\-\\-emit\nto a library, C, or a text of one "
         "of its stages. With\n"
         ".B \\-\\-report\nit prints what the network costs, from its source alone.\n.SH OPTIONS");
    for (int topic = 0; topic < N_TOPICS; topic++)
        print_options((enum option_topic)topic);
    puts(".SS conventions of \\-\\-flops");
    for (int i = 0; i < N_CONVENTIONS; i++) {
        printf(".TP\n.B %s\n", convention_info((enum convention)i)->name);
        print_roff(convention_info((enum convention)i)->doc);
        putchar('\n');
    }
    puts(".SH EXIT STATUS\n0, 1 for an error in the input, 2 for a wrong call.\n.SH EXAMPLES\n.nf\n"
         "netc lenet.net \\-\\-net lenet5 \\-o lenet5\n\\&./lenet5 image.png \\-\\-weights "
         "lenet5.safetensors\n"
         "netc \\-\\-report \\-\\-net resnet50 resnet.net\n.fi\n.SH SEE ALSO\n.BR net (5)");
}

/* "stride=1" as the tables of the language have it. */
static void print_default(const struct attr_info *a)
{
    if (a->presence == ATTR_REQUIRED)
        return;
    if (a->presence == ATTR_AS_KERNEL)
        printf("=kernel");
    else if (a->kind == ATTR_BOOL)
        printf("=%s", a->value != 0 ? "true" : "false");
    else if (attr_words(a->kind))
        printf("=\"%s\"", attr_words(a->kind)[0]);
    else if (attr_is_list(a->kind) && a->value == 0)
        printf("=[]");
    else
        printf("=%g", a->value);
}

static void print_operator(const struct op_info *op)
{
    printf(".TP\n.B %s", op->name);
    for (int i = 0; i < op->n_operands; i++)
        printf("%s%s", i ? ", " : "(", op->operands[i].name);
    for (int i = 0; i < op->n_attrs; i++) {
        printf("%s%s", i || op->n_operands ? ", " : "(", op->attrs[i].name);
        print_default(&op->attrs[i]);
    }
    puts(op->n_attrs || op->n_operands ? ")" : "");
    print_roff(op->doc);
    putchar('\n');
}

static void print_operators(enum op_class class)
{
    for (int i = 0; i < N_OPS; i++)
        if (op_info((enum op)i)->class == class)
            print_operator(op_info((enum op)i));
}

static void print_net(void)
{
    static const struct {
        enum op_class class;
        const char *title;
    } sections[] = {{CLASS_LAYER, "STEPS"},
                    {CLASS_FORK, "FORKS"},
                    {CLASS_PICTURE, "PREPROCESSING"},
                    {CLASS_PURPOSE, "PURPOSES OF OUTPUTS"},
                    {CLASS_LOSS, "LOSSES"}};
    print_header("net", 5, "descriptions of convolutional networks");
    puts(".SH DESCRIPTION\nA file holds nets, blocks, functions and constants. The body of a net "
         "says with\n.B input\n"
         "what flows into it; each step takes what flows out of the step before. Steps stand on "
         "lines of their own, or "
         "are joined by\n.BR \\-> .\nA label names a step;\n.B from\ngoes back to it. A fork gives "
         "what flows into it to each of "
         "its branches, which begin with\n.BR | ,\nand joins their results. Comments begin "
         "with\n.BR # .\n"
         "The manual, language.md, is the whole of it.\n.SH EXAMPLE\n.nf\n"
         "block basic(c, stride=1) {\n    add {\n        | conv(c, 3, stride, padding=1, "
         "bias=false) \\-> bn \\-> relu\n"
         "          \\-> conv(c, 3, padding=1, bias=false) \\-> bn\n        | conv(c, 1, stride, "
         "bias=false) \\-> bn\n    } \\-> relu\n}\n\n"
         "net small(classes=10) {\n    input image[3, 32, 32]\n    conv(16, 3, padding=1)\n    "
         "repeat 2 { basic(32) }\n"
         "    global_avgpool \\-> flatten \\-> fc: linear(classes)\n}\n.fi");
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        printf(".SH %s\n", sections[i].title);
        print_operators(sections[i].class);
    }
    puts(".SH SEE ALSO\n.BR netc (1)");
}

/* ---- completion ---- */

/* What an option's argument may be: by its row, or by the table of another floor. */
static void print_values(enum option_id id)
{
    static const char *const targets[] = {
        "native",
#define TARGET(id, name, ...) name,
#include "target/targets.def"
    };
    const char *values = option_row(id)->values;
    if (values)
        fputs(values, stdout);
    for (int i = 0; id == OPTION_flops && i < N_CONVENTIONS; i++)
        printf("%s ", convention_info((enum convention)i)->name);
    for (size_t i = 0; id == OPTION_target && i < sizeof targets / sizeof *targets; i++)
        printf("%s ", targets[i]);
    fputs(id == OPTION_flops ? "all" : id == OPTION_machine ? "native" : "", stdout);
}

static bool has_values(enum option_id id)
{
    return option_row(id)->values || id == OPTION_flops || id == OPTION_target ||
           id == OPTION_machine;
}

static bool takes_file(const struct option_row *row)
{
    return row->argument && (strstr(row->argument, "FILE") || strstr(row->argument, "DIR") ||
                             !strcmp(row->argument, "OTHER"));
}

/* Long options with "=" where an argument follows, and letters. */
static void print_bash_words(void)
{
    for (int i = 0; i < N_OPTIONS; i++) {
        const struct option_row *row = option_row((enum option_id)i);
        if (row->name)
            printf(" --%s%s", row->name, row->argument && *row->argument != '[' ? "=" : "");
        else
            printf(" -%c", row->letter);
    }
}

static void print_bash(void)
{
    puts("# Completion of netc in bash.\n_netc()\n{\n    local cur prev words cword split\n"
         "    _init_completion -s -n : 2>/dev/null || { cur=${COMP_WORDS[COMP_CWORD]} "
         "prev=${COMP_WORDS[COMP_CWORD-1]}; }\n"
         "    case $prev in");
    for (int i = 0; i < N_OPTIONS; i++) {
        const struct option_row *row = option_row((enum option_id)i);
        if (!row->name || !has_values((enum option_id)i))
            continue;
        printf("    --%s) COMPREPLY=($(compgen -W \"", row->name);
        print_values((enum option_id)i);
        puts("\" -- \"$cur\")); return ;;");
    }
    printf("    esac\n    if [[ $cur == -* ]]; then\n        COMPREPLY=($(compgen -W \"");
    print_bash_words();
    puts("\" -- \"$cur\"))\n        [[ ${COMPREPLY-} == *= ]] && compopt -o nospace\n        "
         "return\n    fi\n"
         "    COMPREPLY=($(compgen -f -X '!*.@(net|onnx|cfg|graph)' -- \"$cur\") $(compgen -d -- "
         "\"$cur\"))\n}\n"
         "complete -o filenames -F _netc netc");
}

/* A phrase in single quotes, without the signs that both shells obey in a description. */
static void print_quoted(const char *s)
{
    for (; *s; s++)
        if (*s == '\'')
            fputs("'\\''", stdout);
        else if (strchr("[]:", *s))
            fputs(*s == ':' ? "\\:" : *s == '[' ? "\\[" : "\\]", stdout);
        else
            putchar(*s);
}

static void print_zsh_argument(enum option_id id)
{
    const struct option_row *row = option_row(id);
    printf(":%s:", row->name ? row->name : "value");
    if (has_values(id)) {
        putchar('(');
        print_values(id);
        putchar(')');
    } else if (takes_file(row)) {
        printf(strstr(row->argument, "DIR") ? "_files -/" : "_files");
    }
}

static void print_zsh(void)
{
    puts("#compdef netc\n_arguments -s \\");
    for (int i = 0; i < N_OPTIONS; i++) {
        const struct option_row *row = option_row((enum option_id)i);
        const bool optional = row->argument && *row->argument == '[';
        if (row->name)
            printf("  '--%s%s[", row->name, row->argument ? (optional ? "=-" : "=") : "");
        else
            printf("  '-%c+[", row->letter);
        print_quoted(row->help);
        putchar(']');
        if (optional)
            putchar(':');
        if (row->argument)
            print_zsh_argument((enum option_id)i);
        puts("' \\");
    }
    puts("  '*:network:_files -g \"*.(net|onnx|cfg|graph)\"'");
}

/* A phrase in single quotes of fish. */
static void print_fish_quoted(const char *s)
{
    for (; *s; s++)
        printf(*s == '\'' || *s == '\\' ? "\\%c" : "%c", *s);
}

static void print_fish(void)
{
    puts("# Completion of netc in fish.\n"
         "complete -c netc -f -a '(__fish_complete_suffix .net; __fish_complete_suffix .onnx; "
         "__fish_complete_suffix .cfg; "
         "__fish_complete_suffix .graph)'");
    for (int i = 0; i < N_OPTIONS; i++) {
        const struct option_row *row = option_row((enum option_id)i);
        printf("complete -c netc");
        if (row->letter)
            printf(" -s %c", row->letter);
        if (row->name)
            printf(" -l %s", row->name);
        if (row->argument && *row->argument != '[')
            printf(takes_file(row) ? " -r -F" : " -x");
        if (has_values((enum option_id)i)) {
            printf(" -a '");
            print_values((enum option_id)i);
            putchar('\'');
        }
        printf(" -d '");
        print_fish_quoted(row->help);
        puts("'");
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } texts[] = {{"netc.1", print_netc},
                 {"net.5", print_net},
                 {"bash", print_bash},
                 {"zsh", print_zsh},
                 {"fish", print_fish}};
    for (size_t i = 0; argc == 2 && i < sizeof texts / sizeof *texts; i++)
        if (!strcmp(argv[1], texts[i].name)) {
            texts[i].print();
            return fflush(stdout) || ferror(stdout);
        }
    fputs("usage: manual netc.1|net.5|bash|zsh|fish\n", stderr);
    return 2;
}
