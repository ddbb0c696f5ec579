/* Contrast of all text in both themes, over whatever the district shows beneath. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hud/palette.h"
#include "theme.h"

#define TEXT 4.5 /* WCAG 2, level AA */
#define MARK 3.0 /* shapes */

static void expect(const char *what, bool dark, uint32_t ink, uint32_t ground,
                   double least)
{
    double c = palette_contrast(ink, ground);
    if (c < least)
        fail_msg("%s, %s: contrast %.2f of %08X on %08X, needs %.1f",
                 dark ? "dark" : "day", what, c, ink, ground, least);
}

static void known_values(void **state)
{
    (void)state;
    assert_true(palette_contrast(0x000000FF, 0xFFFFFFFF) > 20.99);
    assert_true(palette_contrast(0x777777FF, 0x777777FF) < 1.001);
    /* The example grey of WCAG's own notes: 4.48 on white. */
    double c = palette_contrast(0x777777FF, 0xFFFFFFFF);
    assert_true(c > 4.47 && c < 4.49);
    assert_int_equal(palette_blend(0xFFFFFF80, 0x000000FF), 0x808080FF);
    assert_int_equal(palette_fade(0x11223380, 0.5), 0x11223340);
}

/* Cards are translucent: their text must be read over black and over white alike. */
static void cards(void **state)
{
    (void)state;
    for (int dark = 0; dark < 2; dark++) {
        const struct palette *p = palette_of(dark);
        const uint32_t under[] = {0x000000FF, 0xFFFFFFFF, 0x808080FF};
        for (size_t i = 0; i < 3; i++) {
            uint32_t card = palette_blend(p->card, under[i]);
            expect("text", dark, p->text, card, TEXT);
            expect("muted text", dark, p->muted, card, TEXT);
            expect("accent", dark, p->accent, card, TEXT);
        }
        expect("chosen button", dark, p->chip_text, p->chip, TEXT);
        /* The ground of a button or a key cap is the card with a breath of muted. */
        uint32_t cap = palette_blend(palette_fade(p->muted, 0.14),
                                     palette_blend(p->card, 0x808080FF));
        expect("key cap", dark, p->text, cap, TEXT);
    }
}

static void labels(void **state)
{
    (void)state;
    for (int dark = 0; dark < 2; dark++) {
        const struct palette *p = palette_of(dark);
        const uint32_t under[] = {0x000000FF, 0xFFFFFFFF};
        for (size_t i = 0; i < 2; i++) {
            uint32_t halo = palette_blend(p->halo, under[i]);
            expect("label", dark, p->label, halo, TEXT);
            expect("second line", dark, p->label_second, halo, TEXT);
            expect("chosen label", dark, p->accent, halo, TEXT);
        }
    }
}

static void badges(void **state)
{
    (void)state;
    for (int dark = 0; dark < 2; dark++) {
        const struct theme *t = theme_get(dark ? THEME_DARK : THEME_DAY);
        for (int level = 1; level <= 4; level++)
            expect("numeral of a badge", dark, palette_ink_on(t->level[level]),
                   t->level[level], TEXT);
    }
}

static void freshness(void **state)
{
    (void)state;
    for (int dark = 0; dark < 2; dark++) {
        const struct palette *p = palette_of(dark);
        uint32_t card = palette_blend(p->card, dark ? 0x000000FF : 0xFFFFFFFF);
        expect("live dot", dark, p->good, card, MARK);
        expect("stale dot", dark, p->stale, card, MARK);
        expect("lost dot", dark, p->lost, card, MARK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values), cmocka_unit_test(cards),
        cmocka_unit_test(labels),       cmocka_unit_test(badges),
        cmocka_unit_test(freshness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
