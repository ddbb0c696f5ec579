/* (to be written) */
typedef int wg_frame_unused;
