/* Owns the cells that find vertices and segments by place. */
#include "coverage_job.h"
