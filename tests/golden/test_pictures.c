/*
 * Pictures of a fixed district against references of 240 × 135 pixels, with tolerance:
 * drivers differ in the last bits, not in what stands where.  WG_GOLDEN_UPDATE=1 writes
 * the references anew; look at them before committing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hud/text.h"
#include "small_district.h"

enum { W = 960, H = 540, SHRINK = 4, SMALL_W = W / SHRINK, SMALL_H = H / SHRINK };

static char folder[] = "/tmp/wangge-golden-XXXXXX";
static char database[64];
static bool has_card;

static int run(const char *options, const char *out)
{
    char command[1024];
    snprintf(command, sizeof command, "'%s' '%s' --snapshot '%s' --size %dx%d %s 2> '%s/said'",
             getenv("WANGGE_VIEW"), database, out, W, H, options, folder);
    return system(command);
}

static void shrink(const uint8_t *from, uint8_t *to)
{
    for (int y = 0; y < SMALL_H; y++) {
        for (int x = 0; x < SMALL_W; x++) {
            for (int c = 0; c < 4; c++) {
                int sum = 0;
                for (int v = 0; v < SHRINK; v++)
                    for (int u = 0; u < SHRINK; u++)
                        sum += from[((y * SHRINK + v) * W + x * SHRINK + u) * 4 + c];
                to[(y * SMALL_W + x) * 4 + c] = (uint8_t)(sum / (SHRINK * SHRINK));
            }
        }
    }
}

static void draw(const char *options, uint8_t *small)
{
    char out[96];
    int w, h;
    snprintf(out, sizeof out, "%s/picture.png", folder);
    assert_int_equal(run(options, out), 0);
    uint8_t *rgba = png_read(out, &w, &h);
    assert_non_null(rgba);
    assert_int_equal(w, W);
    assert_int_equal(h, H);
    shrink(rgba, small);
    free(rgba);
}

/* Mean difference of the colours, and the share of pixels that are far off. */
static void differ(const uint8_t *a, const uint8_t *b, double *mean, double *far_share)
{
    double sum = 0;
    int far_off = 0;
    for (int i = 0; i < SMALL_W * SMALL_H; i++) {
        int worst = 0;
        for (int c = 0; c < 3; c++) {
            int d = abs(a[i * 4 + c] - b[i * 4 + c]);
            sum += d;
            worst = d > worst ? d : worst;
        }
        far_off += worst > 40;
    }
    *mean = sum / (SMALL_W * SMALL_H * 3.0);
    *far_share = far_off / (double)(SMALL_W * SMALL_H);
}

struct picture {
    const char *name, *options;
};

static const struct picture pictures[] = {
    {"grid-day", "--mode grid --theme day"},
    {"grid-dark", "--mode grid --theme dark"},
    {"alert-day", "--mode alert --theme day"},
    {"alert-dark", "--mode alert --theme dark"},
    {"near", "--camera 617200,3067200,160,200,20"},
    {"above", "--camera 617200,3067200,900,0,90 --mode alert"},
};

static void looks_as_it_did(void **state)
{
    const struct picture *p = *state;
    static uint8_t now[SMALL_W * SMALL_H * 4];
    char reference[512], options[256], why[128];
    double mean, far_share;
    int w, h;
    if (!has_card)
        return; /* said in set_up; cmocka's skip() reads as a failure in TAP */
    snprintf(options, sizeof options, "--no-panels --no-labels --msaa 4 %s", p->options);
    snprintf(reference, sizeof reference, "%s/tests/golden/%s.png",
             getenv("WG_TEST_SOURCE"), p->name);
    draw(options, now);
    if (getenv("WG_GOLDEN_UPDATE"))
        assert_true(png_write(reference, SMALL_W, SMALL_H, now, 0, why, sizeof why));
    uint8_t *was = png_read(reference, &w, &h);
    assert_non_null(was);
    assert_int_equal(w, SMALL_W);
    assert_int_equal(h, SMALL_H);
    differ(now, was, &mean, &far_share);
    print_message("# %s: mean difference %.2f, %.2f %% far off\n", p->name, mean,
                  100 * far_share);
    free(was);
    assert_true(mean < 4);
    assert_true(far_share < 0.02);
}

