/* The way to a server of /proc files. It begins as a program of its own, without anything of the memory of the monitor that begins it. */
#include "procfs/door.h"
#include "core/io.h"
#include "core/sys.h"
#include "procfs/config.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* The fds of a server are all below this. */
#define SERVER_FDS (PROCFS_SOURCE_FD + HOST_SOURCES)

/* A file in memory, or a negative errno. */
static int make_config(const struct field *f, bool alone)
{
	const struct field *filter = &f[PROC_SERVER_FILTER];
	struct procfs_config config = {
		.owner = geteuid(),
		.alone = alone,
		.uid = (uid_t)f[PROC_SERVER_UID].number,
		.uid_count = (uint32_t)f[PROC_SERVER_UID_COUNT].number,
		.filter_length = filter->length,
	};
	if (filter->length > sizeof config.filter)
		return -E2BIG;
	memcpy(config.filter, filter->data, filter->length);
	int fd = (int)sys_result(memfd_create("procfs", MFD_CLOEXEC));
	int error = fd < 0 ? fd : write_all(fd, &config, sizeof config);
	if (error && fd >= 0)
		close(fd);
	return error ? error : fd;
}

/* Gives an fd its number, open across exec; what is not there is a null device, so that nothing else ever has that number. */
static int place(int fd, int number)
{
	int from = fd < 0 ? open("/dev/null", O_RDONLY) : fd;
	if (from == number)
		return 0;
	return from < 0 || dup2(from, number) < 0 || close(from) ? -EBADF : 0;
}

/* Leaves 0 to 2 and the server's fds open. */
static int keep_fds(int config, int channel, int listener, const struct field *sources)
{
	const int given[] = { config, channel, listener };
	int high[3];
	uint32_t offset = 0;
	const char *path;
	for (int i = 0; i < 3; i++)
		high[i] = given[i] < 0 ? -1 : fcntl(given[i], F_DUPFD_CLOEXEC, SERVER_FDS);
	int error = sys_close_range(PROCFS_CONFIG_FD, SERVER_FDS - 1, 0);
	for (int i = 0; !error && i < 3; i++)
		error = place(high[i], PROCFS_CONFIG_FD + i);
	for (int i = 0; !error && i < HOST_SOURCES && (path = field_string(sources, &offset)); i++)
		error = place(open(path, O_RDONLY), PROCFS_SOURCE_FD + i);
	return error ? error : sys_close_range(SERVER_FDS, ~0u, 0);
}

/* Our children have the clocks of our container, and the mounts that are ours alone: a server outlives both. */
static int leave(const struct state *state, int clocks)
{
	if (setsid() < 0 || (clocks >= 0 && setns(clocks, CLONE_NEWTIME)) || setns(state->host_mounts, CLONE_NEWNS) || chdir("/"))
		return -errno;
	return 0;
}

static _Noreturn void become_server(const struct field *f, int channel, int listener)
{
	char *const argv[] = { "tscompose-proc", "procfs", NULL };
	char *const env[] = { NULL };
	sigset_t none;
	sigemptyset(&none);
	int config = make_config(f, listener < 0);
	if (config < 0 || keep_fds(config, channel, listener, &f[PROC_SERVER_SOURCES]) || sigprocmask(SIG_SETMASK, &none, NULL))
		_exit(125);
	execve("/proc/self/exe", argv, env);
	_exit(126);
}

/* Its first channel is ours, wherever others find it. */
static int begin_server(const struct state *state, const struct field *f, int listener, pid_t *server)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends))
		return -errno;
	int clocks = open("/proc/self/ns/time", O_RDONLY | O_CLOEXEC);
	pid_t pid = fork();
	if (pid == 0) {
		if (leave(state, clocks))
			_exit(125);
		become_server(f, ends[1], listener);
	}
	int error = pid < 0 ? -errno : 0;
	if (clocks >= 0)
		close(clocks);
	close(ends[1]);
	if (error)
		close(ends[0]);
	else
		*server = pid;
	return error ? error : ends[0];
}

/* Nobody waits here for one who was stopped: whoever cannot be had at once is asked again later. */
static int knock(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || !connect(fd, (const struct sockaddr *)address, sizeof *address))
		return fd < 0 ? -errno : fd;
	int error = -errno;
	close(fd);
	return error;
}

static bool nobody_is_there(int error)
{
	return error == -ECONNREFUSED || error == -ENOENT;
}

/* In the place of one that has gone. -1: there can be none, so the server is ours alone. */
static int listen_at(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t before = umask(0177);
	unlink(address->sun_path);
	bool fine = fd >= 0 && !bind(fd, (const struct sockaddr *)address, sizeof *address) && !listen(fd, SOMAXCONN);
	umask(before);
	if (!fine && fd >= 0)
		close(fd);
	return fine ? fd : -1;
}

/* One of those who find nobody begins a server; the others find that one when they come again. */
static int find_or_begin(const struct state *state, const struct field *f, int folder, pid_t *server)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/server-%d", folder, PROCFS_VERSION);
	int channel = knock(&address);
	if (!nobody_is_there(channel))
		return channel;
	if (flock(folder, LOCK_EX | LOCK_NB))
		return -errno;
	channel = knock(&address);
	if (nobody_is_there(channel)) {
		int listener = listen_at(&address);
		channel = begin_server(state, f, listener, server);
		if (listener >= 0)
			close(listener);
	}
	flock(folder, LOCK_UN);
	return channel;
}

int door_enter(const struct state *state, const struct field *f, pid_t servers[PROCFS_SERVERS])
{
	pid_t *server = servers;
	while (server < servers + PROCFS_SERVERS && *server)
		server++;
	if (server == servers + PROCFS_SERVERS)
		return -EAGAIN;
	int folder = open(field_text(&f[PROC_SERVER_FOLDER]), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* Somebody has removed it: nobody finds us, nor we anybody. */
	if (folder < 0)
		return begin_server(state, f, -1, server);
	int channel = find_or_begin(state, f, folder, server);
	close(folder);
	return channel;
}

int door_hand_over(int channel, int fuse, int shared, const struct field *sources)
{
	struct procfs_hello hello = { 0 };
	int fds[PROCFS_FDS_MAX] = { fuse, shared };
	size_t count = PROCFS_FDS_FIRST;
	uint32_t offset = 0;
	const char *path;
	for (int i = 0; i < SOURCE_COUNT && (path = field_string(sources, &offset)); i++) {
		if (i < HOST_SOURCES || !path[0] || (fds[count] = open(path, O_RDONLY | O_CLOEXEC)) < 0)
			continue;
		hello.sources |= 1u << i;
		count++;
	}
	int error = send_fds(channel, &hello, sizeof hello, fds, count);
	for (size_t i = PROCFS_FDS_FIRST; i < count; i++)
		close(fds[i]);
	return error;
}
