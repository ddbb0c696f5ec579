/* Owns what changed between two revisions, and taking one back. */
#include "wangge/revision.h"
