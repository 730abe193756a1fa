/* Makes fsync and fdatasync fail with EIO while the file $SWITCH exists, for files whose name
   ends in $SUFFIX. Preloaded into a child process. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fails(int fd) {
    const char *flag = getenv("SWITCH"), *suffix = getenv("SUFFIX");
    char link[64], name[4096];
    if (flag == NULL || suffix == NULL || access(flag, F_OK) != 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, name, sizeof name - 1);
    if (length < (ssize_t)strlen(suffix)) return 0;
    name[length] = 0;
    return strcmp(name + length - strlen(suffix), suffix) == 0;
}

int fsync(int fd) {
    if (fails(fd)) { errno = EIO; return -1; }
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}

int fdatasync(int fd) {
    if (fails(fd)) { errno = EIO; return -1; }
    return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}
