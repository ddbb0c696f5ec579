/* Owns new grids: drawn in free area, carved out of others. */
#include "coverage_job.h"
