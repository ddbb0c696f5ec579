/* Rules about codes: form, prefix, order at first issue, withdrawn ones, twice. */
#include "check_job.h"
