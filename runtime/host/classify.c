#include "classify.h"
#include "profile.h"

enum { CLASSIFY_TOP = 5 };

static void print_class(const struct netrt_model *model, double score, long class)
{
    printf("  %8.6f  %4ld", score, class);
    if (class < model->n_labels)
        printf("  %s", model->labels[class]);
    printf("\n");
}

/* One picture's answer: its name, which is the next of the words, and its likeliest classes. */
static void print_top(struct netrt_classifier *c, const double *scores)
{
    char ***word = c->context;
    printf("%s\n", *(*word)++);
    for (long rank = 0; rank < CLASSIFY_TOP && rank < c->classes; rank++)
        for (long i = 0; i < c->classes; i++)
            if (netrt_rank(scores, c->classes, i) == rank)
                print_class(c->program->model, scores[i], i);
}

int netrt_command_classify(struct netrt_program *p)
{
    const struct netrt_options *o = p->options;
    char **word = o->words;
    struct netrt_classifier c = {.done = print_top, .context = &word};
    int status = netrt_classifier_open(&c, p);
    for (int i = 0; i < o->n_words && !status; i++) {
        struct netrt_image image;
        status = netrt_image_read(&image, o->words[i], p->message);
        if (!status)
            status = netrt_classifier_add(&c, &image, o->words[i]);
    }
    if (!status) {
        netrt_classifier_flush(&c);
        netrt_step_clock_print(p->clock, stdout);
    }
    netrt_classifier_close(&c);
    return status;
}
