/* What a pixel shows is what the ray meets: the id attachment against the CPU. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "camera.h"
#include "headless.h"
#include "loader.h"
#include "pick.h"
#include "render/render.h"
#include "scene.h"
#include "theme.h"

#include "small_district.h"

enum { W = 1280, H = 720, PIXELS = 2000 };

static struct model model;
static struct scene *scene;

static void load(const char *path)
{
    struct loader *loader = loader_create(path, NULL, NULL, NULL);
    bool complete = false;
    assert_non_null(loader);
    while (!complete) {
        struct loader_news n;
        loader_wait(loader, 5);
        if (!loader_take(loader, &n))
            continue;
        assert_false(n.failed);
        if (n.city)
            model.city = n.city;
        if (n.partition)
            model.partition = n.partition;
        if (n.live)
            model.live = n.live;
        if (n.ground)
            scene_set_ground(scene, n.ground);
        for (uint32_t i = 0; i < n.n_chunk; i++)
            scene_add_chunk(scene, n.chunk[i]);
        complete = n.complete;
        n.city = NULL;
        n.partition = NULL;
        n.live = NULL;
        n.ground = NULL;
        n.n_chunk = 0;
        loader_news_finish(&n);
    }
    loader_destroy(loader);
}

static int32_t by_ray(const struct camera *c, double sx, double sy)
{
    double eye[3], direction[3], far_m = 100000, ground;
    camera_ray(c, sx, sy, eye, direction);
    if (field_ray(&model.city->field, eye, direction, far_m, &ground))
        far_m = ground;
    return pick_building(model.city, eye, direction, far_m, NULL);
}

static void pixel_and_ray_agree(void **state)
{
    (void)state;
    char why[256], folder[] = "/tmp/wangge-pick-XXXXXX", path[64], command[96];
    struct headless *card = headless_create(why, sizeof why);
    if (!card) {
        print_message("# no OpenGL without a display here: %s\n", why);
        return; /* cmocka's skip() reads as a failure in TAP */
    }
    struct renderer_options options = {.msaa = 0};
    struct renderer *renderer = renderer_create(&options, why, sizeof why);
    assert_non_null(renderer);
    scene = scene_create();
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/d.wangge", folder);
    assert_true(small_district(path));
    load(path);
    renderer_sync(renderer, scene, 0);
    struct camera camera;
    camera_init(&camera, W, H);
    camera_fit(&camera, model.city->extent, 30, 60);
    int hits = 0, off = 0;
    srand(7);
    for (int i = 0; i < PIXELS; i++) {
        int x = rand() % W, y = rand() % H;
        struct scene_tile pixel = {x, y, 1, 1};
        struct scene_view view;
        scene_view_init(scene, &camera, &pixel, &view);
        view.theme = theme_get(THEME_DAY);
        int32_t shown = renderer_pick(renderer, scene, &view);
        int32_t met = by_ray(&camera, x + 0.5, y + 0.5);
        hits += met >= 0;
        off += shown != met;
    }
    print_message("# %d of %d pixels show a building, %d differ from the ray\n", hits, PIXELS,
                  off);
    assert_true(hits > PIXELS / 10);
    assert_in_range(off, 0, PIXELS / 500); /* vertices are rounded to 8 mm */
    scene_destroy(scene);
    renderer_destroy(renderer);
    model_live_destroy((struct model_live *)model.live);
    model_partition_destroy((struct model_partition *)model.partition);
    model_city_destroy((struct model_city *)model.city);
    headless_destroy(card);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pixel_and_ray_agree)};
    return cmocka_run_group_tests_name("pick", tests, NULL, NULL);
}
