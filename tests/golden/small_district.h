/* The fixed little district that the picture tests draw: made through the public API. */
#ifndef TESTS_GOLDEN_SMALL_DISTRICT_H
#define TESTS_GOLDEN_SMALL_DISTRICT_H

#include <stdbool.h>

/* A new district at `path`; false (and a word on stderr) when it cannot be made. */
bool small_district(const char *path);

#endif
