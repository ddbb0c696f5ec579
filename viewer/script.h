#ifndef VIEWER_SCRIPT_H
#define VIEWER_SCRIPT_H
/*
 * `--script FILE|-`: one command a line, run as if a person gave it.  Empty lines and
 * lines that begin with # are passed over.  Besides the commands of the table:
 *   wait SECONDS          let frames pass
 *   wait ready            until the district is loaded and nothing is in flight
 *   key NAME              press a key
 *   click X Y, doubleclick X Y, drag X1 Y1 X2 Y2 [right], scroll X Y NOTCHES, move X Y
 * A line that fails ends the program with status 1 and the line's number.
 */
#include <stdbool.h>
#include <stddef.h>

struct app;
struct script;

/* The whole script is read at once.  NULL: `why` says what was wrong. */
struct script *script_open(const char *path, char *why, size_t size);
void script_close(struct script *script);

enum script_result { SCRIPT_MORE, SCRIPT_END, SCRIPT_FAILED };
/* Once a frame, after the frame is drawn: runs lines until one has to wait. */
enum script_result script_step(struct script *script, struct app *app, char *why,
                               size_t size);
#endif
