/* An OpenGL context with no display: EGL, surfaceless or on a device. */
#include "headless.h"

#include <epoxy/egl.h>
#include <stdio.h>
#include <stdlib.h>

struct headless {
    EGLDisplay display;
    EGLContext context;
};

enum { MOST_DEVICES = 16 };

static bool start(struct headless *h, EGLDisplay display)
{
    static const EGLint want[] = {EGL_CONTEXT_MAJOR_VERSION,
                                  3,
                                  EGL_CONTEXT_MINOR_VERSION,
                                  3,
                                  EGL_CONTEXT_OPENGL_PROFILE_MASK,
                                  EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT,
                                  EGL_NONE};
    static const EGLint config_want[] = {EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT,
                                         EGL_SURFACE_TYPE, 0, EGL_NONE};
    if (display == EGL_NO_DISPLAY || !eglInitialize(display, NULL, NULL))
        return false;
    EGLConfig config = NULL;
    EGLint n = 0;
    if (eglBindAPI(EGL_OPENGL_API) &&
        epoxy_has_egl_extension(display, "EGL_KHR_surfaceless_context")) {
        if (!epoxy_has_egl_extension(display, "EGL_KHR_no_config_context"))
            eglChooseConfig(display, config_want, &config, 1, &n);
        h->context = eglCreateContext(display, config, EGL_NO_CONTEXT, want);
        if (h->context != EGL_NO_CONTEXT &&
            eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, h->context)) {
            h->display = display;
            return true;
        }
        if (h->context != EGL_NO_CONTEXT)
            eglDestroyContext(display, h->context);
    }
    eglTerminate(display);
    return false;
}

static bool start_on_device(struct headless *h)
{
    EGLDeviceEXT device[MOST_DEVICES];
    EGLint n = 0;
    if (!epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_EXT_device_enumeration") &&
        !epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_EXT_device_base"))
        return false;
    if (!eglQueryDevicesEXT(MOST_DEVICES, device, &n))
        return false;
    for (EGLint i = 0; i < n; i++)
        if (start(h, eglGetPlatformDisplayEXT(EGL_PLATFORM_DEVICE_EXT, device[i], NULL)))
            return true;
    return false;
}

struct headless *headless_create(char *why, size_t size)
{
    struct headless *h = calloc(1, sizeof *h);
    if (!h) {
        snprintf(why, size, "out of memory");
        return NULL;
    }
    bool ok = false;
    if (epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_EXT_platform_base")) {
        if (epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_MESA_platform_surfaceless"))
            ok = start(h, eglGetPlatformDisplayEXT(EGL_PLATFORM_SURFACELESS_MESA,
                                                   EGL_DEFAULT_DISPLAY, NULL));
        ok = ok || start_on_device(h);
    }
    ok = ok || start(h, eglGetDisplay(EGL_DEFAULT_DISPLAY));
    if (ok)
        return h;
    snprintf(why, size, "EGL gives no OpenGL 3.3 context without a display");
    free(h);
    return NULL;
}

void headless_destroy(struct headless *h)
{
    if (!h)
        return;
    eglMakeCurrent(h->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    eglDestroyContext(h->display, h->context);
    eglTerminate(h->display);
    free(h);
}
