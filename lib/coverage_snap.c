/* Owns snapping a point to what is near. */
#include "coverage_job.h"
