/* (to be written) */
typedef int wg_predicate_unused;