/* The comparison itself must be able to fail. */
static void modes_and_themes_differ(void **state)
{
    (void)state;
    static uint8_t a[SMALL_W * SMALL_H * 4], b[SMALL_W * SMALL_H * 4];
    double mean, far_share;
    if (!has_card)
        return; /* said in set_up; cmocka's skip() reads as a failure in TAP */
    draw("--no-panels --no-labels --mode grid", a);
    draw("--no-panels --no-labels --mode alert", b);
    differ(a, b, &mean, &far_share);
    assert_true(far_share > 0.02);
    draw("--no-panels --no-labels --mode grid --theme dark", b);
    differ(a, b, &mean, &far_share);
    assert_true(mean > 30);
}

/* A large picture in tiles is the same as one drawn whole: no seams. */
static void any_size_is_drawn(void **state)
{
    (void)state;
    static const int sizes[][2] = {{64, 64}, {333, 777}, {1920, 300}, {9000, 400}};
    if (!has_card)
        return; /* said in set_up; cmocka's skip() reads as a failure in TAP */
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char command[512];
        int w, h;
        snprintf(command, sizeof command,
                 "'%s' '%s' --snapshot '%s/size.png' --size %dx%d 2>&1",
                 getenv("WANGGE_VIEW"), database, folder, sizes[i][0], sizes[i][1]);
        assert_int_equal(system(command), 0);
        snprintf(command, sizeof command, "%s/size.png", folder);
        uint8_t *rgba = png_read(command, &w, &h);
        assert_non_null(rgba);
        assert_int_equal(w, sizes[i][0]);
        assert_int_equal(h, sizes[i][1]);
        free(rgba);
    }
}

static void bad_requests_fail_in_words(void **state)
{
    (void)state;
    static const char *const options[] = {"--mode nonsense", "--size 0x0", "--theme x",
                                          "--camera grid:none", "--scheme none",
                                          "--unknown", "--camera 1,2"};
    char out[96];
    if (!has_card)
        return; /* said in set_up; cmocka's skip() reads as a failure in TAP */
    snprintf(out, sizeof out, "%s/none.png", folder);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        char said[96];
        assert_int_not_equal(run(options[i], out), 0);
        assert_int_equal(access(out, F_OK), -1);
        snprintf(said, sizeof said, "%s/said", folder);
        FILE *f = fopen(said, "r");
        assert_non_null(f);
        assert_int_not_equal(fgetc(f), EOF);
        fclose(f);
    }
}

static int set_up(void **state)
{
    (void)state;
    char out[96];
    if (!getenv("WANGGE_VIEW") || !mkdtemp(folder))
        return -1;
    snprintf(database, sizeof database, "%s/d.wangge", folder);
    if (!small_district(database))
        return -1;
    snprintf(out, sizeof out, "%s/first.png", folder);
    has_card = run("", out) == 0;
    if (!has_card)
        print_message("# no OpenGL without a display here: pictures are skipped\n");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

int main(void)
{
    enum { N = sizeof pictures / sizeof *pictures };
    struct CMUnitTest tests[N + 3] = {
        cmocka_unit_test(modes_and_themes_differ),
        cmocka_unit_test(any_size_is_drawn),
        cmocka_unit_test(bad_requests_fail_in_words),
    };
    for (size_t i = 0; i < N; i++)
        tests[3 + i] = (struct CMUnitTest){pictures[i].name, looks_as_it_did, NULL, NULL,
                                           (void *)&pictures[i]};
    return cmocka_run_group_tests_name("pictures", tests, set_up, tear_down);
}
