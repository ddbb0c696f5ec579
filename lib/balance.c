/* Owns the balance preview: each grid before and after an edit. */
#include "wangge/survey.h"
