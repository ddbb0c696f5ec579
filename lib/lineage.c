/* Owns lineage: which grid came from which. */
#include "wangge/revision.h"
