/* The limits; see limits.h. */
#include "limits.h"

#include <math.h>

#include "locate_index.h"

#define BLOCK 64 /* the best of 32 … 512 */

/* ---- plain C, for the last few points and for other machines ---------------------- */

static uint32_t cell_plain(const struct wg_locate_head *h, double x, double y)
{
    double col = floor(x * h->per.x) - h->col0;
    double row = floor(y * h->per.y) - h->row0;
    uint32_t beyond = h->cols * h->rows;
    bool in = col >= 0 && col < h->cols && row >= 0 && row < h->rows;
    return in ? (uint32_t)row * h->cols + (uint32_t)col : beyond;
}

static void cells_plain(const struct wg_locator *loc, size_t n, const double *x,
                        const double *y, uint32_t *cell)
{
    for (size_t i = 0; i < n; i++) {
        cell[i] = cell_plain(&loc->head, x[i], y[i]);
        __builtin_prefetch(loc->word + cell[i], 0, 2);
    }
}

static void stream_plain(size_t n, const double *x, const double *y, uint32_t *slot)
{
    for (size_t i = 0; i < n; i++)
        slot[i] = x[i] < y[i];
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2"))) static void cells_avx2(const struct wg_locator *loc,
                                                       size_t n, const double *x,
                                                       const double *y, uint32_t *cell)
{
    const struct wg_locate_head *h = &loc->head;
    const __m256d per_x = _mm256_set1_pd(h->per.x), per_y = _mm256_set1_pd(h->per.y);
    const __m256d zero = _mm256_setzero_pd();
    const __m256d col0 = _mm256_set1_pd(h->col0), row0 = _mm256_set1_pd(h->row0);
    const __m256d cols = _mm256_set1_pd(h->cols), rows = _mm256_set1_pd(h->rows);
    const __m256d beyond = _mm256_set1_pd((double)h->cols * h->rows);
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        __m256d col = _mm256_sub_pd(
            _mm256_floor_pd(_mm256_mul_pd(_mm256_loadu_pd(x + i), per_x)), col0);
        __m256d row = _mm256_sub_pd(
            _mm256_floor_pd(_mm256_mul_pd(_mm256_loadu_pd(y + i), per_y)), row0);
        __m256d in = _mm256_and_pd(_mm256_and_pd(_mm256_cmp_pd(col, zero, _CMP_GE_OQ),
                                                 _mm256_cmp_pd(col, cols, _CMP_LT_OQ)),
                                   _mm256_and_pd(_mm256_cmp_pd(row, zero, _CMP_GE_OQ),
                                                 _mm256_cmp_pd(row, rows, _CMP_LT_OQ)));
        __m256d at =
            _mm256_blendv_pd(beyond, _mm256_add_pd(_mm256_mul_pd(row, cols), col), in);
        _mm_storeu_si128((__m128i *)(void *)(cell + i), _mm256_cvttpd_epi32(at));
        for (size_t k = 0; k < 4; k++)
            __builtin_prefetch(loc->word + cell[i + k], 0, 2);
    }
    cells_plain(loc, n - i, x + i, y + i, cell + i);
}

__attribute__((target("avx2"))) static void stream_avx2(size_t n, const double *x,
                                                        const double *y, uint32_t *slot)
{
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        __m256d sum = _mm256_add_pd(_mm256_loadu_pd(x + i), _mm256_loadu_pd(y + i));
        _mm_storeu_si128((__m128i *)(void *)(slot + i), _mm256_cvttpd_epi32(sum));
    }
    stream_plain(n - i, x + i, y + i, slot + i);
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}
#else
#define cells_avx2 cells_plain
#define stream_avx2 stream_plain

static bool has_avx2(void)
{
    return false;
}
#endif

void limit_word(const struct wg_locator *loc, size_t n, const double *x, const double *y,
                uint32_t *slot)
{
    const bool avx2 = has_avx2();
    for (size_t at = 0; at < n; at += BLOCK) {
        uint32_t cell[BLOCK];
        size_t m = n - at < BLOCK ? n - at : BLOCK;
        (avx2 ? cells_avx2 : cells_plain)(loc, m, x + at, y + at, cell);
        for (size_t i = 0; i < m; i++)
            slot[at + i] = loc->word[cell[i]];
    }
}

void limit_stream(size_t n, const double *x, const double *y, uint32_t *slot)
{
    (has_avx2() ? stream_avx2 : stream_plain)(n, x, y, slot);
}
