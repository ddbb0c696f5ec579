/* Owns the proof of a coverage from the ground up. */
#include "coverage_job.h"
