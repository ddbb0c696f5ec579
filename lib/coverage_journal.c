/* Owns undo and redo. */
#include "coverage_job.h"
