/* Owns reshaping boundaries along a sketch. */
#include "coverage_job.h"
