/* The relay's event loop: file descriptors that are watched and timers, nothing of what they are for. */
#ifndef TSCOMPOSE_RELAY_LOOP_H
#define TSCOMPOSE_RELAY_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The object of type `type` that has `pointer` as its field `member`. */
#define OWNER(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* A file descriptor that is watched. Zero-initialised with fd -1 it is closed, and all calls below accept that. */
struct watch {
	int fd;
	uint32_t wanted; /* EPOLLIN and EPOLLOUT; 0: not in the epoll set, where a hung-up fd would wake us for ever */
	void (*ready)(struct watch *watch, uint32_t events);
};

struct timer {
	struct timer *previous, *next;
	int64_t deadline;
	struct timers *list; /* NULL: not running */
};

/* Timers of one duration: whoever starts last ends last, so a queue keeps them in order. */
struct timers {
	struct timer *first, *last;
	int64_t duration; /* milliseconds */
	void (*expired)(struct timer *timer);
	struct timers *next_list;
};

/* Memory that may still be in the batch of events at hand is freed after it. */
struct grave {
	struct grave *next;
};

struct loop {
	int epoll;
	struct timers *lists;
	struct grave *graves;
};

int loop_init(struct loop *loop);
/* Runs until epoll itself fails; returns the errno. */
int loop_run(struct loop *loop);
/* Frees an object whose first field is a `struct grave` once no event can point into it any more. */
void loop_bury(struct loop *loop, struct grave *object);

void watch_open(struct watch *watch, int fd, void (*ready)(struct watch *, uint32_t));
/* Returns false when the kernel refuses; the caller gives the object up then. */
bool watch_want(struct loop *loop, struct watch *watch, uint32_t events);
void watch_close(struct loop *loop, struct watch *watch);

void timers_init(struct loop *loop, struct timers *list, int64_t duration, void (*expired)(struct timer *));
/* Starts a timer, or starts it again from now. */
void timer_start(struct timers *list, struct timer *timer);
void timer_stop(struct timer *timer);

#endif
