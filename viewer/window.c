/* A window on a screen: GLFW, alone. */
#include "window.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

enum { QUEUE = 256 };

struct window {
    GLFWwindow *handle;
    struct event queue[QUEUE]; /* a ring; the oldest is lost when a person outruns us */
    size_t first, n;
    double pointer_x, pointer_y; /* framebuffer pixels */
    int windowed[4];             /* place and size before fullscreen */
};

double window_clock_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

bool window_possible(void)
{
    const char *x = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");
    return (x && *x) || (wayland && *wayland);
}

/* ---- events ---- */

static void push(struct window *w, struct event e)
{
    if (w->n == QUEUE) {
        w->first = (w->first + 1) % QUEUE;
        w->n--;
    }
    w->queue[(w->first + w->n++) % QUEUE] = e;
}

static int mods_of(int mods)
{
    return (mods & GLFW_MOD_SHIFT ? MOD_SHIFT : 0) |
           (mods & GLFW_MOD_CONTROL ? MOD_CTRL : 0) | (mods & GLFW_MOD_ALT ? MOD_ALT : 0);
}

static int key_of(int key)
{
    if (key >= 32 && key < 127)
        return key;
    if (key >= GLFW_KEY_F1 && key <= GLFW_KEY_F12)
        return KEY_F1 + (key - GLFW_KEY_F1);
    switch (key) {
    case GLFW_KEY_ESCAPE:
        return KEY_ESCAPE;
    case GLFW_KEY_ENTER:
    case GLFW_KEY_KP_ENTER:
        return KEY_ENTER;
    case GLFW_KEY_TAB:
        return KEY_TAB;
    case GLFW_KEY_BACKSPACE:
        return KEY_BACKSPACE;
    case GLFW_KEY_INSERT:
        return KEY_INSERT;
    case GLFW_KEY_DELETE:
        return KEY_DELETE;
    case GLFW_KEY_RIGHT:
        return KEY_RIGHT;
    case GLFW_KEY_LEFT:
        return KEY_LEFT;
    case GLFW_KEY_DOWN:
        return KEY_DOWN;
    case GLFW_KEY_UP:
        return KEY_UP;
    case GLFW_KEY_PAGE_UP:
        return KEY_PAGE_UP;
    case GLFW_KEY_PAGE_DOWN:
        return KEY_PAGE_DOWN;
    case GLFW_KEY_HOME:
        return KEY_HOME;
    case GLFW_KEY_END:
        return KEY_END;
    case GLFW_KEY_KP_ADD:
        return '=';
    case GLFW_KEY_KP_SUBTRACT:
        return '-';
    default:
        return KEY_UNKNOWN;
    }
}

/* The key as its layout prints it, so that "?" and letters are where people see them. */
static int printed_key(int key, int scancode)
{
    const char *name = glfwGetKeyName(key, scancode);
    if (key >= 32 && key < 127 && name && name[0] > 0 && name[1] == '\0')
        return name[0] >= 'a' && name[0] <= 'z' ? name[0] - 32 : name[0];
    return key_of(key);
}

static struct window *of(GLFWwindow *handle)
{
    return glfwGetWindowUserPointer(handle);
}

static void on_key(GLFWwindow *handle, int key, int scancode, int action, int mods)
{
    if (action == GLFW_RELEASE)
        return;
    push(of(handle), (struct event){.kind = EVENT_KEY,
                                    .key = printed_key(key, scancode),
                                    .mods = mods_of(mods)});
}

static void on_char(GLFWwindow *handle, unsigned codepoint)
{
    push(of(handle), (struct event){.kind = EVENT_TEXT, .codepoint = codepoint});
}

/* GLFW's screen coordinates to framebuffer pixels. */
static void to_pixels(const struct window *w, double *x, double *y)
{
    int ww, wh, fw, fh;
    glfwGetWindowSize(w->handle, &ww, &wh);
    glfwGetFramebufferSize(w->handle, &fw, &fh);
    if (ww > 0 && wh > 0) {
        *x *= (double)fw / ww;
        *y *= (double)fh / wh;
    }
}

