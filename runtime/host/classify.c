#include "classify.h"
#include "profile.h"

#include <errno.h>
#include <string.h>

enum { CLASSIFY_TOP = 5 };

static void print_class(const struct netrt_model *model, double score, long class)
{
    printf("  %8.6f  %4ld", score, class);
    if (class < model->n_labels)
        printf("  %s", model->labels[class]);
    printf("\n");
}

/* The likeliest class after `last` (-1: of all): of equal ones the lower number is first. */
static long next_class(const double *scores, long classes, long last)
{
    long best = -1;
    for (long i = 0; i < classes; i++) {
        int after = last < 0 || scores[i] < scores[last] || (scores[i] == scores[last] && i > last);
        if (after && (best < 0 || scores[i] > scores[best]))
            best = i;
    }
    return best;
}

/* One picture's answer: its name, which is the next of the words, and its likeliest classes. */
static void print_top(struct netrt_classifier *c, const double *scores)
{
    char ***word = c->context;
    printf("%s\n", *(*word)++);
    long class = -1;
    for (int i = 0; i < CLASSIFY_TOP; i++) {
        class = next_class(scores, c->classes, class);
        if (class < 0)
            return;
        print_class(c->program->model, scores[class], class);
    }
}

/* The first word may be a command that is not spelled right: that is said before anything else. */
static int check_first(struct netrt_program *p)
{
    const char *word = p->options->words[0];
    FILE *file = fopen(word, "rb");
    if (!file)
        return netrt_fail(p->message,
                          "cannot open '%s': %s (nor is it a command: --help lists them)", word,
                          strerror(errno));
    fclose(file);
    return 0;
}

/* The answers of the pictures before a bad one are printed. */
static int classify_pictures(struct netrt_classifier *c)
{
    const struct netrt_options *o = c->program->options;
    int status = 0;
    for (int i = 0; i < o->n_words && !status; i++) {
        struct netrt_image image;
        status = netrt_image_read(&image, o->words[i], c->program->message);
        if (!status)
            status = netrt_classifier_add(c, &image, o->words[i]);
    }
    netrt_classifier_flush(c);
    netrt_step_clock_print(c->program->clock, stdout);
    return status;
}

int netrt_command_classify(struct netrt_program *p)
{
    char **word = p->options->words;
    struct netrt_classifier c = {.done = print_top, .context = &word};
    int status = check_first(p);
    if (!status)
        status = netrt_classifier_open(&c, p);
    if (!status)
        status = classify_pictures(&c);
    netrt_classifier_close(&c);
    return status;
}
