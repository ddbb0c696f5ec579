/* Owns the moving of whole arcs. */
#include "coverage_job.h"
