/* Owns edits of single vertices: move, insert, delete. */
#include "coverage_job.h"
