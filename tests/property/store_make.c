/* Makes a small database for tests of other programs: store_make FILE. */
#include <stdio.h>

#include "statement.h"

#define SQUARE(x, y, size)                                                               \
    "CastToMulti(BuildMbr(" #x "," #y "," #x "+" #size "," #y "+" #size ",4545))"

int main(int argc, char **argv)
{
    struct wg_error err = {0};
    struct wg_store *store = NULL;
    struct wg_create_options options = {.crs = "EPSG:4545", .name = "试验区"};
    if (argc != 2) {
        fprintf(stderr, "usage: store_make FILE\n");
        return 2;
    }
    if (wg_store_create(argv[1], &options, &err) ||
        wg_store_open(argv[1], NULL, &store, &err) ||
        wg_exec(
            store,
            "INSERT INTO scheme (name) VALUES ('basic');"
            "INSERT INTO grid (scheme_id, code, geom) VALUES "
            "(1, 'G1', " SQUARE(0, 0, 100) "), (1, 'G2', " SQUARE(
                100, 0,
                100) ");"
                     "INSERT INTO building (code, floors, geom) VALUES "
                     "('B1', 5, " SQUARE(10, 10, 10) "), ('B2', NULL, " SQUARE(
                         95, 10,
                         10) ");"
                             "INSERT INTO event (title, geom) VALUES ('fire', "
                             "MakePoint(15, 15, 4545));"
                             "INSERT INTO part (class, geom) VALUES ('camera', "
                             "MakePoint(15, 25, 4545));"
                             "INSERT INTO road (name, width_m, geom) VALUES "
                             "('路', 7, GeomFromText('LINESTRING(0 0, 10 10)', 4545));"
                             "INSERT INTO surface (kind, geom) VALUES ('green', " SQUARE(
                                 50, 50, 9) ");",
            &err)) {
        fprintf(stderr, "%s\n", err.text);
        wg_store_close(store);
        return 1;
    }
    wg_store_close(store);
    return 0;
}
