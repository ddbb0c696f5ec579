/* Owns cleaning: polygons to a strict partition on the lattice. */
#include "wangge/clean.h"
