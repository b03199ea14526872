/* The relay's event loop. Level-triggered, so that nothing is lost when a handler stops half-way to be fair. */
#include "relay/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64

/* Milliseconds of a clock that nobody can set. */
static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int loop_init(struct loop *loop)
{
	loop->lists = NULL;
	loop->graves = NULL;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	return loop->epoll < 0 ? -errno : 0;
}

void loop_bury(struct loop *loop, struct grave *object)
{
	object->next = loop->graves;
	loop->graves = object;
}

static void free_graves(struct loop *loop)
{
	while (loop->graves) {
		struct grave *object = loop->graves;

		loop->graves = object->next;
		free(object);
	}
}

static void expire(struct loop *loop)
{
	int64_t time = now();

	for (struct timers *list = loop->lists; list; list = list->next_list) {
		while (list->first && list->first->deadline <= time) {
			struct timer *timer = list->first;

			timer_stop(timer);
			list->expired(timer);
		}
	}
}

/* Milliseconds until the next timer, at least 1 so that rounding never makes us spin; -1 without one. */
static int next_timeout(const struct loop *loop)
{
	int64_t deadline = INT64_MAX;

	for (const struct timers *list = loop->lists; list; list = list->next_list)
		if (list->first && list->first->deadline < deadline)
			deadline = list->first->deadline;
	if (deadline == INT64_MAX)
		return -1;
	deadline -= now();
	if (deadline < 1)
		return 1;
	return deadline > 60000 ? 60000 : (int)deadline;
}

int loop_run(struct loop *loop)
{
	struct epoll_event events[BATCH];

	for (;;) {
		int count = epoll_wait(loop->epoll, events, BATCH, next_timeout(loop));

		if (count < 0 && errno != EINTR)
			return errno;
		for (int i = 0; i < count; i++) {
			struct watch *watch = events[i].data.ptr;

			/* A handler of this batch may have closed it; its memory is still there. */
			if (watch->fd >= 0 && watch->wanted)
				watch->ready(watch, events[i].events);
		}
		expire(loop);
		free_graves(loop);
	}
}

void watch_open(struct watch *watch, int fd, void (*ready)(struct watch *, uint32_t))
{
	watch->fd = fd;
	watch->wanted = 0;
	watch->ready = ready;
}

bool watch_want(struct loop *loop, struct watch *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };
	int operation = !events ? EPOLL_CTL_DEL : watch->wanted ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	if (watch->fd < 0 || watch->wanted == events)
		return true;
	if (epoll_ctl(loop->epoll, operation, watch->fd, &event) < 0)
		return false;
	watch->wanted = events;
	return true;
}

void watch_close(struct loop *loop, struct watch *watch)
{
	if (watch->fd < 0)
		return;
	watch_want(loop, watch, 0);
	close(watch->fd);
	watch->fd = -1;
}

void timers_init(struct loop *loop, struct timers *list, int64_t duration, void (*expired)(struct timer *))
{
	list->first = NULL;
	list->last = NULL;
	list->duration = duration;
	list->expired = expired;
	list->next_list = loop->lists;
	loop->lists = list;
}

void timer_start(struct timers *list, struct timer *timer)
{
	timer_stop(timer);
	timer->deadline = now() + list->duration;
	timer->list = list;
	timer->next = NULL;
	timer->previous = list->last;
	if (list->last)
		list->last->next = timer;
	else
		list->first = timer;
	list->last = timer;
}

void timer_stop(struct timer *timer)
{
	struct timers *list = timer->list;

	if (!list)
		return;
	if (timer->previous)
		timer->previous->next = timer->next;
	else
		list->first = timer->next;
	if (timer->next)
		timer->next->previous = timer->previous;
	else
		list->last = timer->previous;
	timer->list = NULL;
}
