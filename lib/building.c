/* (to be written) */
typedef int wg_building_unused;
