/* The framebuffer the scene is drawn into: linear blending, many samples. */
#include "render/gl.h"

static GLuint renderbuffer(GLenum format, int w, int h, int samples, GLenum attachment)
{
    GLuint id;
    glGenRenderbuffers(1, &id);
    glBindRenderbuffer(GL_RENDERBUFFER, id);
    if (samples > 1)
        glRenderbufferStorageMultisample(GL_RENDERBUFFER, samples, format, w, h);
    else
        glRenderbufferStorage(GL_RENDERBUFFER, format, w, h);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, attachment, GL_RENDERBUFFER, id);
    return id;
}

static void texture_attached(struct target *t)
{
    glGenTextures(1, &t->texture);
    glBindTexture(GL_TEXTURE_2D, t->texture);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_SRGB8_ALPHA8, t->width, t->height, 0, GL_RGBA,
                 GL_UNSIGNED_BYTE, NULL);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D,
                           t->texture, 0);
}

bool target_fit(struct target *t, int width, int height, int samples)
{
    if (t->framebuffer && t->width == width && t->height == height &&
        t->samples == samples)
        return true;
    target_delete(t);
    t->width = width;
    t->height = height;
    t->samples = samples;
    glGenFramebuffers(1, &t->framebuffer);
    glBindFramebuffer(GL_FRAMEBUFFER, t->framebuffer);
    if (samples > 1)
        t->colour = renderbuffer(GL_SRGB8_ALPHA8, width, height, samples,
                                 GL_COLOR_ATTACHMENT0);
    else
        texture_attached(t);
    t->depth = renderbuffer(GL_DEPTH_COMPONENT32F, width, height, samples,
                            GL_DEPTH_ATTACHMENT);
    bool ok = glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE;
    if (samples > 1) {
        glGenFramebuffers(1, &t->resolved);
        glBindFramebuffer(GL_FRAMEBUFFER, t->resolved);
        texture_attached(t);
        ok = ok && glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE;
    }
    return ok;
}

void target_resolve(const struct target *t)
{
    if (t->samples <= 1)
        return;
    glBindFramebuffer(GL_READ_FRAMEBUFFER, t->framebuffer);
    glBindFramebuffer(GL_DRAW_FRAMEBUFFER, t->resolved);
    glBlitFramebuffer(0, 0, t->width, t->height, 0, 0, t->width, t->height,
                      GL_COLOR_BUFFER_BIT, GL_NEAREST);
}

void target_delete(struct target *t)
{
    glDeleteFramebuffers(1, &t->framebuffer);
    glDeleteFramebuffers(1, &t->resolved);
    glDeleteRenderbuffers(1, &t->colour);
    glDeleteRenderbuffers(1, &t->depth);
    glDeleteTextures(1, &t->texture);
    *t = (struct target){0};
}
