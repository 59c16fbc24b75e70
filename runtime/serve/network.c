#include "network.h"
#include "../host/dtype.h"

#include <ctype.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SERVE_MAX_NAME = 256 };

long serve_network_batch(const struct serve_network *network)
{
    return network->variants[network->n_variants - 1].batch;
}

int serve_network_variant(const struct serve_network *network, long images)
{
    int i = network->n_variants - 1;
    while (i > 0 && network->variants[i].batch > images)
        i--;
    return i;
}

struct serve_network *serve_networks_find(const struct serve_networks *networks, const char *name,
                                          size_t length)
{
    for (int i = 0; i < networks->n; i++)
        if (strlen(networks->at[i].name) == length && !memcmp(networks->at[i].name, name, length))
            return &networks->at[i];
    return NULL;
}

/* ---- loading ---- */

/* "lenet_library" of "out/liblenet.so": functions are called as the file, what is no part of a word
 * in C being "_". Returns whether it fits. */
static int symbol_of(const char *path, char *symbol, size_t size)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    if (!strncmp(name, "lib", strlen("lib")))
        name += strlen("lib");
    const char *dot = strrchr(name, '.');
    const int length = dot ? (int)(dot - name) : (int)strlen(name);
    const int written = snprintf(symbol, size, "%.*s_library", length, name);
    for (char *c = symbol; *c; c++)
        if (!isalnum((unsigned char)*c))
            *c = '_';
    return written > 0 && (size_t)written < size;
}

/* A path without a slash is in this folder, not where libraries of the system are looked for. */
static void *open_library(const char *path)
{
    char *here = malloc(strlen(path) + sizeof "./");
    if (!here)
        return NULL;
    sprintf(here, "%s%s", strchr(path, '/') ? "" : "./", path);
    void *handle = dlopen(here, RTLD_NOW | RTLD_LOCAL);
    free(here);
    return handle;
}

/* What dlopen() says begins with the path. */
static int cannot_open(const char *path, struct netrt_message *m)
{
    const char *said = dlerror();
    return netrt_fail(m, "cannot load '%s': %s\n  hint: 'netc --emit=shared' makes such libraries",
                      path, said ? said : "out of memory");
}

static int ask_library(struct serve_variant *v, const char *path, struct netrt_message *m)
{
    const struct netrt_library *(*library)(void);
    char symbol[SERVE_MAX_NAME] = "";
    void *found = symbol_of(path, symbol, sizeof symbol) ? dlsym(v->handle, symbol) : NULL;
    if (!found)
        return netrt_fail(m,
                          "'%s' has no function '%s': it is no library of 'netc --emit=shared', or "
                          "was made under another name",
                          path, symbol);
    memcpy(&library, &found, sizeof library); /* C has no cast from an object to a function */
    v->library = library();
    if (v->library->version != NETRT_LIBRARY_VERSION)
        return netrt_fail(m, "'%s' was made by another version of netc: compile it anew", path);
    return 0;
}

static int bind_library(struct serve_variant *v, const char *path, const char *weights,
                        struct netrt_message *m)
{
    char error[sizeof m->text];
    v->weights = v->library->bind(v->library->model, weights, error, sizeof error);
    return v->weights
               ? 0
               : netrt_fail(m, "%s%s: %s", path, weights ? "" : " without '--weights'", error);
}

/* What a tensor is for one image; 0 where images do not lie one after the other in it. */
static int describe(struct serve_tensor *to, const struct netrt_tensor *t, enum netrt_dtype dtype,
                    long batch)
{
    *to = (struct serve_tensor){.name = t->name, .dtype = dtype, .rank = t->rank};
    memcpy(to->dim, t->dim, sizeof to->dim);
    to->dim[0] = batch > 0 ? t->dim[0] / batch : 0;
    to->bytes = (size_t)netrt_tensor_elements(t) / (size_t)batch * netrt_dtype_bytes(dtype);
    return t->rank > 0 && t->dim[0] % batch == 0 && serve_datatype(dtype) && to->bytes > 0;
}

static int describe_all(struct serve_network *network, const struct netrt_model *model, long batch)
{
    int fits = model->n_inputs > 0;
    network->n_inputs = model->n_inputs;
    network->n_outputs = model->n_outputs;
    for (int i = 0; fits && i < model->n_inputs; i++)
        fits =
            model->inputs[i].tensor.dim[0] == batch &&
            describe(&network->inputs[i], &model->inputs[i].tensor, model->inputs[i].dtype, batch);
    for (int i = 0; fits && i < model->n_outputs; i++)
        fits = describe(&network->outputs[i], &model->outputs[i].tensor, model->outputs[i].dtype,
                        batch);
    return fits;
}

