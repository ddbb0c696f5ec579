/* Owns the commit of a coverage: one transaction or none. */
#include "wangge/revision.h"
