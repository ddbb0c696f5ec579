/* Owns merging grids and dissolving one. */
#include "coverage_job.h"
