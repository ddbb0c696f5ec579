/* Owns drafts: saved, reviewed, scheduled, published edits. */
#include "wangge/revision.h"
