/* (to be written) */
typedef int wg_migrate_unused;
