/* (to be written) */
typedef int wg_statement_unused;
