/* Owns the snapping of cleaning: which vertex goes where, and how far at most. */
#include "wangge/clean.h"
