/* The language of messages, for both programs. */
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "i18n.h"

/* Where the catalogues are: said by the environment; beside the program, installed or in
 * the folder it was built in; else where they would be installed. */
static const char *catalogues(char *room, size_t size)
{
    static const char *const places[] = {"share/locale", "po"};
    const char *said = getenv("WANGGE_LOCALEDIR");
    char program[PATH_MAX], catalogue[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    if (said || n <= 0)
        return said ? said : WG_LOCALEDIR;
    program[n] = '\0';
    for (int up = 0; up < 2; up++) { /* its folder, and the one above */
        char *slash = strrchr(program, '/');
        if (!slash)
            return WG_LOCALEDIR;
        *slash = '\0';
    }
    for (int i = 0; i < 2; i++) {
        snprintf(room, size, "%.3900s/%s", program, places[i]);
        snprintf(catalogue, sizeof catalogue, "%.3900s/%s/zh_CN/LC_MESSAGES/wangge.mo",
                 program, places[i]);
        if (access(catalogue, R_OK) == 0)
            return room;
    }
    return WG_LOCALEDIR;
}

/* Whether gettext passes over LANGUAGE here: since glibc 2.39 in C.UTF-8 too. */
static bool is_plain(const char *locale)
{
    return strcmp(locale, "POSIX") == 0 || strcmp(locale, "C") == 0 ||
           strncmp(locale, "C.", 2) == 0;
}

/* Any other locale will do.  C.UTF-8 is always installed, and by the name of its folder
 * it is not plain; where folders cannot be named, one that is often there. */
static void leave_plain(void)
{
    static const char *const others[] = {"/C.utf8", "zh_CN.UTF-8", "en_US.UTF-8",
                                         "C.UTF-8"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (setlocale(LC_MESSAGES, others[i]))
            return;
}

void language_use(const char *lang)
{
    setlocale(LC_CTYPE, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
    const char *messages = setlocale(LC_MESSAGES, "");
    if (lang) {
        setenv("LANGUAGE", strcmp(lang, "zh") == 0 ? "zh_CN" : "en", 1);
        if (!messages || is_plain(messages))
            leave_plain();
    }
    char room[PATH_MAX];
    bindtextdomain("wangge", catalogues(room, sizeof room));
    bind_textdomain_codeset("wangge", "UTF-8");
}

const char *language_name(void)
{
    /* TRANSLATORS: the language of this translation, as --lang takes it. */
    return _("en");
}
