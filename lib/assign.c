/* (to be written) */
typedef int wg_assign_unused;
