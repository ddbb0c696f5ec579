/* Owns the questions to a coverage: arcs, neighbours, what lies where. */
#include "coverage_job.h"
