#include "launcher/session.h"
#include "launcher/inbox.h"
#include "launcher/outbox.h"
#include "launcher/output.h"
#include "launcher/terminal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define FAILURE 1
#define NO_STATUS -2
#define DEAF -3 /* the signal that the worker does not hear ends this process */
/* Milliseconds that a worker is given to answer a second signal when it has not answered the first: many more than it takes on a busy machine. */
#define PATIENCE 500

enum { OUT, ERR, STREAMS };
enum { CONTROL, WORKER, SIGNALS, INPUT, OUTPUTS, SOURCES = OUTPUTS + STREAMS };

struct command {
	struct inbox control, worker;
	struct outbox outbox;
	struct output outputs[STREAMS];
	uint32_t unsaid[STREAMS]; /* bytes that are written and not told of */
	struct terminal terminal;
	sigset_t caught;
	int signals;
	int ending; /* SIGINT or SIGTERM that was passed on */
	bool is_unanswered; /* such a one */
	int64_t deaf_at; /* when the worker is taken to hear none; 0: it has not been told twice */
	bool is_ordered; /* both streams are one file */
	bool has_read; /* input, or that there is none */
	uint64_t given; /* bytes of input */
	uint32_t if_lost; /* enum wire_if_lost */
	char last_words[WIRE_LAST_WORDS + 1];
	uint64_t counted[STREAMS];
	unsigned unheard; /* losses of a stream that the worker has not heard of */
	uint32_t wanted; /* bytes of input */
	int status; /* NO_STATUS, SESSION_COLD, or the exit status */
};

/* Between two frames of a stream that shares its file, what the first brought must be written. */
static bool may_take(const struct command *session)
{
	return !session->is_ordered || session->outputs[OUT].length + session->outputs[ERR].length == 0;
}

static bool is_written(const struct command *session)
{
	return session->outputs[OUT].length + session->outputs[ERR].length == 0;
}

static void catch_signal(struct command *session, int number, bool wanted)
{
	if (number <= 0 || number >= NSIG || number == SIGINT || number == SIGTERM || number == SIGWINCH)
		return;
	if (wanted)
		sigaddset(&session->caught, number);
	else
		sigdelset(&session->caught, number);
	/* What came in between is heard by the fd, or does what it does by default. */
	(void)signalfd(session->signals, &session->caught, SFD_CLOEXEC | SFD_NONBLOCK);
	(void)sigprocmask(SIG_SETMASK, &session->caught, NULL);
}

