/* Owns the grouping of blocks into grids: balanced, compact, connected. */
#include "wangge/divide.h"
