/* Owns the words for stages and alert levels, and the one comparison of levels. */
#include "internal.h"
#include "wangge/event.h"

struct words {
    const char *name;
    const char *also[8];
};

static int parse(const struct words *words, int n, const char *text, int unknown)
{
    if (!text)
        return unknown;
    for (int i = 0; i < n; i++) {
        if (words[i].name && wg_text_equal_fold(text, words[i].name))
            return i;
        for (int k = 0; k < 8 && words[i].also[k]; k++)
            if (wg_text_equal_fold(text, words[i].also[k]))
                return i;
    }
    return unknown;
}

static const struct words stages[] = {
    [WG_STAGE_REPORTED] = {"reported", {"1", "上报", "已上报"}},
    [WG_STAGE_FILED] = {"filed", {"2", "立案", "已立案"}},
    [WG_STAGE_DISPATCHED] = {"dispatched", {"3", "派遣", "已派遣", "已派单"}},
    [WG_STAGE_HANDLING] = {"handling", {"4", "处置中", "处置", "处理中"}},
    [WG_STAGE_HANDLED] = {"handled", {"5", "已处置", "已处理"}},
    [WG_STAGE_CHECKING] = {"checking", {"6", "核查", "核查中", "待核查"}},
    [WG_STAGE_CLOSED] = {"closed", {"7", "结案", "已结案", "办结", "已办结"}},
    [WG_STAGE_SUSPENDED] = {"suspended", {"8", "挂账", "已挂账"}},
    [WG_STAGE_REJECTED] = {"rejected", {"9", "不予立案"}},
    [WG_STAGE_CANCELLED] = {"cancelled", {"10", "作废", "已作废", "canceled"}},
};

#define N_STAGE ((int)(sizeof stages / sizeof *stages))

const char *wg_stage_name(int stage)
{
    return stage < WG_STAGE_REPORTED || stage >= N_STAGE ? NULL : stages[stage].name;
}

int wg_stage_parse(const char *text)
{
    return parse(stages, N_STAGE, text, 0);
}

bool wg_stage_is_open(int stage)
{
    return wg_stage_name(stage) && stage != WG_STAGE_CLOSED &&
           stage != WG_STAGE_REJECTED && stage != WG_STAGE_CANCELLED;
}

/* Ⅰ–Ⅳ as one sign (U+2160, U+2170) and as Latin letters. */
static const struct words levels[] = {
    [WG_ALERT_NONE] = {"none", {"0", "无", "无预警", "正常"}},
    [WG_ALERT_RED] = {"red", {"1", "Ⅰ", "ⅰ", "I", "红", "红色", "Ⅰ级", "一级"}},
    [WG_ALERT_ORANGE] = {"orange", {"2", "Ⅱ", "ⅱ", "II", "橙", "橙色", "Ⅱ级", "二级"}},
    [WG_ALERT_YELLOW] = {"yellow", {"3", "Ⅲ", "ⅲ", "III", "黄", "黄色", "Ⅲ级", "三级"}},
    [WG_ALERT_BLUE] = {"blue", {"4", "Ⅳ", "ⅳ", "IV", "蓝", "蓝色", "Ⅳ级", "四级"}},
};

int wg_alert_parse(const char *text)
{
    return parse(levels, (int)(sizeof levels / sizeof *levels), text, -1);
}

int wg_alert_worst(int a, int b)
{
    if (a == WG_ALERT_NONE || b == WG_ALERT_NONE)
        return a == WG_ALERT_NONE ? b : a;
    return a < b ? a : b;
}
