/* The main of programs that find boxes: apart, as what it names of XML is linked with it alone. */
#include "answer.h"
#include "../data/annotations.h"
#include "../host/host.h"

int netrt_main_boxes(const struct netrt_model *model, int argc, char **argv)
{
    return netrt_main_with(model, netrt_annotations_voc, argc, argv);
}
