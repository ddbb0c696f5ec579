/* Owns moving a strip or buildings from one grid to the next. */
#include "coverage_job.h"
