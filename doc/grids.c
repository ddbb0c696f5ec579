#include <stdio.h>
#include <wangge/wangge.h>

static bool print(const struct wg_grid *grid, void *user)
{
    printf("%s %s %.0f m2\n", grid->code, grid->name ? grid->name : "", grid->area_m2);
    return true;
}

int main(int argc, char **argv)
{
    struct wg_error error;
    struct wg_store *store;
    struct wg_open_options options = {.read_only = true};
    struct wg_filter all = {0};
    if (argc != 2 || wg_store_open(argv[1], &options, &store, &error) != WG_OK ||
        wg_grid_each(store, &all, print, NULL, &error) != WG_OK) {
        fprintf(stderr, "%s\n", argc == 2 ? error.text : "usage: grids FILE");
        return 1;
    }
    wg_store_close(store);
}
