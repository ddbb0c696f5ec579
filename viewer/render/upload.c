/* Meshes and styles onto the card. */
#include <stdlib.h>

#include "render/gl.h"

void buffer_delete(struct buffer *b)
{
    glDeleteVertexArrays(1, &b->vao);
    glDeleteBuffers(1, &b->vertices);
    glDeleteBuffers(1, &b->indices);
    *b = (struct buffer){0};
}

static void buffer_begin(struct buffer *b, const void *vertices, size_t vertex_bytes,
                         const void *indices, size_t index_bytes)
{
    uint64_t revision = b->revision;
    buffer_delete(b);
    b->revision = revision;
    glGenVertexArrays(1, &b->vao);
    glBindVertexArray(b->vao);
    glGenBuffers(1, &b->vertices);
    glBindBuffer(GL_ARRAY_BUFFER, b->vertices);
    glBufferData(GL_ARRAY_BUFFER, (GLsizeiptr)vertex_bytes, vertices, GL_STATIC_DRAW);
    if (!indices)
        return;
    glGenBuffers(1, &b->indices);
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, b->indices);
    glBufferData(GL_ELEMENT_ARRAY_BUFFER, (GLsizeiptr)index_bytes, indices,
                 GL_STATIC_DRAW);
}

static void floats(GLuint at, GLint n, size_t stride, size_t offset)
{
    glEnableVertexAttribArray(at);
    glVertexAttribPointer(at, n, GL_FLOAT, GL_FALSE, (GLsizei)stride, (void *)offset);
}

static void integers(GLuint at, GLint n, GLenum type, size_t stride, size_t offset)
{
    glEnableVertexAttribArray(at);
    glVertexAttribIPointer(at, n, type, (GLsizei)stride, (void *)offset);
}

static void upload_chunk(struct buffer *b, const struct mesh_chunk *c)
{
    const size_t stride = sizeof(struct mesh_vertex);
    buffer_begin(b, c->vertex, c->n_vertex * stride, c->index,
                 ((size_t)c->n_index + c->n_line) * sizeof *c->index);
    integers(0, 3, GL_UNSIGNED_SHORT, stride, offsetof(struct mesh_vertex, x));
    integers(1, 1, GL_UNSIGNED_SHORT, stride, offsetof(struct mesh_vertex, up_dm));
    glEnableVertexAttribArray(2);
    glVertexAttribPointer(2, 3, GL_BYTE, GL_TRUE, (GLsizei)stride,
                          (void *)offsetof(struct mesh_vertex, normal));
    integers(3, 1, GL_UNSIGNED_BYTE, stride, offsetof(struct mesh_vertex, flag));
    integers(4, 1, GL_UNSIGNED_INT, stride, offsetof(struct mesh_vertex, building));
    b->n_index = (GLsizei)c->n_index;
    b->n_line = (GLsizei)c->n_line;
}

static void drop_chunks(struct renderer *r)
{
    for (uint32_t i = 0; i < r->n_chunk; i++)
        buffer_delete(&r->chunk[i]);
    r->n_chunk = 0;
}

bool upload_chunks(struct renderer *r, struct scene *s, size_t budget)
{
    if (r->generation != s->generation) {
        drop_chunks(r);
        r->generation = s->generation;
    }
    size_t sent = 0;
    while (r->n_chunk < s->n_chunk) {
        if (budget && sent > budget)
            return false;
        if (r->n_chunk == r->cap_chunk) {
            uint32_t cap = r->cap_chunk ? r->cap_chunk * 2 : 64;
            struct buffer *moved = realloc(r->chunk, cap * sizeof *moved);
            if (!moved)
                return true; /* draw what there is */
            r->chunk = moved;
            r->cap_chunk = cap;
        }
        struct mesh_chunk *c = s->chunk[r->n_chunk];
        r->chunk[r->n_chunk] = (struct buffer){0};
        upload_chunk(&r->chunk[r->n_chunk++], c);
        sent += c->n_vertex * sizeof *c->vertex;
        free(c->vertex); /* the card has them now */
        free(c->index);
        c->vertex = NULL;
        c->index = NULL;
        r->shadow_map.ready = false;
    }
    return true;
}

