/* The options of a check, which export findings takes too. */
#ifndef TOOLS_CHECK_H
#define TOOLS_CHECK_H

#include "tool.h"

struct check_norms {
    size_t n;
    struct wg_size_norm norm[3]; /* all, basic, dedicated */
};

/* False after a word of usage.  The norms must live as long as the options. */
bool check_options(const struct args *args, struct check_norms *norms,
                   struct wg_check_options *out);

#define CHECK_OPTIONS                                                                    \
    {"sliver", "M2", N_("pass over gaps and overlaps up to this area (0.01)")},          \
        {"sliver-width", "M",                                                            \
         N_("tell gaps and overlaps narrower than this by the rule \"sliver\"")},        \
        {"households", "NORM", N_("households of a grid: MIN-MAX")},                     \
        {"population", "NORM", N_("people of a grid: MIN-MAX")},                         \
        {"area", "NORM",                                                                 \
         N_("m² of a grid: MIN-MAX, or 10000 for unit grids: a tenth more or less")},    \
        {"management", NULL,                                                             \
         N_("grids with children are management grids: 1-5 adjacent unit grids of one "  \
            "community")},                                                               \
        {"no-default-norms", NULL, N_("only the norms stated and the scheme's own")},    \
    {                                                                                    \
        "no-norms", NULL, N_("leave out size norms and officers")                        \
    }

#endif
