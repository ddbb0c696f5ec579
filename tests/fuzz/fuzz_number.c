/* Fuzz target: a number as text is strtod's, bit for bit, and its text gives it back. */
#include "fuzz.h"
#include "wangge/number.h"

static void check(const char *text, const char *limit)
{
    char *want_end, out[WG_NUMBER_SIZE];
    const char *end, *back_end;
    double want = strtod(text, &want_end), got = wg_number_read(text, limit, &end);
    MUST(end == want_end);
    if (want != want) {
        MUST(got != got);
        return;
    }
    MUST(memcmp(&want, &got, sizeof got) == 0);
    int n = wg_number_write(got, out);
    MUST(n > 0 && n < WG_NUMBER_SIZE && strlen(out) == (size_t)n);
    double back = wg_number_read(out, NULL, &back_end);
    MUST(*back_end == '\0' && memcmp(&back, &got, sizeof got) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    check(text, NULL);
    check(text, text + size);
    free(text);
    return 0;
}
