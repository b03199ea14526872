/* Operations outside the container: open, write, clocks, device filter. */
#include "core/bpf.h"
#include "core/io.h"
#include "core/state.h"
#include "core/sys.h"
#include "ops/beneath.h"
#include "ops/operations.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Opens a path beneath the root of another mount namespace: what that has there, and nothing of ours. */
static int open_in_namespace(struct state *state, int namespace, const char *path, int kind)
{
	if (namespace < 0)
		return namespace;
	if (setns(namespace, CLONE_NEWNS))
		return -errno;
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = root < 0 ? -errno : beneath_open(root, path, kind);
	if (root >= 0)
		close(root);
	if (setns(state->own_mounts, CLONE_NEWNS)) {
		int error = -errno;
		if (fd >= 0)
			close(fd);
		return error;
	}
	return fd;
}

int op_open(struct state *state, const struct field *f)
{
	static const int flags[] = { O_PATH | O_DIRECTORY, O_PATH, O_RDONLY | O_NONBLOCK };
	const char *path = field_text(&f[OPEN_PATH]);
	int kind = flags[f[OPEN_KIND].number];
	if (f[OPEN_MOUNTS_SLOT].number != ABSENT) {
		int namespace = slot_get(state, f[OPEN_MOUNTS_SLOT].number);
		return slot_set(state, f[OPEN_SLOT].number, open_in_namespace(state, namespace, path, kind));
	}
	if (f[OPEN_FROM_SLOT].number != ABSENT) {
		int root = slot_get(state, f[OPEN_FROM_SLOT].number);
		return root < 0 ? root : slot_set(state, f[OPEN_SLOT].number, beneath_open(root, path, kind));
	}
	int fd = open(path, kind | O_CLOEXEC);
	return slot_set(state, f[OPEN_SLOT].number, fd < 0 ? -errno : fd);
}

/*
 * A namespace of one process and no other. Its number may be another's by now, since a program runs again at each
 * restart; who still has the start time when the file is open had it when it was opened.
 */
int op_open_namespace(struct state *state, const struct field *f)
{
	static const char *const kinds[] = { "mnt", "ipc", "uts", "pid", "cgroup", "user" };
	pid_t pid = (pid_t)f[OPEN_NAMESPACE_PID].number;
	uint64_t start;
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, kinds[f[OPEN_NAMESPACE_KIND].number]);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int error = process_start_time(pid, &start);
	if (!error && start != f[OPEN_NAMESPACE_START_TIME].number)
		error = -ESRCH;
	if (error) {
		close(fd);
		return error;
	}
	return slot_set(state, f[OPEN_NAMESPACE_SLOT].number, fd);
}

int op_write(struct state *state, const struct field *f)
{
	(void)state;
	int error = write_file(AT_FDCWD, field_text(&f[WRITE_PATH]), f[WRITE_BYTES].data, f[WRITE_BYTES].length);
	return error && field_has(&f[WRITE_IGNORE], -error) ? 0 : error;
}

/* A file of the host, open for writing: by its whole path or, where its folder is open, by its name there. */
static int open_to_write(struct state *state, const struct field *slot, const char *path)
{
	int folder = slot->number == ABSENT ? AT_FDCWD : slot_get(state, slot->number);
	const char *slash = slot->number == ABSENT ? NULL : strrchr(path, '/');
	if (slot->number != ABSENT && folder < 0)
		return folder;
	int fd = openat(folder, slash ? slash + 1 : path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Several by one fd: those that files of control groups take at once, one a call. */
int op_write_lines(struct state *state, const struct field *f)
{
	uint32_t offset = 0;
	int fd = open_to_write(state, &f[WRITE_LINES_SLOT], field_text(&f[WRITE_LINES_PATH]));
	int error = fd < 0 ? fd : 0;
	for (const char *line; !error && (line = field_string(&f[WRITE_LINES_LINES], &offset));)
		if ((error = write_all(fd, line, strlen(line))))
			fail(state, error, line);
	if (fd >= 0)
		close(fd);
	return error;
}

/* Of the child: 0 is the thread that writes, who is all of its process. */
int op_join_group(struct state *state, const struct field *f)
{
	int fd = open_to_write(state, &f[JOIN_GROUP_SLOT], field_text(&f[JOIN_GROUP_PATH]));
	if (fd < 0)
		return fd;
	int error = write_all(fd, "0", 1);
	close(fd);
	return error;
}

/* How far the clocks of a process's children are from those of the machine, as the file of ours takes it. */
static int offsets_of(pid_t pid, uint64_t wanted, char *text, size_t size)
{
	char path[64];
	uint64_t start;
	snprintf(path, sizeof path, "/proc/%d/timens_offsets", (int)pid);
	size_t length = read_text(path, text, size);
	int error = process_start_time(pid, &start);
	return error ? error : start == wanted && length ? (int)length : -ESRCH;
}

/*
 * The next process we clone sees clocks that begin now, or those of another: in a namespace of its own as well, for one that is
 * in a user namespace may not join another's. A process may change its children's time namespace again and again, so a restart
 * begins at zero once more. Kernels without time namespaces show the host's uptime.
 */
int op_new_timens(struct state *state, const struct field *f)
{
	struct timespec monotonic, boottime;
	char text[256];
	int length;
	(void)state;
	if (unshare(CLONE_NEWTIME))
		return errno == EINVAL || errno == ENOSYS ? 0 : -errno;
	/* Ours stay the host's: the offsets count from the clocks of the initial namespace. */
	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	clock_gettime(CLOCK_BOOTTIME, &boottime);
	if (f[NEW_TIMENS_PID].number)
		length = offsets_of((pid_t)f[NEW_TIMENS_PID].number, f[NEW_TIMENS_START_TIME].number, text, sizeof text);
	else
		length = snprintf(text, sizeof text, "monotonic -%lld 0\nboottime -%lld 0\n", (long long)monotonic.tv_sec,
				  (long long)boottime.tv_sec);
	return length < 0 ? length : write_file(AT_FDCWD, "/proc/self/timens_offsets", text, (size_t)length);
}

/* Attaching replaces the program of before, so a restart does not pile them up. */
int op_device_filter(struct state *state, const struct field *f)
{
	const struct field *code = &f[DEVICE_FILTER_PROGRAM];
	int cgroup = slot_get(state, f[DEVICE_FILTER_CGROUP_SLOT].number);
	union bpf_attr load = { 0 }, attach = { 0 };
	if (cgroup < 0)
		return cgroup;
	if (code->length == 0 || code->length % sizeof(struct bpf_insn))
		return fail(state, EINVAL, "instructions");
	/* O_PATH fds are not accepted by the kernel here. */
	int folder = openat(cgroup, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return -errno;
	load.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	load.insns = (uintptr_t)code->data;
	load.insn_cnt = code->length / sizeof(struct bpf_insn);
	load.license = (uintptr_t) "Apache-2.0";
	int program = sys_bpf(BPF_PROG_LOAD, &load);
	attach.target_fd = (uint32_t)folder;
	attach.attach_bpf_fd = (uint32_t)program;
	attach.attach_type = BPF_CGROUP_DEVICE;
	int error = program < 0 ? program : sys_bpf(BPF_PROG_ATTACH, &attach);
	if (program >= 0)
		close(program);
	close(folder);
	return error;
}