/* A network with the tensors of a variant, which is not yet in it. */
static int network_init(struct serve_network *network, const struct netrt_model *model, long batch,
                        const char *path, struct netrt_message *m)
{
    *network = (struct serve_network){.name = model->name};
    network->inputs = calloc((size_t)model->n_inputs + 1, sizeof *network->inputs);
    network->outputs = calloc((size_t)model->n_outputs + 1, sizeof *network->outputs);
    if (!network->inputs || !network->outputs)
        return netrt_fail(m, "out of memory");
    return describe_all(network, model, batch)
               ? 0
               : netrt_fail(m,
                            "'%s' has an input or output that is not of one image after the other",
                            path);
}

static void network_release(struct serve_network *network)
{
    free(network->inputs);
    free(network->outputs);
}

static int same_tensors(const struct serve_tensor *a, const struct serve_tensor *b, int n)
{
    for (int i = 0; i < n; i++)
        if (strcmp(a[i].name, b[i].name) != 0 || a[i].dtype != b[i].dtype ||
            a[i].rank != b[i].rank || memcmp(a[i].dim, b[i].dim, sizeof a[i].dim) != 0)
            return 0;
    return 1;
}

/* Whether two libraries are of one network, but for their batch. */
static int same_network(const struct serve_network *a, const struct serve_network *b)
{
    return a->n_inputs == b->n_inputs && a->n_outputs == b->n_outputs &&
           same_tensors(a->inputs, b->inputs, a->n_inputs) &&
           same_tensors(a->outputs, b->outputs, a->n_outputs);
}

/* Takes a variant into a network, in the order of batches. */
static int add_variant(struct serve_network *network, const struct serve_variant *v,
                       const char *path, struct netrt_message *m)
{
    int at = network->n_variants;
    if (at == SERVE_MAX_VARIANTS)
        return netrt_fail(m, "'%s': more than %d libraries of '%s'", path, SERVE_MAX_VARIANTS,
                          network->name);
    while (at > 0 && network->variants[at - 1].batch > v->batch)
        at--;
    if (at > 0 && network->variants[at - 1].batch == v->batch)
        return netrt_fail(m, "'%s': another library of '%s' has the batch %ld too", path,
                          network->name, v->batch);
    memmove(&network->variants[at + 1], &network->variants[at],
            (size_t)(network->n_variants - at) * sizeof *v);
    network->variants[at] = *v;
    network->n_variants++;
    return 0;
}

/* To the network of that name, or to a new one. */
static int place_variant(struct serve_networks *networks, const struct serve_variant *v,
                         const char *path, struct netrt_message *m)
{
    struct serve_network made, *of;
    const struct netrt_model *model = v->library->model;
    int status = network_init(&made, model, v->batch, path, m);
    of = serve_networks_find(networks, model->name, strlen(model->name));
    if (!status && of && !same_network(of, &made))
        status = netrt_fail(m, "'%s' is another network of the name '%s'", path, model->name);
    if (status || of)
        network_release(&made);
    else
        *(of = &networks->at[networks->n++]) = made;
    return status ? status : add_variant(of, v, path, m);
}

static void variant_release(struct serve_variant *v)
{
    if (v->weights)
        v->library->unbind(v->weights);
    if (v->handle)
        dlclose(v->handle);
}

static int load(struct serve_networks *networks, const char *path, const char *weights,
                struct netrt_message *m)
{
    struct serve_variant v = {.handle = open_library(path)};
    int status = v.handle ? ask_library(&v, path, m) : cannot_open(path, m);
    if (!status)
        status = bind_library(&v, path, weights, m);
    if (!status) {
        v.batch = v.library->model->n_inputs ? v.library->model->inputs[0].tensor.dim[0] : 1;
        status = place_variant(networks, &v, path, m);
    }
    if (status)
        variant_release(&v);
    return status;
}

int serve_networks_load(struct serve_networks *networks, char *const *paths, int n,
                        const char *weights, struct netrt_message *m)
{
    int status = 0;
    networks->n = 0;
    networks->at = calloc((size_t)n + 1, sizeof *networks->at);
    if (!networks->at)
        return netrt_fail(m, "out of memory");
    for (int i = 0; i < n && !status; i++)
        status = load(networks, paths[i], weights, m);
    if (!status && weights && networks->n > 1)
        status = netrt_misuse(m, "'--weights' is of one network: of several, each library carries "
                                 "its own ('netc --emit=shared --weights')");
    return status;
}

void serve_networks_release(struct serve_networks *networks)
{
    for (int i = 0; networks->at && i < networks->n; i++) {
        for (int k = 0; k < networks->at[i].n_variants; k++)
            variant_release(&networks->at[i].variants[k]);
        network_release(&networks->at[i]);
    }
    free(networks->at);
}
