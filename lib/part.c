/* (to be written) */
typedef int wg_part_unused;
