/* Owns the arrangement: labelled segments into noded segments and faces. */
#include "arrange.h"
