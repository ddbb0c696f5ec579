/* Owns splitting a grid by a line or an area. */
#include "coverage_job.h"
