/* (to be written) */
typedef int wg_instant_unused;
