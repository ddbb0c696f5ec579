/* Shader programs: compile, link, uniforms. */
#include "render/program.h"

#include <epoxy/gl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHADER(name) extern const char shader_##name[]
SHADER(common_glsl);
SHADER(building_vert);
SHADER(building_frag);
SHADER(edge_vert);
SHADER(edge_frag);
SHADER(ground_vert);
SHADER(ground_frag);
SHADER(paint_vert);
SHADER(paint_frag);
SHADER(line_vert);
SHADER(line_frag);
SHADER(curtain_vert);
SHADER(curtain_frag);
SHADER(sky_vert);
SHADER(sky_frag);
SHADER(present_vert);
SHADER(present_frag);
SHADER(sprite_vert);
SHADER(sprite_frag);
SHADER(shadow_vert);
SHADER(shadow_frag);
SHADER(id_vert);
SHADER(id_frag);

#define SOURCE(name) {#name, shader_##name##_vert, shader_##name##_frag}
static const struct source {
    const char *name, *vert, *frag;
} sources[] = {SOURCE(building), SOURCE(edge),    SOURCE(ground),  SOURCE(paint),
               SOURCE(line),     SOURCE(curtain), SOURCE(sky),     SOURCE(present),
               SOURCE(sprite),   SOURCE(shadow),  SOURCE(id)};

/* Drivers write "0:12(5): error …" or "0(12) : error …": source number, then line.
 * The first number is ours: 0 is common.glsl, 1 the file itself. */
static void explain(const char *name, const char *suffix, const char *log, char *why,
                    size_t size)
{
    int source = 1, line = 0;
    if (sscanf(log, "%d:%d", &source, &line) != 2)
        (void)sscanf(log, "%d(%d)", &source, &line);
    if (source == 0)
        snprintf(why, size, "common.glsl:%d: %s", line, log);
    else
        snprintf(why, size, "%s.%s:%d: %s", name, suffix, line, log);
}

static GLuint compile(GLenum type, const char *name, const char *text, char *why,
                      size_t size)
{
    const char *part[] = {"#version 330 core\n#line 1 0\n", shader_common_glsl,
                          "\n#line 1 1\n", text};
    GLuint shader = glCreateShader(type);
    glShaderSource(shader, 4, part, NULL);
    glCompileShader(shader);
    GLint ok = 0;
    glGetShaderiv(shader, GL_COMPILE_STATUS, &ok);
    if (ok)
        return shader;
    char log[512] = "";
    glGetShaderInfoLog(shader, sizeof log, NULL, log);
    explain(name, type == GL_VERTEX_SHADER ? "vert" : "frag", log, why, size);
    glDeleteShader(shader);
    return 0;
}

static const struct source *find_source(const char *name)
{
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        if (strcmp(sources[i].name, name) == 0)
            return &sources[i];
    return NULL;
}

bool program_create(struct program *program, const char *name, char *why, size_t size)
{
    const struct source *source = find_source(name);
    program->id = 0;
    if (!source) {
        snprintf(why, size, "no shader is named %s", name);
        return false;
    }
    GLuint vert = compile(GL_VERTEX_SHADER, name, source->vert, why, size);
    GLuint frag = vert ? compile(GL_FRAGMENT_SHADER, name, source->frag, why, size) : 0;
    GLint ok = 0;
    if (frag) {
        program->id = glCreateProgram();
        glAttachShader(program->id, vert);
        glAttachShader(program->id, frag);
        glLinkProgram(program->id);
        glGetProgramiv(program->id, GL_LINK_STATUS, &ok);
        if (!ok) {
            char log[512] = "";
            glGetProgramInfoLog(program->id, sizeof log, NULL, log);
            snprintf(why, size, "%s does not link: %s", name, log);
        }
    }
    glDeleteShader(vert);
    glDeleteShader(frag);
    if (!ok) {
        program_delete(program);
        return false;
    }
    GLuint block = glGetUniformBlockIndex(program->id, "Frame");
    if (block != GL_INVALID_INDEX)
        glUniformBlockBinding(program->id, block, 0);
    return true;
}

void program_delete(struct program *program)
{
    if (program->id)
        glDeleteProgram(program->id);
    program->id = 0;
}

void program_use(const struct program *program)
{
    glUseProgram(program->id);
}

static GLint at(const struct program *program, const char *name)
{
    return glGetUniformLocation(program->id, name);
}

void program_int(const struct program *program, const char *name, int v)
{
    glUniform1i(at(program, name), v);
}

void program_float(const struct program *program, const char *name, float v)
{
    glUniform1f(at(program, name), v);
}

void program_vec2(const struct program *program, const char *name, float x, float y)
{
    glUniform2f(at(program, name), x, y);
}

void program_vec3(const struct program *program, const char *name, const float v[3])
{
    glUniform3fv(at(program, name), 1, v);
}

void program_vec4s(const struct program *program, const char *name, int n, const float *v)
{
    glUniform4fv(at(program, name), n, v);
}

void program_matrix(const struct program *program, const char *name, const float *m)
{
    glUniformMatrix4fv(at(program, name), 1, GL_FALSE, m);
}
