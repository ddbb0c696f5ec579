/* Fuzz target: reading an instant.  What is read is in range and reads back the same. */
#include "fuzz.h"
#include "wangge/instant.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size), out[WG_INSTANT_SIZE];
    struct wg_error err;
    int64_t ms = 7, back;
    enum wg_status status = wg_instant_parse(text, 480, &ms, &err);
    MUST(status == WG_OK || status == WG_FORMAT);
    if (status) {
        MUST(ms == 7 && err.status == status && err.text[0]);
    } else {
        wg_instant_format(ms, out);
        MUST(strlen(out) == WG_INSTANT_SIZE - 1);
        MUST(wg_instant_parse(out, -480, &back, NULL) == WG_OK && back == ms);
    }
    free(text);
    return 0;
}
