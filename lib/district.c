/* (to be written) */
typedef int wg_district_unused;
