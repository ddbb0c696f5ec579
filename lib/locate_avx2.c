/* The batch with AVX2: four cells at once, eight edges at once. */
#include "locate_record.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define BLOCK 512
#define AVX2 __attribute__((target("avx2")))

struct frame {
    __m256d per, col0, row0, cols, rows, beyond;
};

AVX2 static inline __m256d cells_of(const struct frame *f, const double *x,
                                    const double *y)
{
    __m256d zero = _mm256_setzero_pd();
    __m256d col = _mm256_sub_pd(
        _mm256_floor_pd(_mm256_mul_pd(_mm256_loadu_pd(x), f->per)), f->col0);
    __m256d row = _mm256_sub_pd(
        _mm256_floor_pd(_mm256_mul_pd(_mm256_loadu_pd(y), f->per)), f->row0);
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
    struct frame f = {
        _mm256_set1_pd(h->per_size), _mm256_set1_pd(h->col0),
        _mm256_set1_pd(h->row0),     _mm256_set1_pd(h->cols),
        _mm256_set1_pd(h->rows),     _mm256_set1_pd((double)h->cols * h->rows)};

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
            _mm_prefetch((const char *)(loc->word + cell[i + k]), _MM_HINT_T0);
    }
}

/* See locate_record.h; the lanes beyond the record's edges hold anything. */
AVX2 static inline uint32_t ask_few(const struct wg_locator *loc, const uint32_t *record,
                                    double x, double y)
{
    uint32_t n = wg_few_edges(record), m = wg_few_candidates(record);
    const float *line = wg_few_lines(record);
    __m128d at = _mm_mul_pd(_mm_set_pd(y, x), _mm_set1_pd(loc->head.per_size));
    __m128 uv = _mm_cvtpd_ps(_mm_sub_pd(at, _mm_floor_pd(at)));
    __m256 u = _mm256_broadcastss_ps(uv);
    __m256 v = _mm256_broadcastss_ps(_mm_shuffle_ps(uv, uv, 0x55));
    __m256 lo = _mm256_loadu_ps(line + 3 * n), hi = _mm256_loadu_ps(line + 4 * n);
    __m256 f = _mm256_add_ps(_mm256_add_ps(_mm256_mul_ps(_mm256_loadu_ps(line), u),
                                           _mm256_mul_ps(_mm256_loadu_ps(line + n), v)),
                             _mm256_loadu_ps(line + 2 * n));
    __m256 sign = _mm256_set1_ps(-0.0f);
    __m256 above = _mm256_cmp_ps(v, hi, _CMP_GE_OQ);
    __m256 between = _mm256_andnot_ps(above, _mm256_cmp_ps(v, lo, _CMP_GE_OQ));
    __m256 left = _mm256_cmp_ps(f, _mm256_setzero_ps(), _CMP_GT_OQ);
    __m256 near_end = _mm256_min_ps(_mm256_andnot_ps(sign, _mm256_sub_ps(v, lo)),
                                    _mm256_andnot_ps(sign, _mm256_sub_ps(v, hi)));
    __m256 unsure = _mm256_or_ps(
        _mm256_cmp_ps(near_end, _mm256_set1_ps(WG_FEW_NEAR_V), _CMP_LE_OQ),
        _mm256_and_ps(between, _mm256_cmp_ps(_mm256_andnot_ps(sign, f),
                                             _mm256_set1_ps(WG_FEW_NEAR), _CMP_LE_OQ)));
    uint32_t lanes = (1u << n) - 1;

    if ((uint32_t)_mm256_movemask_ps(unsure) & lanes)
        return wg_record_exact(loc, record, loc->head.per_size, x, y);
    uint32_t crossed = (uint32_t)_mm256_movemask_ps(_mm256_and_ps(between, left)) |
                       ((uint32_t)_mm256_movemask_ps(above) & wg_few_top(record));
    uint64_t masks;

    __builtin_memcpy(&masks, record + 1 + m, sizeof masks);
    masks &= wg_bits_to_bytes[crossed & lanes];
    masks ^= masks >> 32;
    masks ^= masks >> 16;
    masks ^= masks >> 8;
    uint32_t in = (uint32_t)(masks & 0xff) ^ wg_few_base(record);
    return in ? record[1 + __builtin_ctz(in)] : 0;
}

AVX2 static void ask_block(const struct wg_locator *loc, size_t n, const double *x,
                           const double *y, uint32_t *slot)
{
    uint32_t cell[BLOCK + 4], queue[BLOCK], n_queue = 0;

    find_cells(loc, n, x, y, cell);
    for (size_t i = 0; i < n; i++) {
        uint32_t word = loc->word[cell[i]];

        slot[i] = word;
        queue[n_queue] = (uint32_t)i;
        n_queue += word >> 31;
    }
    for (uint32_t k = 0; k < n_queue; k++) {
        const char *record = (const char *)wg_word_record(loc, slot[queue[k]]);

        _mm_prefetch(record, _MM_HINT_T0);
        _mm_prefetch(record + 64, _MM_HINT_T0);
    }
    for (uint32_t k = 0; k < n_queue; k++) {
        uint32_t i = queue[k];
        const uint32_t *record = wg_word_record(loc, slot[i]);

        slot[i] = wg_few_edges(record) <= WG_FEW_MAX
                      ? ask_few(loc, record, x[i], y[i])
                      : wg_record_plain(loc, slot[i], x[i], y[i]);
    }
}

void wg_locate_batch_avx2(const struct wg_locator *loc, size_t n, const double *x,
                          const double *y, uint32_t *slot)
{
    for (size_t i = 0; i < n; i += BLOCK)
        ask_block(loc, n - i < BLOCK ? n - i : BLOCK, x + i, y + i, slot + i);
}
#else
typedef int wg_locate_avx2_is_empty;
#endif
