#include "confusion.h"
#include "finding.h"
#include "../host/file.h"

#include <stdlib.h>
#include <string.h>

bool netrt_confusion_open(struct netrt_confusion *c, long classes)
{
    const size_t n = (size_t)classes;
    *c = (struct netrt_confusion){
        .classes = classes,
        .answers = n <= SIZE_MAX / sizeof(long) / n ? calloc(n * n, sizeof *c->answers) : NULL,
        .pictures = calloc(n, sizeof *c->pictures),
        .top1 = calloc(n, sizeof *c->top1),
        .top5 = calloc(n, sizeof *c->top5)};
    return c->answers && c->pictures && c->top1 && c->top5;
}

void netrt_confusion_release(struct netrt_confusion *c)
{
    free(c->answers);
    free(c->pictures);
    free(c->top1);
    free(c->top5);
}

void netrt_confusion_count(struct netrt_confusion *c, long right, long likeliest, long rank)
{
    c->pictures[right]++;
    if (likeliest < 0)
        return;
    c->answers[right * c->classes + likeliest]++;
    c->top1[right] += rank == 0;
    c->top5[right] += rank < NETRT_TOP;
}

/* ---- csv ---- */

/* The name of a class, or its number; quoted where a csv needs that. */
static void print_class(const struct netrt_program *p, long class, FILE *out)
{
    const char *name = netrt_class_name(p, class);
    if (!name) {
        fprintf(out, "%ld", class);
        return;
    }
    const bool quoted = strpbrk(name, ",\"\n\r");
    if (quoted)
        fputc('"', out);
    for (; *name; name++)
        fprintf(out, quoted && *name == '"' ? "\"%c" : "%c", *name);
    if (quoted)
        fputc('"', out);
}

static void print_row(const struct netrt_confusion *c, long class, FILE *out)
{
    const long n = c->pictures[class];
    fprintf(out, ",%ld,%ld,%ld,", n, c->top1[class], c->top5[class]);
    if (n)
        fprintf(out, "%.6f", (double)c->top1[class] / (double)n);
    for (long i = 0; i < c->classes; i++)
        fprintf(out, ",%ld", c->answers[class * c->classes + i]);
    fputc('\n', out);
}

int netrt_confusion_write(const struct netrt_confusion *c, const struct netrt_program *p,
                          const char *path, struct netrt_message *m)
{
    struct netrt_writer out;
    const int status = netrt_writer_open(&out, path, m);
    if (status)
        return status;
    fputs("class,pictures,top1,top5,accuracy", out.file);
    for (long i = 0; i < c->classes; i++) {
        fputc(',', out.file);
        print_class(p, i, out.file);
    }
    fputc('\n', out.file);
    for (long i = 0; i < c->classes; i++) {
        print_class(p, i, out.file);
        print_row(c, i, out.file);
    }
    return netrt_writer_close(&out, 0, m);
}

/* ---- JSON ---- */

static void print_answers(const struct netrt_confusion *c, long class)
{
    const long *answers = c->answers + class * c->classes;
    const char *separator = "";
    printf(", \"answers\": {");
    for (long i = 0; i < c->classes; i++)
        if (answers[i]) {
            printf("%s\"%ld\": %ld", separator, i, answers[i]);
            separator = ", ";
        }
    printf("}");
}

void netrt_confusion_json(const struct netrt_confusion *c, const struct netrt_program *p)
{
    const char *separator = "";
    printf(", \"classes\": [");
    for (long i = 0; i < c->classes; i++)
        if (c->pictures[i]) {
            printf("%s{", separator);
            netrt_json_class(p, i);
            printf(", \"pictures\": %ld, \"top1\": %ld", c->pictures[i], c->top1[i]);
            if (c->classes > NETRT_TOP)
                printf(", \"top5\": %ld", c->top5[i]);
            print_answers(c, i);
            printf("}");
            separator = ", ";
        }
    printf("]");
}