static void on_move(GLFWwindow *handle, double x, double y)
{
    struct window *w = of(handle);
    to_pixels(w, &x, &y);
    w->pointer_x = x;
    w->pointer_y = y;
    push(w, (struct event){.kind = EVENT_MOVE, .x = x, .y = y});
}

static void on_button(GLFWwindow *handle, int button, int action, int mods)
{
    struct window *w = of(handle);
    if (button > GLFW_MOUSE_BUTTON_MIDDLE)
        return;
    push(w, (struct event){.kind = action == GLFW_PRESS ? EVENT_PRESS : EVENT_RELEASE,
                           .button = button == GLFW_MOUSE_BUTTON_LEFT    ? BUTTON_LEFT
                                     : button == GLFW_MOUSE_BUTTON_RIGHT ? BUTTON_RIGHT
                                                                         : BUTTON_MIDDLE,
                           .mods = mods_of(mods),
                           .x = w->pointer_x,
                           .y = w->pointer_y});
}

static void on_scroll(GLFWwindow *handle, double dx, double dy)
{
    struct window *w = of(handle);
    push(w, (struct event){.kind = EVENT_SCROLL,
                           .x = w->pointer_x,
                           .y = w->pointer_y,
                           .dx = dx,
                           .dy = dy});
}

static void on_enter(GLFWwindow *handle, int entered)
{
    if (!entered)
        push(of(handle), (struct event){.kind = EVENT_LEAVE});
}

static void on_resize(GLFWwindow *handle, int width, int height)
{
    (void)width, (void)height;
    push(of(handle), (struct event){.kind = EVENT_RESIZE});
}

static void on_scale(GLFWwindow *handle, float x, float y)
{
    (void)x, (void)y;
    push(of(handle), (struct event){.kind = EVENT_RESIZE});
}

static void on_refresh(GLFWwindow *handle)
{
    push(of(handle), (struct event){.kind = EVENT_RESIZE});
}

bool window_event(struct window *w, struct event *event)
{
    if (w->n == 0)
        return false;
    *event = w->queue[w->first];
    w->first = (w->first + 1) % QUEUE;
    w->n--;
    return true;
}

/* ---- life ---- */

static void hints(void)
{
    glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
    glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
    glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
    /* Not forward compatible: there a line wider than a pixel is an error. */
    glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_FALSE);
    glfwWindowHint(GLFW_DEPTH_BITS, 0);
    glfwWindowHint(GLFW_STENCIL_BITS, 0);
    glfwWindowHint(GLFW_AUTO_ICONIFY, GLFW_FALSE); /* a wall keeps its picture */
    glfwWindowHint(GLFW_SCALE_TO_MONITOR, GLFW_TRUE);
    glfwWindowHintString(GLFW_X11_CLASS_NAME, "wangge-view");
    glfwWindowHintString(GLFW_X11_INSTANCE_NAME, "wangge-view");
}

/* Most of the screen, where no size was asked for. */
static void choose_size(int *width, int *height)
{
    GLFWmonitor *monitor = glfwGetPrimaryMonitor();
    int x = 0, y = 0, w = 1600, h = 900;
    if (monitor)
        glfwGetMonitorWorkarea(monitor, &x, &y, &w, &h);
    *width = w * 9 / 10 > 640 ? w * 9 / 10 : 640;
    *height = h * 9 / 10 > 400 ? h * 9 / 10 : 400;
}

static void listen(struct window *w)
{
    glfwSetWindowUserPointer(w->handle, w);
    glfwSetKeyCallback(w->handle, on_key);
    glfwSetCharCallback(w->handle, on_char);
    glfwSetCursorPosCallback(w->handle, on_move);
    glfwSetMouseButtonCallback(w->handle, on_button);
    glfwSetScrollCallback(w->handle, on_scroll);
    glfwSetCursorEnterCallback(w->handle, on_enter);
    glfwSetFramebufferSizeCallback(w->handle, on_resize);
    glfwSetWindowContentScaleCallback(w->handle, on_scale);
    glfwSetWindowRefreshCallback(w->handle, on_refresh);
}

static void say_why(char *why, size_t size)
{
    const char *words = NULL;
    glfwGetError(&words);
    snprintf(why, size, "%s", words ? words : "GLFW");
}

