/* Fuzz target: a form, a prefix and a code, parted by '|'.  A code that is made fits its
 * form, and the next one is new and higher. */
#include "fuzz.h"
#include "wangge/code.h"

static void check_made(const struct wg_code_form *form, const char *prefix, char *issued)
{
    char out[WG_CODE_MAX + 1], second[WG_CODE_MAX + 1];
    const char *const codes[] = {issued, out};
    if (wg_code_next(form, prefix, 1, codes, out, NULL))
        return;
    MUST(strlen(out) <= WG_CODE_MAX);
    MUST(wg_code_check(form, out, NULL, NULL) == WG_OK);
    MUST(strncmp(out, prefix, strlen(prefix)) == 0 && strcmp(out, issued) != 0);
    if (wg_code_next(form, prefix, 2, codes, second, NULL) == WG_OK) {
        MUST(strcmp(out, second) != 0);
        MUST(form->n_segment == 0 || wg_code_compare(out, second) < 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size), *rest = text;
    char *form_text = strsep(&rest, "|"), *prefix = strsep(&rest, "|");
    char *code = rest ? rest : text + strlen(text);
    struct wg_code_form form;
    struct wg_error err;
    uint32_t bad = 99;
    if (wg_code_form_parse(form_text, &form, &err) == WG_OK) {
        MUST(form.n_segment <= WG_CODE_SEGMENTS_MAX);
        MUST(wg_code_form_length(&form) <= WG_CODE_MAX);
        enum wg_status status = wg_code_check(&form, code, &bad, &err);
        MUST(status == WG_OK ? bad == 99 : bad <= form.n_segment);
        check_made(&form, prefix ? prefix : "", code);
    } else {
        MUST(err.status == WG_FORMAT);
    }
    free(text);
    return 0;
}
