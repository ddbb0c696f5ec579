/* What the nouns have in common: the names of the levels. */
#include "wangge/rows.h"

#include "internal.h"

static const struct {
    const char *name, *chinese;
} levels[] = {
    {NULL, NULL},          {"city", "市"},        {"district", "区"},
    {"street", "街道"},    {"community", "社区"}, {"grid", "网格"},
    {"micro-grid", "微网格"},
};

const char *wg_level_name(int level)
{
    return level >= WG_LEVEL_CITY && level <= WG_LEVEL_MICRO_GRID ? levels[level].name
                                                                  : NULL;
}

int wg_level_parse(const char *text)
{
    if (!text)
        return 0;
    for (int i = WG_LEVEL_CITY; i <= WG_LEVEL_MICRO_GRID; i++) {
        char digit[2] = {(char)('0' + i), '\0'};
        if (wg_text_equal_fold(text, levels[i].name) ||
            wg_text_equal(text, levels[i].chinese) || wg_text_equal(text, digit))
            return i;
    }
    return 0;
}
