/* Bounds-checked reading and writing of numbers of either byte order. */
#ifndef WG_BYTES_H
#define WG_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct wg_bytes {
    const unsigned char *at, *end;
    bool little; /* of the numbers to come */
};

static inline size_t wg_bytes_left(const struct wg_bytes *b)
{
    return (size_t)(b->end - b->at);
}

static inline bool wg_bytes_u8(struct wg_bytes *b, uint8_t *out)
{
    if (b->at == b->end)
        return false;
    *out = *b->at++;
    return true;
}

static inline uint32_t wg_load_u32(const unsigned char *p, bool little)
{
    return little ? (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                        (uint32_t)p[3] << 24
                  : (uint32_t)p[3] | (uint32_t)p[2] << 8 | (uint32_t)p[1] << 16 |
                        (uint32_t)p[0] << 24;
}

static inline bool wg_bytes_u32(struct wg_bytes *b, uint32_t *out)
{
    if (wg_bytes_left(b) < 4)
        return false;
    *out = wg_load_u32(b->at, b->little);
    b->at += 4;
    return true;
}

/* Unchecked: for loops whose whole length has been checked. */
static inline double wg_load_f64(const unsigned char *p, bool little)
{
    uint64_t lo = wg_load_u32(little ? p : p + 4, little);
    uint64_t hi = wg_load_u32(little ? p + 4 : p, little);
    uint64_t bits = hi << 32 | lo;
    double v;

    memcpy(&v, &bits, sizeof v);
    return v;
}

static inline float wg_load_f32(const unsigned char *p, bool little)
{
    uint32_t bits = wg_load_u32(p, little);
    float v;

    memcpy(&v, &bits, sizeof v);
    return v;
}

static inline unsigned char *wg_put_u32(unsigned char *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        *p++ = (unsigned char)(v >> (8 * i));
    return p;
}

static inline unsigned char *wg_put_f64(unsigned char *p, double v)
{
    uint64_t bits;

    memcpy(&bits, &v, sizeof bits);
    for (int i = 0; i < 8; i++)
        *p++ = (unsigned char)(bits >> (8 * i));
    return p;
}

#endif
