/*
 * The copy of this binary that all processes of ours run from. What a container's first process ran before it became the
 * command can be had from inside (`#!/proc/self/exe`, /proc/<pid>/exe), so it is never the host's file: it is a file in
 * memory without a name, on a mount of its own that is read-only for ever and attached nowhere. Nothing of its bytes,
 * mode, owner or capabilities can be changed through it (CVE-2019-5736), and it has no path that would tell of the host's.
 */
#include "launch/sealed.h"
#include "core/state.h"
#include "core/sys.h"
#include "ops/label.h"
#include "ops/make-mount.h"
#include "ops/mounts.h"

#include <linux/magic.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#define NAME "tscompose-native"

/* Whether a file is such a copy: in memory, without a name, out of reach of every write. */
static bool is_sealed(int fd)
{
	struct stat info;
	struct statfs system;
	const __fsword_t wanted = ST_RDONLY | ST_NOSUID;
	return !fstat(fd, &info) && !fstatfs(fd, &system) && S_ISREG(info.st_mode) && info.st_nlink == 0 &&
	       system.f_type == TMPFS_MAGIC && (system.f_flags & wanted) == wanted;
}

static int copy_bytes(int to)
{
	struct stat info;
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int error = from < 0 || fstat(from, &info) ? -errno : 0;
	for (off_t at = 0; !error && at < info.st_size;)
		if (sendfile(to, from, &at, (size_t)(info.st_size - at)) <= 0)
			error = -EIO;
	if (from >= 0)
		close(from);
	return error;
}

/* Fills a mount with the one file, takes its name and closes the mount to writes. Returns the file, open for reading. */
static int fill(int mount)
{
	int written = openat(mount, NAME, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0555);
	int error = written < 0 ? -errno : copy_bytes(written);
	int fd = openat(mount, NAME, O_RDONLY | O_CLOEXEC);
	if (!error && fd < 0)
		error = -errno;
	/* A file that is open for writing can neither be executed nor be on a read-only mount. */
	if (written >= 0)
		close(written);
	if (!error && unlinkat(mount, NAME, 0))
		error = -errno;
	if (!error)
		error = protect_mount(mount, MOUNT_ATTR_NODEV);
	if (!error && !is_sealed(fd))
		error = -EPERM;
	if (error && fd >= 0)
		close(fd);
	return error ? error : fd;
}

static int make_copy(struct state *state, const char *label)
{
	int mount = make_mount(state, "tmpfs", label, NULL, NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	if (mount < 0)
		return mount;
	int fd = fill(mount);
	/* With its last fd the mount leaves every namespace: nobody can make it writable again. The file keeps it alive. */
	close(mount);
	return fd;
}

int sealed_self(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (is_sealed(fd))
		return fd;
	close(fd);
	return -EPERM;
}

int sealed_for_init(struct state *state)
{
	struct field fields[FIELD_MAX];
	if (!program_fields(&state->program, OP_EXEC, fields) || !fields[EXEC_INIT].number)
		return 0;
	/* A domain begins with files of its own types alone, where a policy is so: then there is a copy of the container's label. */
	const char *label = own_label(state);
	state->self = *label ? make_copy(state, label) : sealed_self();
	return state->self < 0 ? state->self : 0;
}

int run_sealed(struct state *state, char **argv)
{
	char *none[] = { NULL };
	int fd = sealed_self();
	if (fd >= 0) {
		close(fd);
		return 0;
	}
	state->current.index = ABSENT; /* what fails here is no operation's fault */
	fd = fd == -EPERM ? make_copy(state, NULL) : fd;
	if (fd < 0)
		return fail(state, fd, "sealed copy");
	syscall(SYS_execveat, fd, "", argv, none, AT_EMPTY_PATH);
	return fail(state, errno, "sealed copy");
}
