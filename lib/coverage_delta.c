/* Owns deltas: an edit by coordinates and ids, as bytes, applied and inverted. */
#include "coverage_job.h"
