/* Owns a coverage: its faces, and what is asked of them. */
#include "coverage_job.h"
