/* Owns leading a line around buildings. */
#include "wangge/coverage.h"
