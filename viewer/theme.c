/* The colours of the picture: day and dark. */
#include "theme.h"

#include <stddef.h>
#include <string.h>

static const struct theme themes[] = {
    [THEME_DAY] =
        {
            .id = THEME_DAY,
            .name = "day",
            .sky_top = 0xA9C3DAFF,
            .sky_horizon = 0xE6EBEEFF,
            .ground = 0xD9D8D2FF,
            .water = 0xA3BFCCFF,
            .green = 0xB7C6A6FF,
            .square = 0xE2DDD2FF,
            .yard = 0xD3D3CCFF,
            .sand = 0xDDD3BBFF,
            .road = 0xF3F2EEFF,
            .road_edge = 0xBFBDB6FF,
            .wall = 0xE9E6E0FF,
            .roof = 0xF1EFEBFF,
            .edge = 0x4A4E55FF,
            .hue = {0x6FA287FF, 0x9C82B4FF, 0x74A7A9FF, 0xBC8499FF, 0xA09C74FF,
                    0x7F86B5FF},
            .level = {0xB9C1C9FF, 0xD63A3AFF, 0xF08A24FF, 0xF2C62EFF, 0x2B72D0FF},
            .boundary = 0x39414CFF,
            .selected = 0x12B5A6FF,
            .sun = 0xFFF3DE6D,
            .ambient_sky = 0xCFDDEE3E,
            .ambient_ground = 0xC9BFB02A,
            .sun_azimuth_deg = 252,
            .sun_height_deg = 44,
            .fog = 0.85F,
            .tint = 0.34F,
        },
    [THEME_DARK] =
        {
            .id = THEME_DARK,
            .name = "dark",
            .sky_top = 0x070B11FF,
            .sky_horizon = 0x1B2530FF,
            .ground = 0x1A2027FF,
            .water = 0x10222FFF,
            .green = 0x1D2A25FF,
            .square = 0x232930FF,
            .yard = 0x1F252CFF,
            .sand = 0x2A2A26FF,
            .road = 0x323B45FF,
            .road_edge = 0x12171CFF,
            .wall = 0x57616CFF,
            .roof = 0x636E7AFF,
            .edge = 0x9FB0C0FF,
            .hue = {0x4F8F74FF, 0x86699FFF, 0x4A8A90FF, 0xA0677FFF, 0x86814FFF,
                    0x646DA3FF},
            .level = {0x5B6670FF, 0xD93B38FF, 0xF5922FFF, 0xF6CF45FF, 0x4C90EAFF},
            .boundary = 0xC6D6E4FF,
            .selected = 0x3FE0CFFF,
            .sun = 0xC9DAF078,
            .ambient_sky = 0x8EA6C25A,
            .ambient_ground = 0x5566782E,
            .sun_azimuth_deg = 252,
            .sun_height_deg = 50,
            .fog = 0.9F,
            .tint = 0.30F,
        },
};

const struct theme *theme_get(enum theme_id id)
{
    return &themes[id == THEME_DARK ? THEME_DARK : THEME_DAY];
}

int theme_parse(const char *name)
{
    for (size_t i = 0; i < sizeof themes / sizeof *themes; i++)
        if (strcmp(themes[i].name, name) == 0)
            return (int)i;
    return -1;
}
