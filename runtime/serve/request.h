/*
 * A request for inference: what the Open Inference Protocol (KServe's V2, its HTTP/REST form with
 * the extension for binary tensors) has in the body of POST /v2/models/NAME/infer, and in the
 * answer to it.
 */
#ifndef NETRT_SERVE_REQUEST_H
#define NETRT_SERVE_REQUEST_H

#include "network.h"

#include <stddef.h>

/* How an output is to be answered. */
enum serve_form { SERVE_UNASKED, SERVE_JSON, SERVE_BINARY };

struct serve_request {
    const struct serve_network *network;
    char *id;               /* as the client calls the request, or NULL */
    long images;            /* at least 1 */
    unsigned char **inputs; /* of all images, in the elements of the network */
    unsigned char **outputs;
    enum serve_form *form; /* of each output */
};

/* The bytes of an answer: `header` of them are JSON, the others tensors. */
struct serve_answer {
    char *data; /* from malloc */
    size_t size, header;
};

/*
 * Reads a body of `size` bytes, of which the first `header` are JSON and the rest tensors in binary
 * form. The answer's tensors have at most `limit` bytes. Returns 0, or NETRT_FAILED with a message
 * for the client; release the request either way.
 */
int serve_request_read(struct serve_request *, const struct serve_network *, const char *body,
                       size_t size, size_t header, size_t limit, struct netrt_message *);
void serve_request_release(struct serve_request *);

/* What is answered, of outputs that were computed. Returns 0, or NETRT_FAILED with a message. */
int serve_request_answer(const struct serve_request *, struct serve_answer *,
                         struct netrt_message *);

#endif
