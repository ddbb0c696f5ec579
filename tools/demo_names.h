/* Names of the demo district, in Chinese and English; every one invented. */
#ifndef TOOLS_DEMO_NAMES_H
#define TOOLS_DEMO_NAMES_H

#include "demo.h"

void demo_name_estate(char *out, size_t size, bool chinese, int estate,
                      enum demo_use use);
void demo_name_road(char *out, size_t size, bool chinese, bool column, int line,
                    bool main_road, bool riverside);
void demo_name_officer(char *out, size_t size, bool chinese, int n);
/* "第三网格" / "Grid 3". */
void demo_name_number(char *out, size_t size, bool chinese, const char *zh,
                      const char *en, int n);

#endif
