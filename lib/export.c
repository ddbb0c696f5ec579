/* (to be written) */
typedef int wg_export_unused;
