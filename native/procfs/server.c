/*
 * The server: containers of one engine, one request at a time, a request of each that has one in turn. It is started when somebody reads and
 * ends when nobody does any more. What it has of a container is what that one's monitor has handed over; nothing of one is used for another.
 */
#include "procfs/server.h"
#include "core/sys.h"
#include "procfs/answer.h"
#include "procfs/processors.h"

#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* It begins in a millisecond, so it need not stay for who looks now and then; but with who has begun to read. */
#define IDLE_MS 1000
#define READING_MS 5000
/* Of one server. One that is full, or has no more fds, closes its door, and the next monitor begins another. */
#define CONTAINERS_MAX 128
/* Of a container beside its channel: its connection, the file it leaves behind until that is mapped, and its sources. */
#define FDS_EACH (3 + SOURCE_COUNT - HOST_SOURCES)
#define FDS_OTHERS (PROCFS_SOURCE_FD + HOST_SOURCES)

enum { LISTENER, CONTAINERS, POLLS = CONTAINERS + 2 * CONTAINERS_MAX };

struct server {
	uid_t owner; /* whose monitors are served */
	int listener; /* -1: nobody comes any more */
	unsigned count, most;
	struct page work;
	char *scratch;
	struct container containers[CONTAINERS_MAX];
};

static void add_container(struct server *server, int channel)
{
	server->containers[server->count++] = container_of(channel, server->scratch, &server->work);
	if (server->count < server->most)
		return;
	close(server->listener);
	server->listener = -1;
}

static void accept_container(struct server *server)
{
	struct ucred peer;
	socklen_t length = sizeof peer;
	int channel = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (channel < 0)
		return;
	/* The folder is root's alone; this is the second lock. */
	if (getsockopt(channel, SOL_SOCKET, SO_PEERCRED, &peer, &length) || (peer.uid && peer.uid != server->owner))
		close(channel);
	else
		add_container(server, channel);
}

/* What its monitor has to say: where its files are, and then, by its end, that this is over. */
static int hear(struct container *container)
{
	if (container->fuse >= 0)
		return -EPIPE;
	int error = container_take(container);
	if (error || container->fuse < 0)
		return error;
	processors_begin(&container->sources);
	answer_begun(container);
	return 0;
}

/* How long the next request is waited for. */
static int patience(const struct server *server)
{
	for (unsigned i = 0; i < server->count; i++)
		for (unsigned k = 0; k < SNAPSHOTS; k++)
			if (server->containers[i].snapshots[k].handle)
				return READING_MS;
	return IDLE_MS;
}

static int wait_for_somebody(const struct server *server, struct pollfd polls[POLLS])
{
	polls[LISTENER] = (struct pollfd){ server->listener, POLLIN, 0 };
	for (unsigned i = 0; i < server->count; i++) {
		const struct container *container = &server->containers[i];
		polls[CONTAINERS + 2 * i] = (struct pollfd){ container->channel, POLLIN, 0 };
		polls[CONTAINERS + 2 * i + 1] = (struct pollfd){ container->fuse, POLLIN, 0 };
	}
	return poll(polls, CONTAINERS + 2 * server->count, patience(server));
}

/* From the end: one that is let go of has the last in its place. */
static void serve_containers(struct server *server, const struct pollfd polls[POLLS])
{
	for (unsigned i = server->count; i-- > 0;) {
		struct container *container = &server->containers[i];
		int error = polls[CONTAINERS + 2 * i].revents ? hear(container) : 0;
		if (!error && polls[CONTAINERS + 2 * i + 1].revents)
			error = answer_next(container);
		if (!error)
			continue;
		container_let_go(container);
		*container = server->containers[--server->count];
	}
}

/* Until nobody has asked for a while, or nobody is there who could. */
static void serve(struct server *server)
{
	struct pollfd polls[POLLS];
	int ready;
	while (server->count && (ready = wait_for_somebody(server, polls))) {
		if (ready < 0 && errno != EINTR)
			return;
		if (ready < 0)
			continue;
		serve_containers(server, polls);
		if (polls[LISTENER].revents)
			accept_container(server);
	}
}

/* What it takes away from itself: all but its fds. Nobody else is its user, not even another server. */
static int confine(const struct procfs_config *config)
{
	uid_t user = config->uid + (uid_t)getpid() % (config->uid_count ? config->uid_count : 1);
	if (!user)
		return -EPERM;
	if (prctl(PR_SET_NAME, "tscompose-proc") || setpriority(PRIO_PROCESS, 0, 5) || setgroups(0, NULL) ||
	    setresgid(user, user, user) || setresuid(user, user, user) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return -errno;
	return 0;
}

static int install_filter(struct procfs_config *config)
{
	struct sock_fprog program = { (unsigned short)(config->filter_length / sizeof(struct sock_filter)),
				      (struct sock_filter *)config->filter };
#ifdef __SANITIZE_ADDRESS__
	/* A sanitizer that has found something opens files to tell of it. */
	return 0;
#endif
	if (!program.len || config->filter_length > PROCFS_FILTER_MAX)
		return -EINVAL;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) ? -errno : 0;
}

/* What it is told is gone from its memory then. */
static int begin(struct server *server)
{
	struct procfs_config *config = mmap(NULL, sizeof *config, PROT_READ, MAP_SHARED, PROCFS_CONFIG_FD, 0);
	char *texts = mmap(NULL, 2 * TEXT_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct rlimit files;
	if (config == MAP_FAILED || texts == MAP_FAILED || getrlimit(RLIMIT_NOFILE, &files))
		return -errno;
	rlim_t room = files.rlim_cur < FDS_OTHERS + FDS_EACH ? 1 : (files.rlim_cur - FDS_OTHERS) / FDS_EACH;
	server->most = config->alone ? 1 : room < CONTAINERS_MAX ? (unsigned)room : CONTAINERS_MAX;
	server->owner = config->owner;
	server->listener = PROCFS_LISTENER_FD;
	server->work.bytes = texts;
	server->scratch = texts + TEXT_MAX;
	int error = confine(config);
	if (!error)
		error = install_filter(config);
	munmap(config, sizeof *config);
	return error;
}

int procfs_mode(void)
{
	struct server *server = calloc(1, sizeof *server);
	if (!server || begin(server))
		return 125;
	add_container(server, PROCFS_CHANNEL_FD);
	serve(server);
	return 0;
}
