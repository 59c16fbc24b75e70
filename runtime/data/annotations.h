/* Pictures with boxes around the things in them: COCO's json, Pascal VOC's xml. */
#ifndef NETRT_DATA_ANNOTATIONS_H
#define NETRT_DATA_ANNOTATIONS_H

#include "../host/program.h"

struct netrt_thing {
    long picture, category; /* their numbers */
    double box[4];          /* left, top, width, height, in pixels of the picture, from its edges */
    double area;            /* as the data set says it, or that of the box */
    bool crowd;             /* a group: all boxes inside it find it */
    bool difficult;         /* to find it is neither right nor wrong */
};

struct netrt_annotated {
    char *path;
    long width, height; /* 0: the data set does not say */
    long first, n;      /* its things */
};

struct netrt_category {
    char *name;
    long class; /* the network's of that name; -1: it has none */
};

/* Pictures by the order of their numbers, or names; the things of each in that of the file. */
struct netrt_annotations {
    long n, n_things, n_categories;
    struct netrt_annotated *pictures;
    struct netrt_thing *things;
    struct netrt_category *categories; /* by their numbers, or names */
};

/* Reads `path`, COCO's where it ends in .json, else what `voc` reads (NULL: nothing), and finds its
 * pictures: in folder `pictures`, or where that is NULL beside it. netrt_annotations_release() also
 * after a failure. */
int netrt_annotations_open(struct netrt_annotations *, const char *path, const char *pictures,
                           netrt_annotations_reader *voc, struct netrt_message *);
void netrt_annotations_release(struct netrt_annotations *);
/* Gives categories the classes of their names; where the network has no names, numbers from `first`
 * on. Fails where no category has a class. */
int netrt_annotations_match(struct netrt_annotations *, const struct netrt_model *, long first,
                            struct netrt_message *);

/* Reads the folder of VOC's xml, one that has it as its `Annotations`, or a list of names in the
 * `ImageSets/Main` of that. Programs that name it are linked with expat. */
netrt_annotations_reader netrt_annotations_voc;

#endif
