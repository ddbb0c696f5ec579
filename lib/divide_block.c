/* Owns the blocks a division is made of: faces between streets, around buildings. */
#include "wangge/divide.h"
