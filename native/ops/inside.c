/* Operations of the container's first process before it becomes the command: names, sysctls, limits, directory. */
#include "ops/inside.h"
#include "core/io.h"
#include "core/state.h"
#include "core/sys.h"
#include "ops/beneath.h"
#include "ops/make-mount.h"
#include "ops/operations.h"

#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>

int private_proc(struct state *state)
{
	struct statfs info;
	if (state->proc >= 0)
		return state->proc;
	int fd = make_mount(state, "proc", NULL, NULL, NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (fd < 0)
		return fd;
	if (fstatfs(fd, &info) || info.f_type != PROC_SUPER_MAGIC) {
		close(fd);
		return -EXDEV;
	}
	return state->proc = fd;
}

#define NET_SYSCTLS "sys/net/"

/* `net.ipv4.ip_forward` → `sys/net/ipv4/ip_forward`; a slash in the key stands for a dot in a name. */
int sysctl_open(struct state *state, const char *key, int flags)
{
	char path[PATH_MAX];
	int proc = private_proc(state);
	if (proc < 0)
		return proc;
	const size_t length = strlen(key);
	if (length + 5 > sizeof path)
		return fail(state, EINVAL, key);
	memcpy(path, "sys/", 4);
	for (size_t i = 0; i <= length; i++)
		path[4 + i] = key[i] == '.' ? '/' : key[i] == '/' ? '.' : key[i];
	/* In what the key became: one may be written whose dots are made of slashes. */
	if (strstr(path, ".."))
		return fail(state, EINVAL, key);
	/* Its name is that of the same folder of each other namespace: the kernel goes through all that it has seen. */
	bool known = state->net_sysctls >= 0 && !strncmp(path, NET_SYSCTLS, strlen(NET_SYSCTLS));
	return sys_openat2(known ? state->net_sysctls : proc, known ? path + strlen(NET_SYSCTLS) : path, (uint64_t)flags, 0,
			   RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

/* Whether it says so already: of a link's IPv6 a write tries again and again, busily, for as long as anybody changes any link of the machine. */
static bool sysctl_is(int fd, const struct field *value)
{
	char text[64];
	ssize_t count = pread(fd, text, sizeof text, 0);
	return count == (ssize_t)value->length + 1 && text[value->length] == '\n' && !memcmp(text, value->data, value->length);
}

int sysctl_set(struct state *state, const struct field *f)
{
	const char *key = field_text(&f[SYSCTL_KEY]);
	int fd = sysctl_open(state, key, O_RDWR);
	/* Some can only be written. */
	if (fd == -EACCES)
		fd = sysctl_open(state, key, O_WRONLY);
	int error = fd < 0 ? fd : 0;
	if (!error && !sysctl_is(fd, &f[SYSCTL_VALUE]))
		error = write_all(fd, f[SYSCTL_VALUE].data, f[SYSCTL_VALUE].length);
	if (fd >= 0)
		close(fd);
	return error && field_has(&f[SYSCTL_IGNORE], -error) ? 0 : error;
}

int op_hostname(struct state *state, const struct field *f)
{
	(void)state;
	return sethostname(field_text(&f[HOSTNAME_NAME]), f[HOSTNAME_NAME].length) ? -errno : 0;
}

int op_domainname(struct state *state, const struct field *f)
{
	(void)state;
	return setdomainname(field_text(&f[DOMAINNAME_NAME]), f[DOMAINNAME_NAME].length) ? -errno : 0;
}

/* A forerunner is a process of the same user, one more than the limit is meant for. */
static void make_room(struct state *state, struct rlimit *limit)
{
	state->process_limit = *limit;
	state->has_process_limit = true;
	limit->rlim_cur += limit->rlim_cur != RLIM_INFINITY;
	limit->rlim_max += limit->rlim_max != RLIM_INFINITY;
}

int op_rlimit(struct state *state, const struct field *f)
{
	struct rlimit limit = { f[RLIMIT_SOFT].number, f[RLIMIT_HARD].number };
	if (state->forerunner && f[RLIMIT_RESOURCE].number == RLIMIT_NPROC)
		make_room(state, &limit);
	return setrlimit((__rlimit_resource_t)f[RLIMIT_RESOURCE].number, &limit) ? -errno : 0;
}

int op_umask(struct state *state, const struct field *f)
{
	/* Set when the command starts: the folders that we make meanwhile have the modes they were given. */
	state->umask = (mode_t)f[UMASK_MASK].number & 0777;
	return 0;
}

/* Makes a working directory, with its parents, owned by the user who will work there. */
static int make_directory(struct state *state, const struct field *f)
{
	int fd = beneath_folder(state->root, field_text(&f[CHDIR_PATH]), 0755, (uid_t)f[CHDIR_UID].number,
				(gid_t)f[CHDIR_GID].number);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/*
 * NO_MAGICLINKS refuses /proc/self/fd/N, by which a working directory once led to the host; the path of where we are
 * is looked at all the same.
 */
int op_chdir(struct state *state, const struct field *f)
{
	char path[PATH_MAX];
	if (!state->entered)
		return fail(state, EINVAL, "before pivotRoot");
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	state->root = root;
	int fd = beneath_open(root, field_text(&f[CHDIR_PATH]), O_PATH | O_DIRECTORY);
	if (fd == -ENOENT && f[CHDIR_CREATE].number) {
		int error = make_directory(state, f);
		fd = error ? error : beneath_open(root, field_text(&f[CHDIR_PATH]), O_PATH | O_DIRECTORY);
	}
	if (fd < 0)
		return fd;
	int error = fchdir(fd) ? -errno : 0;
	close(fd);
	if (!error && syscall(SYS_getcwd, path, sizeof path) < 0)
		error = -errno;
	if (!error && path[0] != '/')
		error = fail(state, EXDEV, "outside the root");
	return error;
}
