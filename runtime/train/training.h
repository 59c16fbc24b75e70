/* A training under way: what the files of the command `train` share. */
#ifndef NETRT_TRAIN_TRAINING_H
#define NETRT_TRAIN_TRAINING_H

#include "commands.h"
#include "optimizer.h"
#include "parameters.h"
#include "schedule.h"
#include "../host/dataset.h"
#include "../host/file.h"

/* Counts over the steps of an epoch. */
struct netrt_sums {
    double loss; /* of batches */
    long batches, right, seen;
};

struct netrt_training {
    struct netrt_program *program;
    struct netrt_roles roles;
    struct netrt_recipe recipe; /* with what the command line says instead */
    struct netrt_parameters parameters;
    struct netrt_dataset data;
    long *order;  /* of the pictures, in this epoch */
    int pictures; /* the input of pictures */
    long batch;   /* pictures of a run */
    long steps_an_epoch;
    struct netrt_stand at;

    /* by parameter; NULL: has no gradient */
    float **states;   /* of the optimizer */
    float **gradient; /* summed over the runs of a step, where they are several */
    float **averaged; /* the averaged weights, also those of statistics; NULL: none are made */
    double *decay;

    struct netrt_optimizer now; /* the numbers of the last step */
    double norm;                /* of its gradients, where there is a largest one */
    struct netrt_sums sums;
    bool logging;
    struct netrt_writer log;
    double begun; /* seconds */
};

/* ---- settings.c ---- */

/* The recipe, with what the command line says instead; how long training is. */
int netrt_training_settings(struct netrt_training *);
/* How long: once the steps of an epoch are known. */
void netrt_training_length(struct netrt_training *);

/* ---- batch.c ---- */

/* An order of the pictures for an epoch, of the seed and the epoch's number. */
void netrt_training_shuffle(struct netrt_training *, long epoch);
/* The pictures of a run of the epoch, and their labels, as inputs of the program. */
int netrt_training_fill(struct netrt_training *, long run);

/* ---- step.c ---- */

/* Memory for what the optimizer keeps. */
int netrt_training_states(struct netrt_training *);
void netrt_training_release_states(struct netrt_training *);
/* A step of the optimizer: a run or several. */
int netrt_training_step(struct netrt_training *, long epoch, long step);

/* Numbers that look random, of a number. */
uint64_t netrt_training_mix(uint64_t);

#endif
