/* What the nouns have in common: the names of the levels. */
#include "wangge/rows.h"


#include "internal.h"

struct level_words {
    const char *name;
    const char *words[4]; /* also understood */
};

static const struct level_words levels[] = {
    [WG_LEVEL_CITY] = {"city", {"1", "市", "城市", "地级市"}},
    [WG_LEVEL_DISTRICT] = {"district", {"2", "区", "县", "区县"}},
    [WG_LEVEL_STREET] = {"street", {"3", "街道", "镇", "乡镇"}},
    [WG_LEVEL_COMMUNITY] = {"community", {"4", "社区", "村", "村居"}},
    [WG_LEVEL_GRID] = {"grid", {"5", "网格", "基础网格", "单元网格"}},
    [WG_LEVEL_MICRO_GRID] = {"micro-grid", {"6", "微网格", "microgrid", "micro_grid"}},
};

const char *wg_level_name(int level)
{
    if (level < WG_LEVEL_CITY || level > WG_LEVEL_MICRO_GRID)
        return NULL;
    return levels[level].name;
}

int wg_level_parse(const char *text)
{
    if (!text)
        return 0;
    for (int level = WG_LEVEL_CITY; level <= WG_LEVEL_MICRO_GRID; level++) {
        if (wg_text_equal_fold(text, levels[level].name))
            return level;
        for (size_t i = 0; i < 4; i++)
            if (wg_text_equal_fold(text, levels[level].words[i]))
                return level;
    }
    return 0;
}
