/* (to be written) */
typedef int wg_base_unused;
