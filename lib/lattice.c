/* Owns the lattice in integers: placing, meetings and crossings of segments. */
#include "lattice.h"
