/* Owns the edit: taking and putting segments, and the checks that let it pass. */
#include "coverage_job.h"
