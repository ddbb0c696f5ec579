/* Owns the tracing of loose boundary segments into rings of valid polygons. */
#include "arrange.h"
