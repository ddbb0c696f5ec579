/* Owns the file of a locator: the index as it lies in memory, one section after the
 * other, under a head that says what it is and a sum over all of it. */
#include "locate_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"
#include "new_file.h"

#define FORMAT_VERSION 1
#define ALIGN 64 /* of sections, and the block of the sum */
#define ORDER_MARK 0x01020304u

static const char magic[8] = {'W', 'G', 'L', 'O', 'C', 'A', 'T', 'E'};

struct file_head {
    char magic[8];
    uint32_t version, order;
    uint64_t size, sum; /* of the whole file; the sum as if it were 0 itself */
    uint64_t offset[WG_SECTIONS];
    struct wg_locate_head head;
};

static uint64_t aligned(uint64_t size)
{
    return (size + ALIGN - 1) & ~(uint64_t)(ALIGN - 1);
}

/* Where each section begins; the result is the size of the file, UINT64_MAX when no
 * sections can be so big. */
static uint64_t lay_out(const uint64_t bytes[WG_SECTIONS], uint64_t offset[WG_SECTIONS])
{
    uint64_t at = aligned(sizeof(struct file_head));

    for (int i = 0; i < WG_SECTIONS; i++) {
        if (bytes[i] > (uint64_t)1 << 48)
            return UINT64_MAX;
        offset[i] = at;
        at += aligned(bytes[i]);
    }
    return at;
}

/* ---- the sum ---- */

/* Eight lanes, so that a processor's multiplications overlap (12 GB/s); every step can
 * be undone, so no change of one word goes unseen.  Not a defence against malice. */
struct sum {
    uint64_t lane[8];
};

#define SUM_FACTOR UINT64_C(0x9e3779b97f4a7c15)

static uint64_t turn(uint64_t v)
{
    return v << 29 | v >> 35;
}

static void sum_begin(struct sum *s)
{
    for (uint64_t i = 0; i < 8; i++)
        s->lane[i] = (i + 1) * SUM_FACTOR;
}

static void sum_blocks(struct sum *s, const void *data, size_t n_block)
{
    const unsigned char *at = data;
    struct sum l = *s;

    for (; n_block > 0; n_block--, at += ALIGN) {
        uint64_t word[8];

        memcpy(word, at, sizeof word);
        for (int i = 0; i < 8; i++)
            l.lane[i] = turn(l.lane[i] ^ word[i]) * SUM_FACTOR;
    }
    *s = l;
}

static uint64_t sum_end(const struct sum *s)
{
    uint64_t v = SUM_FACTOR;

    for (int i = 0; i < 8; i++)
        v = turn(v ^ s->lane[i]) * SUM_FACTOR;
    return v ^ v >> 32;
}

/* Bytes that need not fill the last block: the rest of it counts as zeros. */
static void sum_padded(struct sum *s, const void *data, uint64_t size)
{
    unsigned char last[ALIGN] = {0};

    sum_blocks(s, data, (size_t)(size / ALIGN));
    if (size % ALIGN == 0)
        return;
    memcpy(last, (const unsigned char *)data + size / ALIGN * ALIGN, size % ALIGN);
    sum_blocks(s, last, 1);
}

static void sum_head(struct sum *s, const struct file_head *head)
{
    struct file_head without = *head;

    without.sum = 0;
    sum_begin(s);
    sum_padded(s, &without, sizeof without);
}

/* What the file of a locator will have. */
static uint64_t sum_of_sections(const struct file_head *head, const void *const section[])
{
    struct sum s;

    sum_head(&s, head);
    for (int i = 0; i < WG_SECTIONS; i++)
        sum_padded(&s, section[i], head->head.bytes[i]);
    return sum_end(&s);
}

/* What a mapped file has: its filling is summed as well. */
static uint64_t sum_of_file(const struct file_head *head, const unsigned char *base,
                            size_t size)
{
    size_t first = aligned(sizeof *head);
    struct sum s;

    for (size_t i = sizeof *head; i < first; i++) {
        if (base[i])
            return ~head->sum;
    }
    sum_head(&s, head);
    sum_blocks(&s, base + first, (size - first) / ALIGN);
    return sum_end(&s);
}

/* ---- writing ---- */

static enum wg_status put(const struct wg_new_file *file, const void *data, uint64_t size,
                          struct wg_error *err)
{
    const unsigned char *at = data;

    while (size > 0) {
        ssize_t n = write(file->fd, at, size < 1 << 30 ? (size_t)size : 1 << 30);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return wg_fail(err, WG_IO, _("%s could not be written to the disk: %s."),
                           file->path, strerror(n < 0 ? errno : ENOSPC));
        at += n;
        size -= (uint64_t)n;
    }
    return WG_OK;
}

/* A section and the zeros up to the next. */
static enum wg_status put_padded(const struct wg_new_file *file, const void *data,
                                 uint64_t size, struct wg_error *err)
{
    static const unsigned char zeros[ALIGN];
    enum wg_status status = put(file, data, size, err);

    if (!status)
        status = put(file, zeros, aligned(size) - size, err);
    return status;
}

/* Who may not read the database may not read its grids here. */
static void permit_as(const struct wg_new_file *file, const char *other)
{
    struct stat st;

    if (stat(other, &st) == 0 && fchmod(file->fd, st.st_mode & 0666) != 0)
        fchmod(file->fd, 0600);
}

