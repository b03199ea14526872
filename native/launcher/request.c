#include "launcher/request.h"
#include "launcher/terminal.h"
#include "launcher/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int add(struct texts *texts, const void *bytes, size_t length)
{
	if (length > WIRE_REQUEST || texts->length + length + 1 > WIRE_REQUEST)
		return -E2BIG;
	if (texts->length + length + 1 > texts->room) {
		size_t room = 2 * texts->room + length + 4096;
		uint8_t *bigger = realloc(texts->bytes, room);
		if (bigger == NULL)
			return -ENOMEM;
		texts->bytes = bigger;
		texts->room = room;
	}
	memcpy(texts->bytes + texts->length, bytes, length);
	texts->bytes[texts->length + length] = 0;
	texts->length += length + 1;
	return 0;
}

static int add_text(struct texts *texts, const char *text)
{
	return add(texts, text, strlen(text));
}

static int add_number(struct texts *texts, unsigned long long number)
{
	char text[24];
	(void)snprintf(text, sizeof text, "%llu", number);
	return add_text(texts, text);
}

static int add_file(struct texts *texts, const char *path)
{
	char text[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ssize_t count = read(fd, text, sizeof text);
	int problem = count < 0 ? -errno : 0;
	close(fd);
	return problem < 0 ? problem : add(texts, text, (size_t)count);
}

static int add_link(struct texts *texts, const char *path)
{
	char text[256];
	ssize_t count = readlink(path, text, sizeof text);
	return count < 0 ? -errno : add(texts, text, (size_t)count);
}

int request_hello(struct texts *texts, const char *build, char *const words[])
{
	static const char *const links[] = { "mnt", "net", "pid", "user", "ipc" };
	struct stat root;
	int result = add_text(texts, WIRE_VERSION);
	if (result == 0)
		result = add_text(texts, build);
	if (result == 0)
		result = add_file(texts, "/proc/self/status");
	if (result == 0)
		result = add_file(texts, "/proc/self/limits");
	for (size_t i = 0; result == 0 && i < sizeof links / sizeof *links; i++) {
		char path[40];
		(void)snprintf(path, sizeof path, "/proc/self/ns/%s", links[i]);
		result = add_link(texts, path);
	}
	if (result == 0)
		result = stat("/", &root) < 0 ? -errno : add_number(texts, root.st_dev);
	if (result == 0)
		result = add_number(texts, root.st_ino);
	for (size_t i = 0; result == 0 && words[i] != NULL; i++)
		result = add_text(texts, words[i]);
	return result;
}

/* Rows and columns of a terminal, nothing for a pipe, and `file` for all else. */
static int add_stream(struct texts *texts, int fd)
{
	char text[32] = "";
	uint32_t rows, columns;
	struct stat found;
	if (terminal_size(fd, &rows, &columns))
		(void)snprintf(text, sizeof text, "%u %u", rows, columns);
	else if (fstat(fd, &found) == 0 && !S_ISFIFO(found.st_mode) && !S_ISSOCK(found.st_mode))
		return add_text(texts, "file");
	return add_text(texts, text);
}

static int add_list(struct texts *texts, char *const list[])
{
	size_t count = 0;
	while (list[count] != NULL)
		count++;
	int result = add_number(texts, count);
	for (size_t i = 0; result == 0 && i < count; i++)
		result = add_text(texts, list[i]);
	return result;
}

int request_command(struct texts *texts, const char *name, char *const words[], char *const environment[])
{
	char folder[PATH_MAX];
	if (getcwd(folder, sizeof folder) == NULL)
		return -errno;
	int result = add_number(texts, (unsigned long long)getpid());
	if (result == 0)
		result = add_text(texts, folder);
	if (result == 0)
		result = add_text(texts, name);
	for (int fd = 0; result == 0 && fd < 3; fd++)
		result = add_stream(texts, fd);
	if (result == 0)
		result = add_list(texts, words);
	return result == 0 ? add_list(texts, environment) : result;
}
