/* (to be written) */
typedef int wg_crs_unused;