static int64_t milliseconds(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One that hangs in a call of the kernel, or in a loop, would keep who typed the command; so would an engine that stands still. */
static bool is_deaf(const struct command *session)
{
	return session->deaf_at != 0 && may_take(session) && milliseconds() >= session->deaf_at;
}

static int take(struct command *session, const struct arrival *arrival)
{
	uint32_t first = arrival_number(arrival, 0);
	switch (arrival->kind) {
	case WIRE_COLD:
		session->status = SESSION_COLD;
		return 0;
	case WIRE_BEGUN:
		if (arrival->length < 4 || arrival->length - 4 >= sizeof session->last_words)
			return -EPROTO;
		session->if_lost = first;
		memcpy(session->last_words, arrival->payload + 4, arrival->length - 4);
		session->last_words[arrival->length - 4] = 0;
		return 0;
	case WIRE_COUNTED:
	case WIRE_COUNTED_ERROR:
		session->counted[arrival->kind - WIRE_COUNTED] += arrival->length;
		return output_put(&session->outputs[arrival->kind - WIRE_COUNTED], arrival->payload, arrival->length);
	case WIRE_OUTPUT:
	case WIRE_ERROR_OUTPUT:
		return output_put(&session->outputs[arrival->kind - WIRE_OUTPUT], arrival->payload, arrival->length);
	case WIRE_WANT:
		session->wanted = first;
		return 0;
	case WIRE_RAW:
		terminal_set_raw(&session->terminal, first == 1);
		return 0;
	case WIRE_CATCH:
		catch_signal(session, (int)first, arrival_number(arrival, 1) == 1);
		return 0;
	case WIRE_RAISE:
		(void)raise((int)first);
		return 0;
	case WIRE_SIGNAL_HEARD:
		session->is_unanswered = false;
		session->deaf_at = 0;
		return 0;
	case WIRE_HEARD:
		session->unheard -= session->unheard > 0;
		return 0;
	case WIRE_STATUS:
		if (session->unheard == 0)
			session->status = (int)(first & 0xff);
		return 0;
	default:
		return -EPROTO;
	}
}

/* Bytes that a worker which has ended did not get rid of: those that came all the same are left out. */
static int take_tail(struct command *session, const struct arrival *arrival)
{
	uint32_t stream = arrival_number(arrival, 0);
	uint64_t offset = arrival_number(arrival, 1) | (uint64_t)arrival_number(arrival, 2) << 32;
	if (arrival->length < 12 || stream >= STREAMS)
		return -EPROTO;
	struct output *output = &session->outputs[stream];
	uint32_t length = arrival->length - 12;
	if (offset != UINT64_MAX && offset > output->received)
		return -EPROTO;
	if (offset != UINT64_MAX && output->received - offset > length)
		return 0;
	/* What comes behind all else says no place. */
	uint32_t known = offset == UINT64_MAX ? 0 : (uint32_t)(output->received - offset);
	return output_put(output, arrival->payload + 12 + known, length - known);
}

static int take_control(struct command *session, const struct arrival *arrival)
{
	if (arrival->kind == WIRE_TAIL)
		return take_tail(session, arrival);
	if (arrival->kind != WIRE_ENDED && arrival->kind != WIRE_COLD)
		return -EPROTO;
	if (session->status == NO_STATUS)
		session->status = arrival->kind == WIRE_COLD ? SESSION_COLD : (int)(arrival_number(arrival, 0) & 0xff);
	return 0;
}

/* The engine's word counts when the worker's own have all been heard. */
static int take_all(struct command *session)
{
	struct arrival arrival;
	int result = 0;
	while (result == 0 && session->status == NO_STATUS && may_take(session) && inbox_next(&session->worker, &arrival))
		result = take(session, &arrival);
	while (result == 0 && session->worker.fd < 0 && session->status == NO_STATUS && is_written(session) &&
		inbox_next(&session->control, &arrival))
		result = take_control(session, &arrival);
	return result;
}

static void read_from(struct inbox *inbox)
{
	if (inbox_read(inbox) >= 0)
		return;
	close(inbox->fd);
	inbox->fd = -1;
}

static void hear_signals(struct command *session)
{
	struct signalfd_siginfo info;
	while (read(session->signals, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGWINCH) {
			uint32_t sizes[4];
			(void)terminal_size(STDOUT_FILENO, &sizes[0], &sizes[1]);
			(void)terminal_size(STDERR_FILENO, &sizes[2], &sizes[3]);
			(void)outbox_put(&session->outbox, WIRE_SIZE, sizes, sizeof sizes);
		} else {
			if (info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM) {
				session->ending = (int)info.ssi_signo;
				if (session->is_unanswered && session->deaf_at == 0)
					session->deaf_at = milliseconds() + PATIENCE;
				session->is_unanswered = true;
			}
			(void)outbox_put_numbers(&session->outbox, WIRE_SIGNAL, info.ssi_signo, 0);
		}
	}
}

static void read_input(struct command *session)
{
	uint8_t bytes[WIRE_PAYLOAD];
	ssize_t count = read(STDIN_FILENO, bytes, session->wanted < sizeof bytes ? session->wanted : sizeof bytes);
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	session->wanted = 0;
	session->has_read = true;
	session->given += count > 0 ? (uint64_t)count : 0;
	if (count < 0)
		(void)outbox_put_numbers(&session->outbox, WIRE_INPUT_FAILED, (uint32_t)errno, 0);
	else
		(void)outbox_put(&session->outbox, WIRE_INPUT, bytes, (uint32_t)count);
}

/* Who waits for the command's end hears of an output that is lost in time to say so: a status that came before counts no more. */
static void write_output(struct command *session, unsigned stream)
{
	int result = output_write(&session->outputs[stream]);
	if (result > 0) {
		session->unsaid[stream] += (uint32_t)result;
	} else if (result < 0) {
		(void)outbox_put_numbers(&session->outbox, WIRE_LOST, stream, (uint32_t)-result);
		if (session->worker.fd < 0)
			return;
		session->unheard++;
		session->status = NO_STATUS;
	}
}

static void say_written(struct command *session)
{
	for (uint32_t stream = 0; stream < STREAMS; stream++)
		if (session->unsaid[stream] > 0 &&
			outbox_put_numbers(&session->outbox, WIRE_WRITTEN, stream, session->unsaid[stream]) == 0)
			session->unsaid[stream] = 0;
	outbox_flush(&session->outbox);
}

static void await(struct command *session)
{
	bool is_sending = session->outbox.start < session->outbox.end;
	bool may_read = session->wanted > 0 && session->status == NO_STATUS && session->worker.fd >= 0 &&
			outbox_has_room(&session->outbox, WIRE_PAYLOAD + 1024);
	struct pollfd sources[SOURCES] = {
		[CONTROL] = { .fd = inbox_is_full(&session->control) ? -1 : session->control.fd, .events = POLLIN },
		[WORKER] = { .fd = may_take(session) || is_sending ? session->worker.fd : -1,
			.events = (short)((may_take(session) ? POLLIN : 0) | (is_sending ? POLLOUT : 0)) },
		[SIGNALS] = { .fd = session->signals, .events = POLLIN },
		[INPUT] = { .fd = may_read ? STDIN_FILENO : -1, .events = POLLIN },
	};
	for (int i = 0; i < STREAMS; i++)
		sources[OUTPUTS + i] = (struct pollfd){ .fd = session->outputs[i].length > 0 ? session->outputs[i].fd : -1,
			.events = POLLOUT };
	if (poll(sources, SOURCES, session->deaf_at == 0 ? -1 : PATIENCE) < 0)
		return;
	for (unsigned i = 0; i < STREAMS; i++)
		if (sources[OUTPUTS + i].revents != 0)
			write_output(session, i);
	if (sources[CONTROL].revents != 0)
		read_from(&session->control);
	if (sources[WORKER].revents & (POLLIN | POLLHUP | POLLERR) && may_take(session))
		read_from(&session->worker);
	if (sources[SIGNALS].revents != 0)
		hear_signals(session);
	if (sources[INPUT].revents != 0)
		read_input(session);
}

/* Tells who goes on with the command how much has come of what is counted, and how much of the input was read. */
static int leave_word(const struct command *session)
{
	char word[WIRE_LAST_WORDS + 96];
	(void)snprintf(word, sizeof word, "%llu %llu %llu %s", (unsigned long long)session->counted[OUT],
		(unsigned long long)session->counted[ERR], (unsigned long long)session->given, session->last_words);
	return setenv("TSCOMPOSE_GO_ON", word, 1);
}

/* Nobody is there any more who could say how the command ended. */
static int be_left(struct command *session)
{
	bool has_begun = session->has_read || session->outputs[OUT].received > 0;
	bool has_said = session->outputs[ERR].received > 0;
	if (session->if_lost == WIRE_AGAIN && !has_begun)
		return SESSION_COLD;
	if (session->if_lost == WIRE_LOOKS && !has_begun && !has_said)
		return SESSION_COLD;
	if (session->if_lost == WIRE_GO_ON && leave_word(session) == 0)
		return SESSION_COLD;
	/* Where nobody takes them either, the status tells. */
	ssize_t said = write(STDERR_FILENO, session->last_words, strlen(session->last_words));
	(void)said;
	return FAILURE;
}

/* Most output is short, and whoever reads it takes it at once. Whether any went. */
static bool write_at_once(struct command *session)
{
	uint64_t before = session->outputs[OUT].written + session->outputs[ERR].written;
	for (unsigned i = 0; i < STREAMS; i++)
		if (session->outputs[i].length > 0 && !session->outputs[i].may_wait)
			write_output(session, i);
	return session->outputs[OUT].written + session->outputs[ERR].written > before;
}

static int run(struct command *session)
{
	for (;;) {
		if (take_all(session) < 0)
			return be_left(session);
		/* What comes behind may have waited for it. */
		if (write_at_once(session) && session->is_ordered)
			continue;
		if (session->status != NO_STATUS && is_written(session))
			return session->status;
		if (session->worker.fd < 0 && session->control.fd < 0 && session->control.start == session->control.end &&
			is_written(session))
			return be_left(session);
		if (is_deaf(session))
			return DEAF;
		say_written(session);
		await(session);
	}
}

int session_run(int control, int worker, sigset_t caught)
{
	struct command *session = calloc(1, sizeof *session);
	if (session == NULL) {
		close(control);
		close(worker);
		return SESSION_COLD;
	}
	session->control.fd = control;
	session->worker.fd = worker;
	session->outbox.fd = worker;
	session->caught = caught;
	session->status = NO_STATUS;
	/* Until it has begun nothing is done. */
	session->if_lost = WIRE_LOOKS;
	session->is_ordered = output_is_same(STDOUT_FILENO, STDERR_FILENO);
	output_open(&session->outputs[OUT], STDOUT_FILENO);
	output_open(&session->outputs[ERR], STDERR_FILENO);
	session->signals = signalfd(-1, &session->caught, SFD_CLOEXEC | SFD_NONBLOCK);
	int status = session->signals < 0 ? SESSION_COLD : run(session);
	/* Whoever wanted its end does not want it begun anew; a container that it goes on with has been told. It waits for the caller's mask. */
	if (status == DEAF || (status == SESSION_COLD && session->ending != 0 && session->if_lost != WIRE_GO_ON))
		(void)raise(session->ending);
	if (status == DEAF)
		status = FAILURE;
	terminal_set_raw(&session->terminal, false);
	int fds[] = { session->control.fd, session->worker.fd, session->signals };
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(session);
	return status;
}
