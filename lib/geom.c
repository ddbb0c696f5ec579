/* (to be written) */
typedef int wg_geom_unused;
