/* Owns the shortest way along boundaries and streets. */
#include "coverage_job.h"
