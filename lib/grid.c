/* (to be written) */
typedef int wg_grid_unused;
