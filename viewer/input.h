#ifndef VIEWER_INPUT_H
#define VIEWER_INPUT_H
/*
 * Mouse and keyboard into commands and camera moves.
 */
#include <stdbool.h>
#include <stddef.h>

#include "event.h"

struct app;
struct input;

struct input *input_create(void);
void input_destroy(struct input *input);
/* For every event of the window, or of a script. */
void input_event(struct app *app, const struct event *event);
/* Once a frame: a flicked map glides on and comes to rest.  True: it moved. */
bool input_step(struct app *app);

/* The name of a key as the command table writes it ("g", "Ctrl+Q", "F12"); false if it
 * has none. */
bool input_key_name(int key, int mods, char *out, size_t size);
/* And back: 0 if there is no such key. */
int input_key_parse(const char *name, int *mods);
#endif
