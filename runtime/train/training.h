/* A training under way: what the files of the command `train` share. */
#ifndef NETRT_TRAIN_TRAINING_H
#define NETRT_TRAIN_TRAINING_H

#include "commands.h"
#include "group.h"
#include "optimizer.h"
#include "parameters.h"
#include "schedule.h"
#include "../data/dataset.h"
#include "../host/file.h"

#include <pthread.h>

/* Counts over the steps of an epoch. */
struct netrt_sums {
    double loss;        /* of batches */
    long batches, seen; /* runs, pictures */
    struct netrt_answers answers;
};

/* What is known of a step; not a number: there is none. */
struct netrt_row {
    long step, epoch;
    double lr, loss, accuracy, norm, seconds; /* seconds since training began */
    double val_loss, val_accuracy;            /* behind the epoch's last step */
};

struct netrt_log {
    struct netrt_row *rows;
    long n, room;
};

struct netrt_training;

/* The pictures of a run, decoded by a thread while the run before is computed. */
struct netrt_loader {
    const struct netrt_training *training;
    pthread_t thread;
    bool ready, running; /* a run was begun; its thread is to be joined */
    long run;
    float *pictures, *labels;
    int status;
    struct netrt_message message;
};

/* The network at inference, on other data; without --val there is none. */
struct netrt_evaluation {
    struct netrt_model *model; /* from netrt_unroll() */
    struct netrt_program program;
    struct netrt_roles roles;
    struct netrt_dataset data;
};

/* How far the gradients of a step that has several runs are. */
struct netrt_gradient_sums {
    struct netrt_profile profile; /* first: its function gets a pointer to it */
    struct netrt_training *training;
    int *order; /* outputs that are gradients, in the order in which a run makes them */
    int n;
    int taken;            /* of this run, added to the step's */
    int joined;           /* of those: the sums over the ranks have come so far */
    long summed, waiting; /* elements of sums that were begun, and of those that wait for more */
    bool last;            /* this is the rank's last run of the step */
    double *found;        /* room for what ranks share of their statistics: their own, and all */
};

struct netrt_training {
    struct netrt_program *program;
    struct netrt_group *group;
    bool interrupted; /* someone wants the program, or another rank, to end */
    struct netrt_roles roles;
    struct netrt_recipe recipe; /* with what the command line says instead */
    struct netrt_parameters parameters;
    struct netrt_evaluation evaluation;
    struct netrt_loader loader;
    struct netrt_dataset data;
    long *order;  /* of the pictures, in this epoch */
    int pictures; /* the input of pictures */
    bool maps;    /* labels are a class for each pixel */
    long batch;   /* pictures of a run */
    long classes; /* labels are below it */
    uint64_t seed;
    long steps_an_epoch;
    struct netrt_stand at;

    int *param; /* by output: the parameter of its name, or -1 */

    /* by parameter; NULL: has no gradient */
    float **states;   /* of the optimizer */
    float **gradient; /* summed over the runs of a step, where they are several: */
    float *gradients; /* parts of these, */
    long n_gradients; /* so many elements together, in the order in which runs make them */
    struct netrt_gradient_sums gradient_sums;
    float **averaged; /* the averaged weights, also those of statistics; NULL: none are made */
    double *decay;

    struct netrt_optimizer now; /* the numbers of the last step */
    double norm;                /* of its gradients, where there is a largest one */
    struct netrt_sums sums;
    long timed; /* pictures of the epoch that were seen before `begun` */
    struct netrt_log log;
    double begun, shown; /* when the epoch began, and when progress was last said: seconds */
    double trained;      /* seconds of the epoch, without its evaluation */
    double started;      /* training */
    double best;         /* of the other data: the largest share of right answers, or the least
                            loss, negated */
};

/* ---- settings.c ---- */

/* The recipe, with what the command line says instead; how long training is. */
int netrt_training_settings(struct netrt_training *);
/* How long: once the steps of an epoch are known. */
void netrt_training_length(struct netrt_training *);

/* ---- batch.c ---- */

