/* The language of messages, for both programs. */
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "i18n.h"

void language_use(const char *lang)
{
    setlocale(LC_CTYPE, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
    const char *messages = setlocale(LC_MESSAGES, "");
    if (lang) {
        /* gettext looks at LANGUAGE unless the locale is plain "C". */
        setenv("LANGUAGE", strcmp(lang, "zh") == 0 ? "zh_CN" : "en", 1);
        if (!messages || strcmp(messages, "C") == 0 || strcmp(messages, "POSIX") == 0)
            setlocale(LC_MESSAGES, "C.UTF-8");
    }
    const char *folder = getenv("WANGGE_LOCALEDIR");
    bindtextdomain("wangge", folder ? folder : WG_LOCALEDIR);
    bind_textdomain_codeset("wangge", "UTF-8");
}

const char *language_name(void)
{
    /* TRANSLATORS: the language of this translation, as --lang takes it. */
    return _("en");
}
