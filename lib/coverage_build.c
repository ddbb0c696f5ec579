/* Owns making a coverage from polygons. */
#include "coverage_job.h"
