/* Owns snap rounding: where segments meet, and cutting them there. */
#include "arrange.h"
