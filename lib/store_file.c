/* Database files: where they may lie, and how a new one appears complete or not at all.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "store_db.h"

/* WAL needs memory shared between the programs that use the file: no network file
 * system has it. */
static const struct {
    unsigned long magic;
    const char *name;
} network[] = {
    {0x00006969, "NFS"},   {0x0000517b, "SMB"},    {0xff534d42, "CIFS"},
    {0xfe534d42, "SMB2"},  {0x01021997, "9P"},     {0x5346414f, "AFS"},
    {0x6b414653, "AFS"},   {0x00c36400, "Ceph"},   {0x0bd00bd0, "Lustre"},
    {0x0000564c, "NCP"},   {0x73757245, "Coda"},   {0x7461636f, "OCFS2"},
    {0x01161970, "GFS2"},  {0x47504653, "GPFS"},   {0x19830326, "FhGFS/BeeGFS"},
    {0xaad7aaea, "PanFS"}, {0x786f4256, "vboxsf"}, {0xbacbacbc, "vmhgfs"},
};

const char *wg_network_fs_name(unsigned long magic)
{
    magic &= 0xffffffffUL; /* f_type is signed and may come sign-extended */
    for (size_t i = 0; i < sizeof network / sizeof network[0]; i++) {
        if (network[i].magic == magic)
            return network[i].name;
    }
    return NULL;
}

const char *wg_network_fuse_name(const char *type)
{
    static const char *const names[] = {"sshfs",    "glusterfs", "ceph",    "ceph-fuse",
                                        "s3fs",     "rclone",    "davfs2",  "davfs",
                                        "smbnetfs", "curlftpfs", "juicefs", "goofys"};
    if (strncmp(type, "fuse.", 5) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(type + 5, names[i]) == 0)
            return names[i];
    }
    return NULL;
}

/* "36 35 98:0 /root /mount/point options fields… - type source options", see proc(5). */
const char *wg_mount_network_name(const char *line, unsigned major, unsigned minor)
{
    unsigned line_major, line_minor;
    char type[64];
    const char *rest = strstr(line, " - ");
    if (!rest || sscanf(line, "%*d %*d %u:%u", &line_major, &line_minor) != 2 ||
        line_major != major || line_minor != minor || sscanf(rest, " - %63s", type) != 1)
        return NULL;
    return wg_network_fuse_name(type);
}

/* statfs says no more than "FUSE"; the table of mounts says which.  One that is not on
 * the list of network ones (a local disk through FUSE, say) is let through. */
static const char *find_fuse(dev_t device)
{
    const char *name = NULL;
    char line[1024];
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    while (mounts && !name && fgets(line, sizeof line, mounts))
        name = wg_mount_network_name(line, major(device), minor(device));
    if (mounts)
        fclose(mounts);
    return name;
}

/* The folder of a path, "." for a bare name; free it. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return wg_strdup(".");
    if (slash == path)
        return wg_strdup("/");
    return strndup(path, (size_t)(slash - path));
}

enum wg_status wg_file_check_local(const char *path, struct wg_error *err)
{
    struct statfs fs;
    struct stat st;
    if (statfs(path, &fs) != 0 || stat(path, &st) != 0) {
        char *folder = folder_of(path);
        if (!folder)
            return wg_fail_memory(err);
        bool found = statfs(folder, &fs) == 0 && stat(folder, &st) == 0;
        free(folder);
        if (!found)
            return WG_OK; /* the opening itself will say why */
    }
    const char *name = wg_network_fs_name((unsigned long)fs.f_type);
    if (!name && (unsigned long)fs.f_type == 0x65735546UL) /* FUSE */
        name = find_fuse(st.st_dev);
    if (!name)
        return WG_OK;
    return wg_fail(err, WG_NETWORK_FS,
                   _("%s lies on a network file system (%s), where several programs "
                     "cannot safely share a database.  Put it on a local disk."),
                   path, name);
}

