#ifndef VIEWER_RENDER_PROGRAM_H
#define VIEWER_RENDER_PROGRAM_H
/* Shader programs from the sources embedded in the program. */
#include <stdbool.h>
#include <stddef.h>

struct program {
    unsigned id;
};

/* Compile NAME.vert and NAME.frag (both after common.glsl).  On failure `why` names
 * the file, the line and what the compiler says. */
bool program_create(struct program *program, const char *name, char *why,
                    size_t why_size);
void program_delete(struct program *program);
void program_use(const struct program *program);

/* Uniforms by name; of the program in use. */
void program_int(const struct program *program, const char *name, int v);
void program_float(const struct program *program, const char *name, float v);
void program_vec2(const struct program *program, const char *name, float x, float y);
void program_vec3(const struct program *program, const char *name, const float v[3]);
void program_vec4s(const struct program *program, const char *name, int n,
                   const float *v);
void program_matrix(const struct program *program, const char *name, const float *m);
#endif
