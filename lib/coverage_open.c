/* Owns the way from the store to a coverage. */
#include "coverage_job.h"
