/* (to be written) */
typedef int wg_schema_unused;
