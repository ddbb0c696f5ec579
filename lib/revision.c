/* Owns revisions: the log of commits of a scheme. */
#include "wangge/revision.h"
