/* (to be written) */
typedef int wg_ground_unused;
