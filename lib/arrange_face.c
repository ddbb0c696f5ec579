/* Owns the faces of an arrangement: walks, areas, nesting, covers. */
#include "arrange.h"
