/* One engine at a time says all that there is, each time whole, and hears which ports that gives. It may go, and another come: what was said last holds until then. */
#include "front/engine.h"
#include "core/program.h"
#include "core/sys.h"
#include "front/ports.h"
#include "front/routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* Between two looks at whether our folder is there. */
#define LOOK 10000

int engine_listen(struct front *front, const char *folder)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	front->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || front->folder < 0)
		return -errno;
	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/front.sock", front->folder);
	mode_t before = umask(0177);
	unlink(address.sun_path);
	int error = bind(fd, (const struct sockaddr *)&address, sizeof address) || listen(fd, SOMAXCONN) ? -errno : 0;
	umask(before);
	front->door.fd = fd;
	return error;
}

static void forget_engine(struct front *front)
{
	watch_close(&front->relay.loop, &front->engine);
	free(front->heard);
	front->heard = NULL;
	front->heard_length = front->heard_size = 0;
}

/* {u32 our pid, u32 count, then of each port u32 number, u32 errno}. */
static bool reply(const struct front *front)
{
	size_t count = 0, length = 2;
	for (const struct front_port *port = front->ports; port; port = port->next)
		count++;
	uint32_t *words = calloc(2 + 2 * count, sizeof *words);
	if (!words)
		return false;
	words[0] = (uint32_t)getpid();
	words[1] = (uint32_t)count;
	for (const struct front_port *port = front->ports; port; port = port->next) {
		words[length++] = port->number;
		words[length++] = (uint32_t)port->error;
	}
	ssize_t sent = send(front->engine.fd, words, length * sizeof *words, MSG_NOSIGNAL | MSG_DONTWAIT);
	free(words);
	return sent == (ssize_t)(length * sizeof *words);
}

/* What it has said whole. Without any instance there is nothing to be here for. */
static bool obey(struct front *front)
{
	size_t count = (front->heard_size - FRONT_HEAD) / FRONT_ROUTE_LENGTH;
	if (routes_take(front, front->heard + FRONT_HEAD, count))
		return false;
	ports_follow(front);
	bool told = reply(front);
	if (!count)
		_exit(0);
	free(front->heard);
	front->heard = NULL;
	front->heard_length = front->heard_size = 0;
	return told;
}

/* {u32 magic, u32 count}: one who says otherwise is of another release, and is to begin a front door of its own. */
static bool read_head(struct front *front, const uint8_t head[FRONT_HEAD])
{
	uint32_t count = load_u32(head + 4);
	if (load_u32(head) != FRONT_MAGIC || count > FRONT_ROUTES_MAX)
		_exit(1);
	front->heard_size = FRONT_HEAD + (size_t)count * FRONT_ROUTE_LENGTH;
	front->heard = malloc(front->heard_size);
	return front->heard != NULL;
}

/* The head comes whole: it is the beginning of one write. */
static bool hear(struct front *front)
{
	uint8_t head[FRONT_HEAD];
	int fd = front->engine.fd;
	if (!front->heard) {
		ssize_t got = recv(fd, head, sizeof head, MSG_PEEK | MSG_DONTWAIT);
		if (got != (ssize_t)sizeof head)
			return got < 0 && (errno == EAGAIN || errno == EINTR);
		if (!read_head(front, head))
			return false;
	}
	ssize_t got = recv(fd, front->heard + front->heard_length, front->heard_size - front->heard_length, MSG_DONTWAIT);
	if (got <= 0)
		return got < 0 && (errno == EAGAIN || errno == EINTR);
	front->heard_length += (size_t)got;
	return front->heard_length < front->heard_size || obey(front);
}

static void engine_ready(struct watch *watch, uint32_t events)
{
	struct front *front = OWNER(watch, struct front, engine);
	(void)events;
	if (!hear(front))
		forget_engine(front);
}

/* The folder is root's alone; this is the second lock. */
static void door_ready(struct watch *watch, uint32_t events)
{
	struct front *front = OWNER(watch, struct front, door);
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t size = sizeof peer;
	int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	(void)events;
	if (fd < 0)
		return;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) || peer.uid != 0) {
		close(fd);
		return;
	}
	forget_engine(front);
	watch_open(&front->engine, fd, engine_ready);
	if (!watch_want(&front->relay.loop, &front->engine, EPOLLIN))
		forget_engine(front);
}

/* Somebody has removed RUN: no engine of it comes any more. */
static void look_again(struct timer *timer)
{
	struct front *front = OWNER(timer, struct front, look);
	struct stat folder;
	if (!fstat(front->folder, &folder) && !folder.st_nlink)
		_exit(0);
	timer_start(&front->looks, &front->look);
}

int engine_start(struct front *front)
{
	struct loop *loop = &front->relay.loop;
	front->engine.fd = -1;
	watch_open(&front->door, front->door.fd, door_ready);
	timers_init(loop, &front->looks, LOOK, look_again);
	timer_start(&front->looks, &front->look);
	return watch_want(loop, &front->door, EPOLLIN) ? 0 : -errno;
}