enum wg_status wg_file_check_database(const char *path, struct wg_error *err)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return wg_fail(err, WG_NOT_FOUND,
                           _("There is no file %s.  Check the name, or make a new "
                             "database with “wangge create”."),
                           path);
        return wg_fail(err, WG_IO, _("%s cannot be looked at: %s."), path,
                       strerror(errno));
    }
    if (S_ISDIR(st.st_mode))
        return wg_fail(err, WG_FORMAT, _("%s is a folder, not a database file."), path);
    if (!S_ISREG(st.st_mode))
        return wg_fail(err, WG_FORMAT, _("%s is not a regular file."), path);
    if (st.st_size == 0)
        return wg_fail(
            err, WG_FORMAT,
            _("%s is empty, not a database.  Remove it and make a new database "
              "with “wangge create”."),
            path);
    return WG_OK;
}

char *wg_file_uri(const char *path, const char *options)
{
    static const char plain[] = "/-._~";
    char *uri = malloc(strlen("file:") + 3 * strlen(path) + 1 + strlen(options) + 1);
    if (!uri)
        return NULL;
    char *to = stpcpy(uri, "file:");
    for (const unsigned char *c = (const unsigned char *)path; *c; c++) {
        bool letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                      (*c >= '0' && *c <= '9') || strchr(plain, *c);
        to += sprintf(to, letter ? "%c" : "%%%02x", *c);
    }
    sprintf(to, "?%s", options);
    return uri;
}

static bool exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static enum wg_status fail_exists(const char *path, struct wg_error *err)
{
    return wg_fail(err, WG_EXISTS,
                   _("%s is already there and was left as it is.  Take another name, or "
                     "remove the file first."),
                   path);
}

enum wg_status wg_file_check_new(const char *path, struct wg_error *err)
{
    if (!path || !*path)
        return wg_fail(err, WG_INVALID, _("A database needs a file name."));
    if (exists(path))
        return fail_exists(path, err);
    /* A journal left by a file of the same name would be played into the new one. */
    static const char *const suffix[] = {"-wal", "-journal"};
    for (size_t i = 0; i < sizeof suffix / sizeof suffix[0]; i++) {
        char *side = sqlite3_mprintf("%s%s", path, suffix[i]);
        if (!side)
            return wg_fail_memory(err);
        enum wg_status status = WG_OK;
        struct stat st;
        /* A reader leaves an empty one behind: it holds nothing, so it goes. */
        if (lstat(side, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0)
            unlink(side);
        if (exists(side))
            status = wg_fail(err, WG_EXISTS,
                             _("%s is left over from an earlier database of that name.  "
                               "Remove it, or take another name."),
                             side);
        sqlite3_free(side);
        if (status)
            return status;
    }
    return wg_file_check_local(path, err);
}

/* ---- a file in the making ---- */

#define STEM ".new-"
#define N_RANDOM 8 /* hexadecimal digits after the stem */

static void remove_with_journals(const char *path)
{
    static const char *const suffix[] = {"", "-wal", "-journal", "-shm"};
    for (size_t i = 0; i < sizeof suffix / sizeof suffix[0]; i++) {
        char *name = sqlite3_mprintf("%s%s", path, suffix[i]);
        if (name)
            unlink(name);
        sqlite3_free(name);
    }
}

/* Is `name` in the folder a leftover of `base`: its temporary name, and no lock? */
static void remove_if_leftover(const char *folder, const char *base, const char *name)
{
    size_t stem = strlen(base);
    if (strncmp(name, base, stem) != 0 ||
        strlen(name) != stem + strlen(STEM) + N_RANDOM ||
        strncmp(name + stem, STEM, strlen(STEM)) != 0)
        return;
    char *path = sqlite3_mprintf("%s/%s", folder, name);
    if (!path)
        return;
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            remove_with_journals(path);
        close(fd);
    }
    sqlite3_free(path);
}

static void remove_leftovers(const char *path)
{
    char *folder = folder_of(path);
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    DIR *dir = folder ? opendir(folder) : NULL;
    if (dir) {
        for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
            remove_if_leftover(folder, base, entry->d_name);
        closedir(dir);
    }
    free(folder);
}

