/* The shared data sets: folder WG_TEST_SHARED, where there is one. */
#ifndef TEST_SHARED_H
#define TEST_SHARED_H

#include <stdio.h>
#include <stdlib.h>

/* The whole file as text, to be freed; NULL, and a word of why, when it is not there.
 * A test then returns: cmocka 1.1 reports skip() in TAP as a failure. */
static inline char *shared_text(const char *name)
{
    char path[1024];
    const char *folder = getenv("WG_TEST_SHARED");
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "", name);
    FILE *file = folder ? fopen(path, "rb") : NULL;
    if (!file) {
        fprintf(stderr, "skipped: no %s in WG_TEST_SHARED\n", name);
        return NULL;
    }
    const size_t room = (size_t)8 << 20;
    char *text = calloc(1, room);
    size_t n = text ? fread(text, 1, room - 1, file) : 0;
    fclose(file);
    if (n == 0 || n == room - 1) {
        fprintf(stderr, "%s is empty or too long\n", path);
        abort();
    }
    return text;
}

#endif
