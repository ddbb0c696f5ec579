/* (to be written) */
typedef int wg_shape_unused;