/* Make and lock a file under this name; 1: taken, or another maker took it for a
 * leftover before it was locked: try another name; -1: errno. */
static int make_locked(const char *name, int *out)
{
    int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return errno == EEXIST ? 1 : -1;
    struct stat held, named;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &held) == 0 &&
        stat(name, &named) == 0 && held.st_ino == named.st_ino) {
        *out = fd;
        return 0;
    }
    close(fd);
    return 1;
}

enum wg_status wg_new_file_begin(struct wg_new_file *file, const char *path,
                                 struct wg_error *err)
{
    *file = (struct wg_new_file){.fd = -1};
    remove_leftovers(path);
    file->path = wg_strdup(path);
    file->temporary = malloc(strlen(path) + sizeof STEM + N_RANDOM);
    if (!file->path || !file->temporary) {
        wg_new_file_finish(file);
        return wg_fail_memory(err);
    }
    int made;
    do {
        uint32_t random;
        sqlite3_randomness(sizeof random, &random);
        sprintf(file->temporary, "%s%s%08x", path, STEM, random);
        made = make_locked(file->temporary, &file->fd);
    } while (made > 0);
    if (made == 0)
        return WG_OK;
    int cause = errno;
    free(file->temporary);
    file->temporary = NULL;
    wg_new_file_finish(file);
    return wg_fail(err, WG_IO, _("%s cannot be made in its folder: %s."), path,
                   strerror(cause));
}

/* Rename without overwriting, by whichever way the file system has. */
static int rename_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    if (link(from, to) == 0) {
        unlink(from);
        return 0;
    }
    if (errno == EEXIST)
        return -1;
    if (exists(to)) { /* neither way is there (FAT): the gap cannot be closed */
        errno = EEXIST;
        return -1;
    }
    return rename(from, to);
}

static enum wg_status rename_over(const struct wg_new_file *file, bool replace,
                                  struct wg_error *err)
{
    int rc = replace ? rename(file->temporary, file->path)
                     : rename_new(file->temporary, file->path);
    if (rc == 0)
        return WG_OK;
    if (!replace && errno == EEXIST)
        return fail_exists(file->path, err);
    return wg_fail(err, WG_IO, _("%s cannot be made in its folder: %s."), file->path,
                   strerror(errno));
}

static enum wg_status publish(struct wg_new_file *file, bool replace, bool durable,
                              struct wg_error *err)
{
    char *folder = folder_of(file->path);
    if (!folder)
        return wg_fail_memory(err);
    enum wg_status status = WG_OK;
    if (durable && fsync(file->fd) != 0)
        status = wg_fail(err, WG_IO, _("%s could not be written to the disk: %s."),
                         file->path, strerror(errno));
    if (!status)
        status = rename_over(file, replace, err);
    if (!status) {
        free(file->temporary);
        file->temporary = NULL;
        int dir = durable ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
        if (dir >= 0) {
            fsync(dir);
            close(dir);
        }
    }
    free(folder);
    return status;
}

enum wg_status wg_new_file_publish(struct wg_new_file *file, struct wg_error *err)
{
    return publish(file, false, true, err);
}

enum wg_status wg_new_file_replace(struct wg_new_file *file, bool durable,
                                   struct wg_error *err)
{
    return publish(file, true, durable, err);
}

void wg_new_file_name_final(const struct wg_new_file *file, struct wg_error *err)
{
    char *at = err && file->temporary ? strstr(err->text, file->temporary) : NULL;
    if (!at)
        return;
    size_t final = strlen(file->path), temporary = strlen(file->temporary);
    memmove(at + final, at + temporary, strlen(at + temporary) + 1);
    memcpy(at, file->path, final);
}

void wg_new_file_finish(struct wg_new_file *file)
{
    if (file->temporary)
        remove_with_journals(file->temporary);
    if (file->fd >= 0)
        close(file->fd);
    free(file->temporary);
    free(file->path);
    *file = (struct wg_new_file){.fd = -1};
}
