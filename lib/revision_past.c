/* Owns the grids as they were, and counts by the grid of the time. */
#include "wangge/revision.h"
