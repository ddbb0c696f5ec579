/* (to be written) */
typedef int wg_import_unused;
