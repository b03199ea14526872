/*
 * The spawner listens on a socket that has no name in any file system: its engine opens it through /proc, and nobody else is served. Each
 * process that it is asked for is a fork of it with the connection as fd 3 and 4: what is to be done, and how it went, is between the two.
 * It reads no program, keeps nothing of anybody, and may be killed at any time: the engine starts another, and who was started goes on.
 */
#include "spawner/spawner.h"
#include "core/io.h"
#include "core/sys.h"
#include "ops/make-mount.h"
#include "spawner/guests.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Our caller's pipe, whose end is our end; where our caller reads how we began; a null device. */
#define LIFE STDIN_FILENO
#define GREETING STDOUT_FILENO
#define NULL_DEVICE STDERR_FILENO

enum { POLL_LIFE, POLL_LISTENER, POLL_GUESTS };

struct spawner {
	struct state *state;
	pid_t engine;
	int listener;
	int place; /* the socket's file, until our caller has it */
	struct guests guests;
	struct pollfd polls[POLL_GUESTS + GUESTS_MAX];
};

/* A socket in a file system that is mounted nowhere. */
static int listen_nowhere(struct spawner *spawner)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int mount = make_mount(spawner->state, "tmpfs", NULL, NULL, NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	if (mount < 0)
		return mount;
	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/spawner", mount);
	spawner->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = spawner->listener < 0 ||
				    bind(spawner->listener, (const struct sockaddr *)&address, sizeof address) ||
				    listen(spawner->listener, SOMAXCONN) ?
			    -errno :
			    0;
	if (!error && (spawner->place = openat(mount, "spawner", O_PATH | O_CLOEXEC)) < 0)
		error = -errno;
	close(mount);
	return error;
}

/* The fds of a process that is borne are free: nothing that we open has their numbers. */
static int reserve(void)
{
	for (int fd = PROGRAM_FD; fd <= REPLY_FD; fd++)
		if (dup3(NULL_DEVICE, fd, O_CLOEXEC) < 0)
			return -errno;
	return 0;
}

/* Tells our caller where the socket is, and waits until it has opened it; from then on nobody looks into us any more. */
static int greet(struct spawner *spawner)
{
	uint32_t place = (uint32_t)spawner->place;
	char byte;
	int error = add_result(spawner->state, &place, sizeof place);
	if (!error)
		error = send_reply(spawner->state, GREETING, -1);
	if (!error)
		error = read_all(LIFE, &byte, 1);
	if (!error && (dup2(NULL_DEVICE, GREETING) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)))
		error = -errno;
	close(spawner->place);
	return error;
}

static int begin(struct spawner *spawner)
{
	struct state *state = spawner->state;
	state->current.index = ABSENT; /* what fails here is no operation's fault */
	spawner->engine = getppid();
	signals_heed();
	/* Nobody waits for those that we bear: the kernel lets go of them when they end. */
	if (signal(SIGCHLD, SIG_IGN) == SIG_ERR || signal(SIGPIPE, SIG_IGN) == SIG_ERR || chdir("/"))
		return fail(state, errno, "spawner");
	int error = reserve();
	if (!error)
		error = listen_nowhere(spawner);
	if (!error)
		return greet(spawner);
	fail(state, error, "spawner");
	send_reply(state, GREETING, -1);
	return error;
}

static void accept_guests(struct spawner *spawner)
{
	while (spawner->guests.count < GUESTS_MAX) {
		struct ucred peer = { .pid = -1 };
		socklen_t size = sizeof peer;
		int fd = accept4(spawner->listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			return;
		if (!getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) && peer.pid == spawner->engine)
			guests_add(&spawner->guests, fd);
		else
			close(fd);
	}
}

/* The guests are those that were polled; from the end, for one that is dropped has the last in its place. */
static void hear_guests(struct spawner *spawner, unsigned count)
{
	for (unsigned i = count; i-- > 0;) {
		struct guest *guest = &spawner->guests.all[i];
		short events = spawner->polls[POLL_GUESTS + i].revents;
		bool gone = events & (POLLERR | POLLHUP | POLLNVAL) && (guest_is_whole(guest) || !(events & POLLIN));
		if (gone || (events & POLLIN && guest_hear(guest) < 0))
			guests_drop(&spawner->guests, i);
	}
}

static unsigned wait_for_guests(struct spawner *spawner)
{
	unsigned count = spawner->guests.count;
	spawner->polls[POLL_LIFE] = (struct pollfd){ LIFE, POLLIN, 0 };
	spawner->polls[POLL_LISTENER] = (struct pollfd){ count < GUESTS_MAX ? spawner->listener : -1, POLLIN, 0 };
	for (unsigned i = 0; i < count; i++) {
		const struct guest *guest = &spawner->guests.all[i];
		spawner->polls[POLL_GUESTS + i] = (struct pollfd){ guest->fd, guest_is_whole(guest) ? 0 : POLLIN, 0 };
	}
	while (poll(spawner->polls, POLL_GUESTS + count, -1) < 0)
		if (errno != EINTR)
			abort();
	return count;
}

/* In the process that was borne: what it has of us is gone but its connections. The first reply says that it is there, and who it is. */
static int become(struct spawner *spawner, const struct party *party)
{
	struct state *state = spawner->state;
	const struct guest *all = spawner->guests.all;
	for (int i = 0; i < (int)STREAMS; i++) {
		int from = party->streams[i] < 0 ? NULL_DEVICE : all[party->streams[i]].fd;
		if (from != i && dup2(from, i) < 0)
			return -errno;
	}
	for (int fd = PROGRAM_FD; fd <= REPLY_FD; fd++)
		if (dup2(all[party->process].fd, fd) < 0)
			return -errno;
	int error = sys_close_range(REPLY_FD + 1, ~0u, 0);
	if (!error && (signal(SIGCHLD, SIG_DFL) == SIG_ERR || signal(SIGPIPE, SIG_DFL) == SIG_ERR || setsid() < 0))
		error = -errno;
	state_init(state);
	state->plain_signals = true;
	state->process.pid = getpid();
	if (!error)
		error = send_reply(state, REPLY_FD, -1);
	state->process.pid = 0;
	return error;
}

static void refuse(struct spawner *spawner, const struct party *party, int error)
{
	state_init(spawner->state);
	spawner->state->current.index = ABSENT;
	fail(spawner->state, error, "process");
	send_reply(spawner->state, spawner->guests.all[party->process].fd, -1);
}

/* Bears all whose connections are together. In one that was borne: its mode. */
static const char *bear(struct spawner *spawner)
{
	struct party party;
	while (guests_find(&spawner->guests, &party)) {
		pid_t pid = fork();
		if (pid == 0) {
			const char *mode = hello_mode(&spawner->guests.all[party.process].hello);
			if (become(spawner, &party))
				_exit(125);
			free(spawner);
			return mode;
		}
		if (pid < 0)
			refuse(spawner, &party, errno);
		guests_drop_party(&spawner->guests, &party);
	}
	return NULL;
}

const char *spawner_serve(struct state *state)
{
	struct spawner *spawner = calloc(1, sizeof *spawner);
	const char *mode = NULL;
	if (!spawner)
		return NULL;
	spawner->state = state;
	int error = begin(spawner);
	while (!error && !mode) {
		unsigned count = wait_for_guests(spawner);
		if (spawner->polls[POLL_LIFE].revents)
			break;
		hear_guests(spawner, count);
		accept_guests(spawner);
		mode = bear(spawner);
	}
	if (!mode)
		free(spawner);
	return mode;
}
