/* Owns cleaning a scheme in the store. */
#include "wangge/clean.h"
