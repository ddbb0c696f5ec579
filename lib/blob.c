/* (to be written) */
typedef int wg_blob_unused;
