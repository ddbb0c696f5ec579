/* (to be written) */
typedef int wg_dwelling_unused;
