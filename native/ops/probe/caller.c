/* A connection of our caller's with one of its clients: had by its descriptor, and asked whether the client has read all that it was sent. */
#include "core/clock.h"
#include "core/state.h"
#include "core/sys.h"
#include "ops/operations.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#define MILLISECOND 1000000L
/* Most milliseconds between two looks, of which each takes twice as long to come as the one before. */
#define LONGEST_WAIT 32

/* The pid of whoever opened it, once nothing waits for him there: the kernel counts what waits, and wakes nobody when that is read. */
static int await_read(struct state *state, int fd, uint64_t end)
{
	struct ucred client;
	socklen_t size = sizeof client;
	struct timespec wait = { .tv_nsec = MILLISECOND };
	for (int unread = 1; unread;) {
		if (ioctl(fd, SIOCOUTQ, &unread))
			return -errno;
		if (unread && boot_nanoseconds() >= end)
			return -ETIMEDOUT;
		if (unread)
			nanosleep(&wait, NULL);
		if (wait.tv_nsec < LONGEST_WAIT * MILLISECOND)
			wait.tv_nsec *= 2;
	}
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &client, &size) ? -errno : add_result(state, &client.pid, sizeof client.pid);
}

/* If it is the socket that is meant: the process of this number may be another one by then. Who may not have it goes without. */
int op_open_connection(struct state *state, const struct field *f)
{
	struct ucred peer;
	struct stat info;
	socklen_t size = sizeof peer;
	if (getsockopt(PROGRAM_FD, SOL_SOCKET, SO_PEERCRED, &peer, &size))
		return -errno;
	int process = sys_pidfd_open(peer.pid);
	int fd = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, f[OPEN_CONNECTION_FD].number, 0);
	if (process >= 0)
		close(process);
	if (fd < 0)
		return 0;
	if (fstat(fd, &info) || !S_ISSOCK(info.st_mode) || info.st_ino != f[OPEN_CONNECTION_INODE].number) {
		close(fd);
		return 0;
	}
	uint64_t within = f[OPEN_CONNECTION_READ_WITHIN].number;
	int error = within ? await_read(state, fd, boot_nanoseconds() + within * MILLISECOND) : 0;
	if (!error)
		return slot_set(state, f[OPEN_CONNECTION_SLOT].number, fd);
	close(fd);
	return error;
}
