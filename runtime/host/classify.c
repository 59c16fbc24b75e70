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

static int read_word(struct netrt_classifier *c, long number, struct netrt_image *image,
                     struct netrt_message *m)
{
    return netrt_image_read(image, c->program->options->words[number], m);
}

static void name_word(struct netrt_classifier *c, long number, char *text, size_t size)
{
    snprintf(text, size, "picture '%s'", c->program->options->words[number]);
}

/* One picture's answer: its name and its likeliest classes. */
static void print_top(struct netrt_classifier *c, long number, const double *scores)
{
    printf("%s\n", c->program->options->words[number]);
    if (!scores)
        printf("  no answer\n");
    long class = -1;
    for (int i = 0; scores && i < CLASSIFY_TOP; i++) {
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

int netrt_command_classify(struct netrt_program *p)
{
    static const struct netrt_pictures words = {read_word, name_word, print_top};
    struct netrt_classifier c = {.pictures = &words};
    int status = check_first(p);
    if (!status)
        status = netrt_classifier_open(&c, p);
    if (!status)
        status = netrt_classifier_run(&c, p->options->n_words);
    if (!status)
        status = netrt_step_clock_report(p->clock, p->options, p->message);
    if (!status)
        status = c.unanswered ? NETRT_FAILED : 0;
    netrt_classifier_close(&c);
    return status;
}
