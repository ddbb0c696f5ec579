/* Owns the proposal of a division. */
#include "wangge/divide.h"