struct window *window_create(int width, int height, bool fullscreen, const char *title,
                             char *why, size_t size)
{
    struct window *w = calloc(1, sizeof *w);
    if (!w || !glfwInit()) {
        say_why(why, size);
        free(w);
        return NULL;
    }
    hints();
    if (width <= 0 || height <= 0)
        choose_size(&width, &height);
    w->handle = glfwCreateWindow(width, height, title, NULL, NULL);
    if (!w->handle) {
        say_why(why, size);
        glfwTerminate();
        free(w);
        return NULL;
    }
    glfwMakeContextCurrent(w->handle);
    glfwSwapInterval(1);
    listen(w);
    if (fullscreen)
        window_toggle_fullscreen(w);
    return w;
}

void window_destroy(struct window *w)
{
    if (!w)
        return;
    glfwDestroyWindow(w->handle);
    glfwTerminate();
    free(w);
}

void window_size(const struct window *w, int *width, int *height)
{
    glfwGetFramebufferSize(w->handle, width, height);
}

float window_scale(const struct window *w)
{
    float x = 1, y = 1;
    glfwGetWindowContentScale(w->handle, &x, &y);
    return x > 0 ? x : 1;
}

/* The monitor that shows most of the window. */
static GLFWmonitor *monitor_of(const struct window *w)
{
    int n, x, y, ww, wh, best = -1;
    GLFWmonitor **all = glfwGetMonitors(&n), *found = glfwGetPrimaryMonitor();
    glfwGetWindowPos(w->handle, &x, &y);
    glfwGetWindowSize(w->handle, &ww, &wh);
    for (int i = 0; i < n; i++) {
        int mx, my;
        const GLFWvidmode *mode = glfwGetVideoMode(all[i]);
        if (!mode)
            continue;
        glfwGetMonitorPos(all[i], &mx, &my);
        int left = x > mx ? x : mx, top = y > my ? y : my;
        int right = x + ww < mx + mode->width ? x + ww : mx + mode->width;
        int bottom = y + wh < my + mode->height ? y + wh : my + mode->height;
        int area = right > left && bottom > top ? (right - left) * (bottom - top) : 0;
        if (area > best) {
            best = area;
            found = all[i];
        }
    }
    return found;
}

float window_pixels_per_m(const struct window *w)
{
    GLFWmonitor *monitor = monitor_of(w);
    const GLFWvidmode *mode = monitor ? glfwGetVideoMode(monitor) : NULL;
    int mm_w = 0, mm_h = 0;
    if (!mode)
        return 0;
    glfwGetMonitorPhysicalSize(monitor, &mm_w, &mm_h);
    return mm_w > 0 ? (float)mode->width / ((float)mm_w / 1000) : 0;
}

void window_wait(struct window *w, double timeout_s)
{
    (void)w;
    if (timeout_s > 0)
        glfwWaitEventsTimeout(timeout_s);
    else
        glfwPollEvents();
}

void window_wake(void *user)
{
    (void)user;
    glfwPostEmptyEvent();
}

bool window_closed(const struct window *w)
{
    return glfwWindowShouldClose(w->handle);
}

void window_swap(struct window *w)
{
    glfwSwapBuffers(w->handle);
}

void window_set_title(struct window *w, const char *title)
{
    glfwSetWindowTitle(w->handle, title);
}

void window_toggle_fullscreen(struct window *w)
{
    int *p = w->windowed;
    if (glfwGetWindowMonitor(w->handle)) {
        glfwSetWindowMonitor(w->handle, NULL, p[0], p[1], p[2], p[3], 0);
        return;
    }
    GLFWmonitor *monitor = monitor_of(w);
    const GLFWvidmode *mode = monitor ? glfwGetVideoMode(monitor) : NULL;
    if (!mode)
        return;
    glfwGetWindowPos(w->handle, &p[0], &p[1]);
    glfwGetWindowSize(w->handle, &p[2], &p[3]);
    glfwSetWindowMonitor(w->handle, monitor, 0, 0, mode->width, mode->height,
                         mode->refreshRate);
}
