/* Stands for a network drive: flock and chmod fail with the number in the environment. Loaded with LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

static int fails(const char *name)
{
    const char *number = getenv(name);
    if (number)
        errno = atoi(number);
    return number != NULL;
}

int flock(int descriptor, int how)
{
    int (*real)(int, int) = dlsym(RTLD_NEXT, "flock");
    return fails("SHIM_FLOCK") ? -1 : real(descriptor, how);
}

int fcntl64(int descriptor, int what, void *argument)
{
    int (*real)(int, int, void *) = dlsym(RTLD_NEXT, "fcntl64");
    return what == 6 && fails("SHIM_LOCKF") ? -1 : real(descriptor, what, argument); /* 6: F_SETLK */
}

int fcntl(int descriptor, int what, void *argument)
{
    return fcntl64(descriptor, what, argument); /* SQLite may be built for either */
}

int chmod(const char *path, mode_t mode)
{
    int (*real)(const char *, mode_t) = dlsym(RTLD_NEXT, "chmod");
    return fails("SHIM_CHMOD") ? -1 : real(path, mode);
}

int fchmodat(int folder, const char *path, mode_t mode, int flags)
{
    int (*real)(int, const char *, mode_t, int) = dlsym(RTLD_NEXT, "fchmodat");
    return fails("SHIM_CHMOD") ? -1 : real(folder, path, mode, flags);
}
