#include "monitor/stdin.h"
#include "core/sys.h"
#include "monitor/state.h"

#define PENDING_MAX (256u * 1024)

static void end(struct monitor *monitor)
{
	if (monitor->stdin_writer >= 0 && !monitor->settings.tty)
		close(monitor->stdin_writer);
	monitor->stdin_writer = -1;
	monitor->stdin_pending.length = 0;
	monitor->stdin_closing = false;
}

void stdin_flush(struct monitor *monitor)
{
	struct buffer *pending = &monitor->stdin_pending;
	while (monitor->stdin_writer >= 0 && pending->length) {
		ssize_t count = write(monitor->stdin_writer, pending->bytes, pending->length);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0 && errno == EAGAIN)
			return;
		if (count < 0)
			end(monitor);
		else
			buffer_consume(pending, (size_t)count);
	}
	if (monitor->stdin_writer >= 0 && monitor->stdin_closing)
		end(monitor);
}

bool stdin_full(const struct monitor *monitor)
{
	return monitor->stdin_pending.length >= PENDING_MAX / 2;
}

void stdin_feed(struct monitor *monitor, const void *bytes, size_t length)
{
	bool lost = !monitor->settings.open_stdin || (monitor->phase != PHASE_CREATED && monitor->stdin_writer < 0);
	if (lost || buffer_append(&monitor->stdin_pending, bytes, length, PENDING_MAX))
		return;
	stdin_flush(monitor);
}

void stdin_close(struct monitor *monitor)
{
	if (monitor->settings.tty)
		return;
	monitor->stdin_closing = true;
	stdin_flush(monitor);
}

void stdin_end(struct monitor *monitor)
{
	/* What waits for a terminal is for the next that reads it. */
	if (monitor->settings.tty)
		monitor->stdin_writer = -1;
	else
		end(monitor);
}
