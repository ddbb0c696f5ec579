/* Names of the demo district, in Chinese and English; every one invented. */
#include <stdio.h>

#include "demo_names.h"

struct pair {
    const char *zh, *en;
};

static const struct pair stems[] = {
    {"云溪", "Yunxi"},     {"桃源", "Taoyuan"},  {"清江", "Qingjiang"},
    {"梧桐", "Wutong"},    {"翠屏", "Cuiping"},  {"朝阳", "Chaoyang"},
    {"望江", "Wangjiang"}, {"和平", "Heping"},   {"文昌", "Wenchang"},
    {"东山", "Dongshan"},  {"紫荆", "Zijing"},   {"锦绣", "Jinxiu"},
    {"临溪", "Linxi"},     {"金桂", "Jingui"},   {"松林", "Songlin"},
    {"石桥", "Shiqiao"},   {"丹霞", "Danxia"},   {"水岸", "Shui'an"},
};
static const struct pair suffix[] = {
    [DEMO_RIVER] = {"水文站", " Gauge Station"}, [DEMO_OLD_QUARTER] = {"巷", " Lanes"},
    [DEMO_SLABS] = {"小区", " Estate"},          [DEMO_TOWERS] = {"花园", " Gardens"},
    [DEMO_CENTRE] = {"广场", " Plaza"},          [DEMO_SCHOOL] = {"小学", " School"},
    [DEMO_SQUARE] = {"文化中心", " Culture Centre"},
    [DEMO_HILL] = {"山庄", " Hill Houses"},      [DEMO_WORKS] = {"工贸园", " Works"},
};
static const struct pair surnames[] = {
    {"赵", "Zhao"}, {"钱", "Qian"}, {"孙", "Sun"},  {"李", "Li"},   {"周", "Zhou"},
    {"吴", "Wu"},   {"郑", "Zheng"}, {"王", "Wang"}, {"冯", "Feng"}, {"陈", "Chen"},
    {"杨", "Yang"}, {"朱", "Zhu"},  {"秦", "Qin"},  {"许", "Xu"},   {"何", "He"},
};
static const struct pair given[] = {
    {"建国", "Jianguo"}, {"秀英", "Xiuying"}, {"志强", "Zhiqiang"}, {"丽华", "Lihua"},
    {"晓东", "Xiaodong"}, {"玉梅", "Yumei"},  {"文斌", "Wenbin"},   {"春燕", "Chunyan"},
    {"海涛", "Haitao"},  {"雪琴", "Xueqin"},  {"俊杰", "Junjie"},   {"桂兰", "Guilan"},
    {"明辉", "Minghui"},
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const char *pick(struct pair p, bool chinese)
{
    return chinese ? p.zh : p.en;
}

void demo_name_estate(char *out, size_t size, bool chinese, int estate,
                      enum demo_use use)
{
    struct pair stem = stems[(size_t)estate * 7 % COUNT(stems)];
    int turn = estate * 7 / (int)COUNT(stems) % 9;
    snprintf(out, size, "%s%s", pick(stem, chinese), pick(suffix[use], chinese));
    if (turn > 0 && chinese)
        snprintf(out, size, "%s%s%s", pick(stem, true),
                 (const char *[]){"", "东", "南", "西", "北", "新", "苑", "里", "上"}[turn],
                 suffix[use].zh);
    else if (turn > 0)
        snprintf(out, size, "%s%s%s",
                 (const char *[]){"", "East ", "South ", "West ", "North ", "New ",
                                  "Upper ", "Lower ", "Old "}[turn],
                 stem.en, suffix[use].en);
}

void demo_name_road(char *out, size_t size, bool chinese, bool column, int line,
                    bool main_road, bool riverside)
{
    if (riverside) {
        snprintf(out, size, "%s", chinese ? "河滨路" : "Riverside Road");
        return;
    }
    struct pair stem = stems[(size_t)(line * 5 + (column ? 3 : 11)) % COUNT(stems)];
    if (chinese)
        snprintf(out, size, "%s%s", stem.zh, main_road ? "大道" : column ? "街" : "路");
    else
        snprintf(out, size, "%s %s", stem.en,
                 main_road ? "Avenue" : column ? "Street" : "Road");
}

void demo_name_officer(char *out, size_t size, bool chinese, int n)
{
    struct pair s = surnames[(size_t)n * 4 % COUNT(surnames)];
    struct pair g = given[(size_t)n * 5 % COUNT(given)];
    if (chinese)
        snprintf(out, size, "%s%s", s.zh, g.zh);
    else
        snprintf(out, size, "%s %s", g.en, s.en);
}

void demo_name_number(char *out, size_t size, bool chinese, const char *zh,
                      const char *en, int n)
{
    static const char *const digit[] = {"零", "一", "二", "三", "四", "五",
                                        "六", "七", "八", "九", "十"};
    if (!chinese)
        snprintf(out, size, "%s %d", en, n);
    else if (n <= 10)
        snprintf(out, size, "第%s%s", digit[n], zh);
    else if (n < 20)
        snprintf(out, size, "第十%s%s", digit[n - 10], zh);
    else
        snprintf(out, size, "第%d%s", n, zh);
}