static void upload_ground(struct renderer *r, const struct mesh_ground *g)
{
    const size_t stride = sizeof(struct mesh_ground_vertex);
    buffer_begin(&r->ground_mesh, g->vertex, g->n_vertex * stride, g->index,
                 g->n_index * sizeof *g->index);
    floats(0, 3, stride, 0);
    glEnableVertexAttribArray(1);
    glVertexAttribPointer(1, 4, GL_BYTE, GL_TRUE, (GLsizei)stride,
                          (void *)offsetof(struct mesh_ground_vertex, normal));
    r->ground_mesh.n_index = (GLsizei)g->n_index;
    for (int k = 0; k < 3; k++)
        r->ground_origin[k] = g->origin[k];
}

static void upload_flat(struct renderer *r, enum scene_mesh which,
                        const struct mesh_flat *f)
{
    const size_t stride = sizeof(struct mesh_paint_vertex);
    struct buffer *b = &r->flat[which];
    buffer_begin(b, f->vertex, f->n_vertex * stride, f->index,
                 f->n_index * sizeof *f->index);
    floats(0, 2, stride, 0);
    integers(1, 1, GL_UNSIGNED_INT, stride, offsetof(struct mesh_paint_vertex, paint));
    b->n_index = (GLsizei)f->n_index;
    r->flat_origin[0] = f->origin[0];
    r->flat_origin[1] = f->origin[1];
}

static void upload_lines(struct renderer *r, enum scene_lines which,
                         const struct mesh_lines *l)
{
    const size_t stride = sizeof(struct mesh_segment);
    struct buffer *b = &r->lines[which];
    buffer_begin(b, l->segment, l->n * stride, NULL, 0);
    floats(0, 3, stride, offsetof(struct mesh_segment, a));
    floats(1, 3, stride, offsetof(struct mesh_segment, b));
    integers(2, 1, GL_UNSIGNED_INT, stride, offsetof(struct mesh_segment, rank));
    for (GLuint i = 0; i < 3; i++)
        glVertexAttribDivisor(i, 1);
    b->n_instance = (GLsizei)l->n;
    for (int k = 0; k < 3; k++)
        r->lines_origin[which][k] = l->origin[k];
}

static void upload_styles(struct renderer *r, const struct scene *s)
{
    if (!r->style_buffer) {
        glGenBuffers(1, &r->style_buffer);
        glGenTextures(1, &r->style_texture);
    }
    glBindBuffer(GL_TEXTURE_BUFFER, r->style_buffer);
    size_t size = (s->n_style ? s->n_style : 1) * sizeof *s->style;
    if (r->n_style != s->n_style || !r->style_revision) {
        glBufferData(GL_TEXTURE_BUFFER, (GLsizeiptr)size, NULL, GL_DYNAMIC_DRAW);
        glBindTexture(GL_TEXTURE_BUFFER, r->style_texture);
        glTexBuffer(GL_TEXTURE_BUFFER, GL_RGBA8UI, r->style_buffer);
        r->n_style = s->n_style;
    }
    if (s->n_style)
        glBufferSubData(GL_TEXTURE_BUFFER, 0, (GLsizeiptr)size, s->style);
    r->style_revision = s->style_revision;
}

void upload_rest(struct renderer *r, struct scene *s)
{
    if (r->ground_mesh.revision != s->ground_revision) {
        r->ground_mesh.revision = s->ground_revision;
        if (s->ground)
            upload_ground(r, s->ground);
    }
    for (int i = 0; i < SCENE_FLATS; i++) {
        if (r->flat[i].revision == s->flat_revision[i])
            continue;
        r->flat[i].revision = s->flat_revision[i];
        if (s->flat[i])
            upload_flat(r, (enum scene_mesh)i, s->flat[i]);
        else
            r->flat[i].n_index = 0;
    }
    for (int i = 0; i < SCENE_LINES; i++) {
        if (r->lines[i].revision == s->lines_revision[i])
            continue;
        r->lines[i].revision = s->lines_revision[i];
        if (s->lines[i])
            upload_lines(r, (enum scene_lines)i, s->lines[i]);
        else
            r->lines[i].n_instance = 0;
    }
    if (r->style_revision != s->style_revision || !r->style_buffer)
        upload_styles(r, s);
}

void upload_delete(struct renderer *r)
{
    drop_chunks(r);
    free(r->chunk);
    r->chunk = NULL;
    buffer_delete(&r->ground_mesh);
    for (int i = 0; i < SCENE_FLATS; i++)
        buffer_delete(&r->flat[i]);
    for (int i = 0; i < SCENE_LINES; i++)
        buffer_delete(&r->lines[i]);
    glDeleteTextures(1, &r->style_texture);
    glDeleteBuffers(1, &r->style_buffer);
}
