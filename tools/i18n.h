/* Translations in the programs; the domain is shared with the library. */
#ifndef TOOLS_I18N_H
#define TOOLS_I18N_H

#include <libintl.h>

#define _(text) dgettext("wangge", text)
#define N_(text) text

/* Choose the language of messages: "en", "zh", or NULL for the user's locale.  Works on
 * machines without a Chinese locale.  Call once, before the first message. */
void language_use(const char *lang);
/* The language in use: "zh" or "en". */
const char *language_name(void);

#endif
