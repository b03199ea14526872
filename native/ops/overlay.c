/* The container's root: an overlay whose layers are given as fds, so that no host path shows in mountinfo. */
#include "core/state.h"
#include "core/sys.h"
#include "ops/label.h"
#include "ops/namespaces.h"
#include "ops/overlay.h"
#include "ops/operations.h"

#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <linux/securebits.h>

#ifndef FSCONFIG_SET_FD
#define FSCONFIG_SET_FD 5
#endif

/* A hostile layer must not redirect a folder into another one, nor give back the content of a removed file. */
static int harden(int context)
{
	static const char *const options[][2] = {
		{ "redirect_dir", "nofollow" }, { "metacopy", "off" }, { "index", "off" }
	};
	int error = sys_fsconfig(context, FSCONFIG_SET_STRING, "source", "overlay", 0);
	for (unsigned i = 0; !error && i < sizeof options / sizeof options[0]; i++)
		error = sys_fsconfig(context, FSCONFIG_SET_STRING, options[i][0], options[i][1], 0);
	return error;
}

struct layers {
	int lower[SLOT_MAX];
	unsigned count;
	int upper; /* -1: read-only */
	int work;
	const char *label;
	bool is_volatile;
};

static int layers_of(struct state *state, const struct field *f, struct layers *layers)
{
	layers->count = f[OVERLAY_LOWER_SLOTS].count;
	layers->upper = layers->work = -1;
	layers->label = field_text(&f[OVERLAY_LABEL]);
	layers->is_volatile = f[OVERLAY_VOLATILE].number;
	if (layers->count == 0 || layers->count > SLOT_MAX)
		return fail(state, EINVAL, "layers");
	for (unsigned i = 0; i < layers->count; i++)
		if ((layers->lower[i] = slot_get(state, field_item(&f[OVERLAY_LOWER_SLOTS], i))) < 0)
			return -EBADF;
	if (f[OVERLAY_UPPER_SLOT].number == ABSENT)
		return 0;
	layers->upper = slot_get(state, f[OVERLAY_UPPER_SLOT].number);
	layers->work = slot_get(state, f[OVERLAY_WORK_SLOT].number);
	return layers->upper < 0 || layers->work < 0 ? -EBADF : 0;
}

/* Linux 6.13 and newer: fds as they are. */
static int give_fds(int context, const struct layers *layers)
{
	int error = 0;
	for (unsigned i = 0; !error && i < layers->count; i++)
		error = sys_fsconfig(context, FSCONFIG_SET_FD, "lowerdir+", NULL, layers->lower[i]);
	if (!error && layers->upper >= 0)
		error = sys_fsconfig(context, FSCONFIG_SET_FD, "upperdir", NULL, layers->upper);
	if (!error && layers->upper >= 0)
		error = sys_fsconfig(context, FSCONFIG_SET_FD, "workdir", NULL, layers->work);
	return error;
}

/*
 * Older kernels: names relative to /proc/self/fd, so that what mountinfo shows is fd numbers, and many layers fit in
 * the 256 bytes of an option.
 */
static int give_names(int context, const struct layers *layers)
{
	char lower[256], name[16];
	size_t length = 0;
	for (unsigned i = 0; i < layers->count; i++) {
		int count = snprintf(lower + length, sizeof lower - length, "%s%d", i ? ":" : "", layers->lower[i]);
		if (count < 0 || (size_t)count >= sizeof lower - length)
			return -E2BIG;
		length += (size_t)count;
	}
	int error = sys_fsconfig(context, FSCONFIG_SET_STRING, "lowerdir", lower, 0);
	if (!error && layers->upper >= 0) {
		snprintf(name, sizeof name, "%d", layers->upper);
		error = sys_fsconfig(context, FSCONFIG_SET_STRING, "upperdir", name, 0);
		snprintf(name, sizeof name, "%d", layers->work);
		if (!error)
			error = sys_fsconfig(context, FSCONFIG_SET_STRING, "workdir", name, 0);
	}
	return error;
}

/* The kernel's own words about what it disliked. */
static void note_log(struct state *state, int context)
{
	char line[DETAIL_MAX];
	ssize_t count = read(context, line, sizeof line - 1);
	if (count <= 0)
		return;
	line[count] = 0;
	line[strcspn(line, "\n")] = 0;
	fail(state, EINVAL, line);
}

/* Makes it in one of the two ways; -EINVAL from `give` alone means that the kernel does not know the way. */
static int create(struct state *state, const struct layers *layers,
		  int (*give)(int, const struct layers *), bool last)
{
	int context = sys_fsopen("overlay");
	if (context < 0)
		return context;
	int error = harden(context);
	if (!error)
		error = label_mount(context, layers->label);
	if (!error)
		error = give(context, layers);
	/* Kernels before 5.10 do not know it, and have each unmount wait for the disk. */
	if (!error && layers->is_volatile)
		sys_fsconfig(context, FSCONFIG_SET_FLAG, "volatile", NULL, 0);
	if (!error)
		error = sys_fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (error && last)
		note_log(state, context);
	if (!error)
		error = sys_fsmount(context, 0);
	close(context);
	return error;
}

