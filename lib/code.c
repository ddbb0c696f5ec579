/* (to be written) */
typedef int wg_code_unused;
