/* The colours of panels and labels; pure. */
#include "hud/palette.h"

#include <math.h>

static const struct palette light = {
    .card = 0xFBFCFDEB,
    .edge = 0x1B273322,
    .text = 0x17212BFF,
    .muted = 0x4D5A67FF,
    .accent = 0x1F5F8BFF,
    .chip = 0x24445CFF,
    .chip_text = 0xFFFFFFFF,
    .label = 0x15202BFF,
    .label_second = 0x33414EFF,
    .halo = 0xFFFFFFE6,
    .good = 0x3C8D6EFF,
    .stale = 0xB07A1CFF,
    .lost = 0xC93A3AFF,
    .level = {0xB9C1C9FF, 0xD63A3AFF, 0xF08A24FF, 0xF2C62EFF, 0x2B72D0FF},
};

static const struct palette dark = {
    .card = 0x121A22E6,
    .edge = 0xDCE7F026,
    .text = 0xEEF3F7FF,
    .muted = 0xAFBBC6FF,
    .accent = 0x8CC4E8FF,
    .chip = 0xCFE3F1FF,
    .chip_text = 0x10202CFF,
    .label = 0xF2F6F9FF,
    .label_second = 0xCBD6DFFF,
    .halo = 0x0B1117E6,
    .good = 0x63C29DFF,
    .stale = 0xE2B458FF,
    .lost = 0xF06A62FF,
    .level = {0x5B6670FF, 0xD93B38FF, 0xF5922FFF, 0xF6CF45FF, 0x4C90EAFF},
};

const struct palette *palette_of(bool is_dark)
{
    return is_dark ? &dark : &light;
}

static double channel(uint32_t v)
{
    double c = v / 255.0;
    return c <= 0.03928 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(uint32_t c)
{
    return 0.2126 * channel(c >> 24) + 0.7152 * channel(c >> 16 & 255) +
           0.0722 * channel(c >> 8 & 255);
}

double palette_contrast(uint32_t a, uint32_t b)
{
    double la = luminance(a), lb = luminance(b);
    return (fmax(la, lb) + 0.05) / (fmin(la, lb) + 0.05);
}

uint32_t palette_blend(uint32_t over, uint32_t under)
{
    double alpha = (over & 255) / 255.0;
    uint32_t out = 0xFF;
    for (int shift = 24; shift > 0; shift -= 8) {
        double o = over >> shift & 255, u = under >> shift & 255;
        out |= (uint32_t)lround(o * alpha + u * (1 - alpha)) << shift;
    }
    return out;
}

uint32_t palette_ink_on(uint32_t ground)
{
    static const uint32_t black = 0x0B0F14FF, white = 0xFFFFFFFF;
    return palette_contrast(black, ground) > palette_contrast(white, ground) ? black
                                                                             : white;
}

uint32_t palette_fade(uint32_t colour, double alpha)
{
    alpha = alpha < 0 ? 0 : alpha > 1 ? 1 : alpha;
    return (colour & 0xFFFFFF00u) | (uint32_t)lround((colour & 255) * alpha);
}
