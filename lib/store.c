/* (to be written) */
typedef int wg_store_unused;
