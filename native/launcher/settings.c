#include "launcher/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MACHINE "/etc/tscompose.env"
#define NAME "TSCOMPOSE_RUN"
#define BLANK " \t\r"

/* The line `NAME=value`, with nothing in it that would have to be interpreted. */
static int take_line(const char *line, char *run, size_t size)
{
	const char *at = line + strspn(line, BLANK);
	if (strncmp(at, "export ", 7) == 0)
		at += 7 + strspn(at + 7, BLANK);
	if (*at == '#' || strstr(at, NAME) == NULL)
		return 0;
	if (strncmp(at, NAME, strlen(NAME)) != 0)
		return -1;
	at += strlen(NAME);
	at += strspn(at, BLANK);
	if (*at++ != '=')
		return -1;
	at += strspn(at, BLANK);
	size_t length = strcspn(at, BLANK "'\"`#$\\");
	if (length == 0 || length >= size || at[length + strspn(at + length, BLANK)] != 0)
		return -1;
	memcpy(run, at, length);
	run[length] = 0;
	return 1;
}

/* A file that another user could have written is complained of. */
static int read_file(int fd, char *text, size_t size)
{
	struct stat found;
	if (fstat(fd, &found) < 0 || (found.st_uid != 0 && found.st_uid != geteuid()) || (found.st_mode & 022) != 0 ||
		found.st_size < 0 || (size_t)found.st_size >= size)
		return -1;
	ssize_t count = read(fd, text, size - 1);
	if (count < 0)
		return -1;
	text[count] = 0;
	return 0;
}

static int look_in(const char *path, char *run, size_t size)
{
	char text[4096], *rest = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
	int result = read_file(fd, text, sizeof text);
	close(fd);
	/* The last one counts. */
	for (char *line = result < 0 ? NULL : strtok_r(text, "\n", &rest); result >= 0 && line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		int found = take_line(line, run, size);
		result = found != 0 ? found : result;
	}
	return result;
}

bool settings_is_set(const char *name)
{
	const char *value = getenv(name);
	return value != NULL && value[0] != 0;
}

/* The user's file; false where nobody says where it is. */
static bool own_file(char *path, size_t size)
{
	bool is_own = settings_is_set("XDG_CONFIG_HOME");
	if (!is_own && !settings_is_set("HOME"))
		return false;
	int length = snprintf(path, size, "%s%s/tscompose/env", getenv(is_own ? "XDG_CONFIG_HOME" : "HOME"), is_own ? "" : "/.config");
	return length > 0 && (size_t)length < size;
}

int settings_run(char *run, size_t size)
{
	char path[PATH_MAX];
	int result = own_file(path, sizeof path) ? look_in(path, run, size) : -1;
	return result == 0 ? look_in(MACHINE, run, size) : result;
}

bool settings_exist(void)
{
	char path[PATH_MAX];
	return !own_file(path, sizeof path) || access(path, F_OK) == 0 || access(MACHINE, F_OK) == 0;
}
