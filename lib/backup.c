/* (to be written) */
typedef int wg_backup_unused;
