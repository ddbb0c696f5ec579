/* (to be written) */
typedef int wg_scheme_unused;
