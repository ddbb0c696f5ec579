/* Owns fewer and more vertices on arcs: simplify, densify. */
#include "coverage_job.h"
