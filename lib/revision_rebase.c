/* Owns putting an edit on top of other commits, and the conflict where it cannot be. */
#include "wangge/revision.h"
