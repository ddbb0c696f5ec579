/* The batch with AVX2: four cells at once. */
#include "locate_record.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

struct frame {
    __m256d per_x, per_y, col0, row0, cols, rows, beyond;
};

AVX2 static inline __m256d cells_of(const struct frame *f, const double *x,
                                    const double *y)
{
    __m256d zero = _mm256_setzero_pd();
    __m256d col = _mm256_sub_pd(
        _mm256_floor_pd(_mm256_mul_pd(_mm256_loadu_pd(x), f->per_x)), f->col0);
    __m256d row = _mm256_sub_pd(
        _mm256_floor_pd(_mm256_mul_pd(_mm256_loadu_pd(y), f->per_y)), f->row0);
    __m256d in = _mm256_and_pd(_mm256_and_pd(_mm256_cmp_pd(col, zero, _CMP_GE_OQ),
                                             _mm256_cmp_pd(col, f->cols, _CMP_LT_OQ)),
                               _mm256_and_pd(_mm256_cmp_pd(row, zero, _CMP_GE_OQ),
                                             _mm256_cmp_pd(row, f->rows, _CMP_LT_OQ)));
    __m256d cell = _mm256_add_pd(_mm256_mul_pd(row, f->cols), col);

    return _mm256_blendv_pd(f->beyond, cell, in);
}

AVX2 static void find_cells(const struct wg_locator *loc, size_t n, const double *x,
                            const double *y, uint32_t *cell)
{
    const struct wg_locate_head *h = &loc->head;
    struct frame f = {_mm256_set1_pd(h->per.x),
                      _mm256_set1_pd(h->per.y),
                      _mm256_set1_pd(h->col0),
                      _mm256_set1_pd(h->row0),
                      _mm256_set1_pd(h->cols),
                      _mm256_set1_pd(h->rows),
                      _mm256_set1_pd((double)h->cols * h->rows)};

    for (size_t i = 0; i < n; i += 4) {
        double px[4] = {0}, py[4] = {0};
        const double *qx = x + i, *qy = y + i;

        if (n - i < 4) {
            for (size_t k = 0; k < n - i; k++) {
                px[k] = qx[k];
                py[k] = qy[k];
            }
            qx = px;
            qy = py;
        }
        _mm_storeu_si128((__m128i *)(cell + i),
                         _mm256_cvttpd_epi32(cells_of(&f, qx, qy)));
        for (size_t k = 0; k < 4; k++)
            wg_soon(loc->word + cell[i + k]);
    }
}

AVX2 static inline uint32_t ask_record(const struct wg_locator *loc, uint32_t word,
                                       double x, double y)
{
    struct wg_point per = loc->head.per;
    __m128d at = _mm_mul_pd(_mm_set_pd(y, x), _mm_loadu_pd(&per.x));
    __m128d rest = _mm_sub_pd(at, _mm_floor_pd(at));
    __m128i unit = _mm_cvttpd_epi32(_mm_mul_pd(rest, _mm_set1_pd(WG_SIGNS_UNIT)));

    unit = _mm_min_epi32(unit, _mm_set1_epi32(WG_SIGNS_UNIT - 1));
    return wg_signs_ask(loc, word, per, x, y, _mm_cvtsi128_si32(unit),
                        _mm_extract_epi32(unit, 1));
}

#define TARGET AVX2
#include "locate_pipe.h"

void wg_locate_batch_avx2(const struct wg_locator *loc, size_t n, const double *x,
                          const double *y, uint32_t *slot)
{
    ask_blocks(loc, n, x, y, slot);
}
#else
typedef int wg_locate_avx2_is_empty;
#endif