/* Which mount an fd lies in; 0 when it cannot be known. */
static uint64_t mount_of(int fd)
{
	struct statx info;
	return fd < 0 || statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &info) ? 0 : info.stx_mnt_id;
}

static bool lies_in(const struct layers *layers, uint64_t mount)
{
	for (unsigned i = 0; i < layers->count; i++)
		if (mount_of(layers->lower[i]) == mount)
			return true;
	return mount_of(layers->upper) == mount || mount_of(layers->work) == mount;
}

/*
 * Older kernels want layers that are attached in our namespace. The detached trees that layers lie in are stacked over
 * `/`, where no lookup comes by, for as long as it takes. Returns how many, in the order in which they were stacked.
 */
static unsigned attach_trees(const struct state *state, const struct layers *layers, int attached[SLOT_MAX])
{
	unsigned count = 0;
	for (unsigned i = 0; i < SLOT_MAX; i++) {
		uint64_t mount = state->tree[i] ? mount_of(state->slots[i]) : 0;
		if (mount && lies_in(layers, mount) &&
		    !syscall(SYS_move_mount, state->slots[i], "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH))
			attached[count++] = state->slots[i];
	}
	return count;
}

int detach_trees(const int *attached, unsigned count)
{
	char name[32];
	int error = 0;
	while (count--) {
		snprintf(name, sizeof name, "/proc/self/fd/%d", attached[count]);
		if (umount2(name, MNT_DETACH))
			error = -errno;
	}
	return error;
}

static int create_by_names(struct state *state, const struct layers *layers)
{
	int attached[SLOT_MAX];
	int before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (before < 0)
		return -errno;
	unsigned count = attach_trees(state, layers, attached);
	int mount = chdir("/proc/self/fd") ? -errno : create(state, layers, give_names, true);
	int error = detach_trees(attached, count);
	if (fchdir(before))
		error = -errno;
	close(before);
	if (mount >= 0 && error) {
		close(mount);
		return error;
	}
	return mount;
}

static int create_any(struct state *state, const struct layers *layers)
{
#ifndef OVERLAY_BY_NAMES
	bool last = !mounts_privately(state);
	int mount = create(state, layers, give_fds, last);
	if (mount >= 0 || last)
		return mount;
#endif
	return create_by_names(state, layers);
}

/* Both calls say what was before and nothing of a failure: asked once more with what is none, they tell. */
static bool act_as(uid_t uid, gid_t gid)
{
	setfsgid(gid);
	setfsuid(uid);
	return setfsgid((gid_t)-1) == (int)gid && setfsuid((uid_t)-1) == (int)uid;
}

/* With an idmapped upper, the work folder can only be made by an id that is mapped: the container's root. */
static int create_as(struct state *state, const struct layers *layers, uid_t uid, gid_t gid)
{
	if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0))
		return -errno;
	int mount = act_as(uid, gid) ? create_any(state, layers) : -EPERM;
	int error = act_as(0, 0) && !prctl(PR_SET_SECUREBITS, 0, 0, 0, 0) ? 0 : -EPERM;
	if (error && mount >= 0)
		close(mount);
	return error ? error : mount;
}

/*
 * Where overlayfs cannot make its work folder, as on a full disk, it mounts read-only and says nothing. A container that
 * cannot write is no container: what hinders is found out by making a folder there.
 */
static int refuse_readonly(const struct layers *layers, int mount)
{
	struct statfs info;
	if (layers->work < 0)
		return 0;
	if (fstatfs(mount, &info))
		return -errno;
	if (!(info.f_flags & ST_RDONLY))
		return 0;
	if (mkdirat(layers->work, "try", 0700))
		return -errno;
	unlinkat(layers->work, "try", AT_REMOVEDIR);
	return -EROFS;
}

int op_overlay(struct state *state, const struct field *f)
{
	struct layers layers;
	int error = layers_of(state, f, &layers);
	if (error)
		return error;
	uid_t uid = (uid_t)f[OVERLAY_AS_UID].number;
	gid_t gid = (gid_t)f[OVERLAY_AS_GID].number;
	int mount = uid == ABSENT ? create_any(state, &layers) : create_as(state, &layers, uid, gid);
	error = mount < 0 ? 0 : refuse_readonly(&layers, mount);
	if (error) {
		close(mount);
		return error;
	}
	error = slot_set(state, f[OVERLAY_SLOT].number, mount);
	state->tree[f[OVERLAY_SLOT].number] = !error;
	return error;
}
