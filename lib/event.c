/* (to be written) */
typedef int wg_event_unused;
