/* Fuzz target: a damaged file of a locator whose sum is right again.  It is refused, or
 * every question stays within it.  Each four bytes of the input change one byte of the
 * file: three for the place, every other time in its head, one for the value. */
#include <fcntl.h>
#include <unistd.h>

#include "../unit/locate_check.h"
#include "../unit/locate_scratch.h"
#include "fuzz.h"

#include "../../lib/locate_file.c" /* to make the sum right; replaces the library's */

static unsigned char *whole;
static size_t whole_size;
static char path[] = "/tmp/wangge-fuzz-XXXXXX";

static void remove_file(void)
{
    remove(path);
    free(whole);
}

static void make_whole(void)
{
    struct quads q;
    struct wg_locator *loc = NULL;
    struct wg_locator_options options = {.cells = 200};
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "rb");
    MUST(file);
    atexit(remove_file);
    quads_make(&q, 5, 4);
    MUST(wg_locator_build(20, q.grid, &options, &loc, NULL) == WG_OK);
    quads_drop(&q);
    MUST(wg_locator_save(loc, path, NULL) == WG_OK);
    wg_locator_destroy(loc);
    fclose(file);
    file = fopen(path, "rb"); /* a file that took the place of the first */
    MUST(file);
    whole = malloc((size_t)1 << 20);
    MUST(whole);
    whole_size = fread(whole, 1, (size_t)1 << 20, file);
    MUST(whole_size > 4096 && whole_size < (size_t)1 << 20);
    fclose(file);
}

static void write_damaged(const uint8_t *data, size_t size)
{
    unsigned char *bytes = malloc(whole_size);
    struct file_head head;
    size_t length = whole_size;
    int fd = open(path, O_WRONLY); /* some file systems flush one that was emptied */
    MUST(bytes && fd >= 0);
    memcpy(bytes, whole, whole_size);
    for (size_t i = 0; i + 4 <= size; i += 4) {
        size_t at = (size_t)data[i] << 16 | (size_t)data[i + 1] << 8 | data[i + 2];
        bytes[at % (i % 8 ? whole_size : sizeof head)] ^= data[i + 3];
    }
    if (size % 4 == 3) /* cut short */
        length = ((size_t)data[size - 1] << 8 | data[size - 2]) % whole_size;
    memcpy(&head, bytes, sizeof head);
    head.sum = 0;
    if (length == whole_size && head.size == whole_size)
        head.sum = sum_of_file(&head, bytes, whole_size);
    memcpy(bytes, &head, sizeof head);
    MUST(write(fd, bytes, length) == (ssize_t)length);
    MUST(ftruncate(fd, (off_t)length) == 0);
    close(fd);
    free(bytes);
}

/* Whatever the answers are, they are slots. */
static void ask(const struct wg_locator *loc)
{
    double x[256], y[256], distance;
    uint32_t slot[256];
    struct random r = {11};
    struct wg_locator_place place;
    uint32_t n = wg_locator_count(loc);
    for (int i = 0; i < 256; i++) {
        x[i] = 3e5 + random_real(&r, -20, 320);
        y[i] = 3.78e6 + random_real(&r, -20, 260);
    }
    x[0] = NAN;
    y[1] = INFINITY;
    wg_locator_slots(loc, 256, x, y, slot);
    for (int i = 0; i < 256; i++) {
        MUST(slot[i] <= n);
        MUST(wg_locator_slot(loc, x[i], y[i]) <= n);
        MUST(wg_locator_code(loc, slot[i]) != NULL);
        (void)strlen(wg_locator_code(loc, slot[i]));
        (void)wg_locator_slot_of(loc, wg_locator_id(loc, slot[i]));
    }
    for (int i = 2; i < 8; i++) {
        MUST(wg_locator_nearest(loc, x[i], y[i], 50, &distance) <= n);
        wg_locator_place(loc, x[i], y[i], 3, &place);
        MUST(place.slot <= n && place.n_near <= WG_LOCATOR_NEAR_MAX);
    }
    size_t met = 0;
    struct wg_box box = {3e5 + 50, 3.78e6 + 50, 3e5 + 130, 3.78e6 + 90};
    if (wg_locator_meet(loc, box, 256, slot, &met, NULL) == WG_OK)
        MUST(met <= n);
    for (uint32_t s = 1; s <= n && s < 40; s++) {
        struct wg_multipolygon mp = {0};
        if (wg_locator_geometry(loc, s, &mp, NULL) == WG_OK)
            wg_multipolygon_finish(&mp);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wg_locator *loc = NULL;
    if (!whole)
        make_whole();
    write_damaged(data, size);
    enum wg_status status = wg_locator_map(path, NULL, &loc, NULL);
    MUST(status == WG_OK || status == WG_FORMAT);
    MUST(size >= 3 || status == WG_OK); /* the sum is made right */
    if (status == WG_OK)
        ask(loc);
    wg_locator_destroy(loc);
    return 0;
}
