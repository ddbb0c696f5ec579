/* Owns putting a division into a coverage. */
#include "coverage_job.h"
