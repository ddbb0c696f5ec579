/* (to be written) */
typedef int wg_officer_unused;