/* Memory for pictures that are read ahead. */
int netrt_loader_open(struct netrt_training *);
void netrt_loader_close(struct netrt_training *);
/* Forgets what was read ahead: the order of the pictures becomes another one. */
void netrt_loader_stop(struct netrt_loader *);
/* An order of the pictures for an epoch, of the seed and the epoch's number. */
void netrt_training_shuffle(struct netrt_training *, long epoch);
/* The pictures of a run of the epoch, and their labels, as inputs of the program; those of this
 * rank's next run are begun. */
int netrt_training_fill(struct netrt_training *, long run);

/* The data at `path`: labelled pictures, or maps of labels, whose pictures are in folder
 * `pictures`.
 */
int netrt_training_data(struct netrt_training *, struct netrt_dataset *, const char *path,
                        const char *pictures, enum netrt_split);
/* Picture `number` of the data that `source` names, as one image of the input, and its label, of so
 * many numbers. */
int netrt_training_read(const struct netrt_training *, const struct netrt_dataset *data,
                        const char *source, long number, float *to, float *label, long size);

/* ---- evaluate.c ---- */

int netrt_evaluation_open(struct netrt_training *);
void netrt_evaluation_close(struct netrt_evaluation *);
/* The loss, the mean over batches that are full, and the share of right answers of all pictures;
 * not a number: there are no classes. */
int netrt_evaluate(struct netrt_training *, double *loss, double *accuracy);

/* ---- step.c ---- */

/* Memory for what the optimizer keeps. */
int netrt_training_states(struct netrt_training *);
void netrt_training_release_states(struct netrt_training *);
/* A step of the optimizer: a run or several, of which each rank of the group makes some. */
int netrt_training_step(struct netrt_training *, long epoch, long step);

/* Says that a rank has ended, once: returns NETRT_FAILED. */
int netrt_training_lost(struct netrt_training *);

/* ---- gradient_sums.c ---- */

/* Memory for the gradients of a step, where that has several runs. */
int netrt_gradient_sums_open(struct netrt_training *);
void netrt_gradient_sums_close(struct netrt_training *);
/* Before a run, and behind it: its gradients are added to those of the step; `last`: there they are
 * summed over the ranks as soon as they are made. */
void netrt_gradient_sums_start(struct netrt_training *, bool last);
void netrt_gradient_sums_take(struct netrt_training *);
/* Behind the runs of a step, also where one of them failed: waits until all sums are made, for
 * which each rank must come here. NETRT_FAILED: a rank has ended. */
int netrt_gradient_sums_end(struct netrt_training *);

/* ---- shared.c ---- */

/* What ranks share between the steps of a run, where they normalize by the statistics of all. */
int netrt_shared_open(struct netrt_training *);
void netrt_shared_close(struct netrt_training *);
/* Makes what each rank has found in its batch that of all; each must come here. As `share` of
 * struct netrt_profile. */
void netrt_shared_join(struct netrt_training *, float *found, long n, int moments);

/* ---- finite.c ---- */

/* Says that the loss of the last run is not finite, and which layer was the first whose result is
 * not: returns NETRT_FAILED. */
int netrt_training_not_finite(struct netrt_training *, long epoch, double loss);

/* ---- state.c ---- */

/* The file beside a checkpoint that training can go on from: all that the next step depends on,
 * written whole or not at all; and back, of the same network, data and batches. */
int netrt_training_save(struct netrt_training *);
int netrt_training_resume(struct netrt_training *);
/* Its path, from malloc; NULL: out of memory. */
char *netrt_training_state_path(const struct netrt_training *);

/* ---- log.c ---- */

/* Where training goes on, the rows that are in the file of --log already, up to its step. */
int netrt_log_resume(struct netrt_training *);
/* Adds a row; false: out of memory. */
bool netrt_log_add(struct netrt_log *, const struct netrt_row *);
/* The share of right answers; not a number: there are none. */
double netrt_sums_accuracy(const struct netrt_sums *);
/* Writes what --log and --plot name, each whole. */
int netrt_log_write(const struct netrt_training *);
/* On a terminal, a line that says how far training is; and takes it away. */
void netrt_progress_show(struct netrt_training *);
void netrt_progress_clear(const struct netrt_training *);

/* ---- plot.c ---- */

/* Losses and right answers over the steps, as a picture of SVG. */
void netrt_plot(const struct netrt_log *, const char *title, FILE *);

#endif
