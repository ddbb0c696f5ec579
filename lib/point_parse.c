/* Owns typed coordinates: absolute, relative, polar. */
#include "coverage_job.h"
