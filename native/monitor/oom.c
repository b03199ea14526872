#include "monitor/oom.h"
#include "core/io.h"
#include "core/sys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>

/* v1: an eventfd is registered by its number and that of the file, in a third one beside it. */
static int watch_v1(const char *path, size_t folder)
{
	char control[4096], text[32];
	if (snprintf(control, sizeof control, "%.*s/cgroup.event_control", (int)folder, path) >= (int)sizeof control)
		return -ENAMETOOLONG;
	int file = open(path, O_RDONLY | O_CLOEXEC);
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int length = snprintf(text, sizeof text, "%d %d", event, file);
	int error = file < 0 || event < 0 ? -errno : write_file(AT_FDCWD, control, text, (size_t)length);
	if (file >= 0)
		close(file);
	if (error && event >= 0)
		close(event);
	return error ? error : event;
}

int oom_watch(const char *path)
{
	const char *name = strrchr(path, '/');
	if (!name)
		return -1;
	if (!strcmp(name, "/memory.oom_control"))
		return watch_v1(path, (size_t)(name - path));
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (fd >= 0 && inotify_add_watch(fd, path, IN_MODIFY) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

void oom_heard(int fd)
{
	char events[1024];
	while (read(fd, events, sizeof events) > 0)
		;
}

uint64_t oom_kills(const char *path)
{
	char text[1024];
	if (!path[0] || !read_text(path, text, sizeof text))
		return 0;
	const char *line = text;
	while (line && strncmp(line, "oom_kill ", 9)) {
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return line ? strtoull(line + 9, NULL, 10) : 0;
}
