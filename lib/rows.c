/* (to be written) */
typedef int wg_rows_unused;
