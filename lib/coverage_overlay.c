/* Owns painting: what of an area belongs to some faces goes to another. */
#include "coverage_job.h"
