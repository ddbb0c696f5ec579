/* Rules about parents: chains, filled, inside; management grids. */
#include "check_job.h"
