/* (to be written) */
typedef int wg_wkb_unused;
