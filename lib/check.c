/* (to be written) */
typedef int wg_check_unused;
