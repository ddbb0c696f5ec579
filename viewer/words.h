#ifndef VIEWER_WORDS_H
#define VIEWER_WORDS_H
/* Messages in the user's language, from the catalogue "wangge". */
#include <libintl.h>

#define _(s) dgettext("wangge", s)
#define N_(s) (s)
/* "one", "many" by n. */
#define P_(one, many, n) dngettext("wangge", one, many, (unsigned long)(n))
#endif