enum wg_status wg_locate_file_write(const struct wg_locator *loc, const char *path,
                                    const char *beside, struct wg_error *err)
{
    struct file_head head;
    struct wg_new_file file;
    enum wg_status status = wg_new_file_begin(&file, path, err);

    if (status)
        return status;
    if (beside)
        permit_as(&file, beside);
    memset(&head, 0, sizeof head); /* holes too: they are summed */
    memcpy(head.magic, magic, sizeof magic);
    head.version = FORMAT_VERSION;
    head.order = ORDER_MARK;
    head.head = loc->head;
    head.size = lay_out(loc->head.bytes, head.offset);
    head.sum = sum_of_sections(&head, loc->section);
    status = put_padded(&file, &head, sizeof head, err);
    for (int i = 0; !status && i < WG_SECTIONS; i++)
        status = put_padded(&file, loc->section[i], loc->head.bytes[i], err);
    if (!status)
        status = wg_new_file_replace(&file, !beside, err);
    wg_new_file_finish(&file);
    return status;
}

enum wg_status wg_locator_save(const struct wg_locator *loc, const char *path,
                               struct wg_error *err)
{
    return wg_locate_file_write(loc, path, NULL, err);
}

/* ---- mapping ---- */

static bool is_ours(const struct file_head *head)
{
    return memcmp(head->magic, magic, sizeof magic) == 0;
}

static bool same_kind(const struct file_head *head)
{
    return head->version == FORMAT_VERSION && head->order == ORDER_MARK;
}

static ssize_t read_head(int fd, struct file_head *head)
{
    memset(head, 0, sizeof *head);
    return pread(fd, head, sizeof *head, 0);
}

bool wg_locate_file_head(const char *path, struct wg_locate_head *out)
{
    struct file_head head;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool ok = fd >= 0 && read_head(fd, &head) == (ssize_t)sizeof head && is_ours(&head) &&
              same_kind(&head);

    if (fd >= 0)
        close(fd);
    if (ok)
        *out = head.head;
    return ok;
}

static enum wg_status fail_damaged(const char *path, struct wg_error *err)
{
    return wg_fail(err, WG_FORMAT,
                   _("%s is damaged or cut short.  Remove it: it can be made anew from "
                     "the database."),
                   path);
}

static enum wg_status check_head(const char *path, int fd, struct wg_error *err)
{
    struct file_head head;
    struct stat st;
    uint64_t offset[WG_SECTIONS];

    if (fstat(fd, &st) != 0)
        return wg_fail(err, WG_IO, _("%s cannot be looked at: %s."), path,
                       strerror(errno));
    ssize_t n = S_ISREG(st.st_mode) ? read_head(fd, &head) : 0;
    if (n < (ssize_t)sizeof head.magic || !is_ours(&head))
        return wg_fail(err, WG_FORMAT, _("%s is not a kept index of grids."), path);
    if (n >= (ssize_t)offsetof(struct file_head, size) && !same_kind(&head))
        return wg_fail(err, WG_FORMAT,
                       _("%s was made by another version of this program, or on another "
                         "kind of machine.  Remove it: it can be made anew from the "
                         "database."),
                       path);
    if (n != (ssize_t)sizeof head || head.size != (uint64_t)st.st_size ||
        lay_out(head.head.bytes, offset) != head.size || head.size > SIZE_MAX ||
        memcmp(offset, head.offset, sizeof offset) != 0)
        return fail_damaged(path, err);
    return WG_OK;
}

/* The head is read once more, from the map: only what is summed is believed. */
static enum wg_status look_into(struct wg_locator *loc, const char *path,
                                struct wg_error *err)
{
    const unsigned char *base = loc->map;
    struct file_head head;
    uint64_t offset[WG_SECTIONS];

    memcpy(&head, base, sizeof head);
    if (lay_out(head.head.bytes, offset) != loc->map_size)
        return fail_damaged(path, err);
    loc->head = head.head;
    for (int i = 0; i < WG_SECTIONS; i++)
        loc->section[i] = base + offset[i];
    wg_locator_look(loc);
    if (sum_of_file(&head, base, loc->map_size) != head.sum ||
        !wg_locate_sizes_fit(&loc->head) || !wg_locate_contents_fit(loc))
        return fail_damaged(path, err);
    return WG_OK;
}

static enum wg_status map_open(int fd, struct wg_locator *loc, const char *path,
                               struct wg_error *err)
{
    struct stat st;

    if (fstat(fd, &st) != 0 || (uint64_t)st.st_size < sizeof(struct file_head))
        return fail_damaged(path, err);
    /* all of it will be read at once: one call, not a fault every few pages */
    void *map =
        mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (map == MAP_FAILED)
        return errno == ENOMEM ? wg_fail_memory(err)
                               : wg_fail(err, WG_IO, _("%s cannot be looked at: %s."),
                                         path, strerror(errno));
    loc->map = map;
    loc->map_size = (size_t)st.st_size;
    return look_into(loc, path, err);
}

enum wg_status wg_locator_map(const char *path, const struct wg_locator_options *options,
                              struct wg_locator **out, struct wg_error *err)
{
    enum wg_status status;
    struct wg_locator *loc;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* no wait for a pipe */

    if (fd < 0)
        return wg_fail(err, errno == ENOENT ? WG_NOT_FOUND : WG_IO,
                       _("%s cannot be looked at: %s."), path, strerror(errno));
    loc = calloc(1, sizeof *loc);
    status = loc ? check_head(path, fd, err) : wg_fail_memory(err);
    if (!status)
        status = map_open(fd, loc, path, err);
    if (!status)
        status = wg_locator_choose_vector(loc, options ? options->vector : WG_VECTOR_BEST,
                                          err);
    close(fd);
    if (status) {
        if (loc && loc->map)
            munmap(loc->map, loc->map_size);
        free(loc);
        return status;
    }
    *out = loc;
    return WG_OK;
}
