/* Owns the survey: what stands in the district, read once. */
#include "wangge/survey.h"
