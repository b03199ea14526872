/*
 * What a container sees of a process of ours that has not become the command yet, for tests: `catch-newcomer COUNT
 * [MARKER]...` stops COUNT of them as they appear in its pid namespace, tells what of them is not as with itself, and
 * which marker stands in their files and in their memory. `catch-newcomer kill` kills all that it catches, for ever.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_MAX (1u << 20)
#define NAME "tscompose-native"

struct text {
	size_t length;
	char bytes[TEXT_MAX + 1];
};

static int read_text(struct text *text, pid_t pid, const char *file)
{
	char path[128];
	ssize_t count = 0;
	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	text->length = 0;
	while (fd >= 0 && text->length < TEXT_MAX &&
	       (count = read(fd, text->bytes + text->length, TEXT_MAX - text->length)) > 0)
		text->length += (size_t)count;
	text->bytes[text->length] = 0;
	if (fd >= 0)
		close(fd);
	return fd < 0 || count < 0 ? -1 : 0;
}

static void tell_markers(const char *where, const char *bytes, size_t length, char *const *markers)
{
	for (; *markers; markers++)
		if (memmem(bytes, length, *markers, strlen(*markers)))
			printf("%s has %s\n", where, *markers);
}

static void compare(pid_t pid, const char *file, char *const *markers)
{
	static struct text own, seen;

	if (read_text(&seen, pid, file)) {
		printf("%s refused\n", file);
		return;
	}
	read_text(&own, getpid(), file);
	printf("%s %s\n", file,
	       own.length == seen.length && !memcmp(own.bytes, seen.bytes, own.length) ? "same" : "other");
	tell_markers(file, seen.bytes, seen.length, markers);
}

static void tell_line(const struct text *own, const struct text *seen, const char *name)
{
	const char *one = strstr(own->bytes, name), *other = strstr(seen->bytes, name);

	if (one && other)
		printf("%s %s\n", name, strncmp(one, other, strcspn(one, "\n") + 1) ? "other" : "same");
}

static void tell_credentials(pid_t pid)
{
	static const char *const names[] = { "Uid", "Gid", "CapPrm", "CapEff", "CapBnd", "NoNewPrivs", "Seccomp" };
	static struct text own, seen;

	read_text(&seen, pid, "status");
	read_text(&own, getpid(), "status");
	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
		tell_line(&own, &seen, names[i]);
}

static void tell_folder(pid_t pid, const char *link)
{
	struct stat own, seen;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, link);
	if (stat("/", &own) || stat(path, &seen))
		printf("%s refused\n", link);
	else
		printf("%s %s %lu:%lu\n", link,
		       own.st_dev == seen.st_dev && own.st_ino == seen.st_ino ? "same" : "other",
		       (unsigned long)seen.st_dev, (unsigned long)seen.st_ino);
}

static void tell_link(pid_t pid, const char *link)
{
	char path[300], target[256] = "refused";

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, link);
	ssize_t count = readlink(path, target, sizeof target - 1);
	if (count >= 0)
		target[count] = 0;
	printf("%s %s\n", link, target);
}

static void tell_fds(pid_t pid)
{
	char path[64], link[270];
	const struct dirent *entry;
	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	DIR *folder = opendir(path);

	while (folder && (entry = readdir(folder))) {
		snprintf(link, sizeof link, "fd/%s", entry->d_name);
		if (entry->d_name[0] != '.')
			tell_link(pid, link);
	}
	if (folder)
		closedir(folder);
}

static void search_memory(pid_t pid, char *const *markers)
{
	static struct text maps;
	static char bytes[TEXT_MAX];
	char path[64];
	unsigned long from, to;
	read_text(&maps, pid, "maps");
	snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
	int memory = open(path, O_RDONLY | O_CLOEXEC);

	printf("memory %s\n", memory < 0 ? "refused" : "open");
	for (const char *line = maps.bytes; memory >= 0 && *line; line += strcspn(line, "\n") + 1) {
		if (sscanf(line, "%lx-%lx", &from, &to) != 2)
			continue;
		for (; from < to; from += TEXT_MAX) {
			size_t length = to - from < TEXT_MAX ? to - from : TEXT_MAX;
			ssize_t count = pread(memory, bytes, length, (off_t)from);
			if (count > 0)
				tell_markers("memory", bytes, (size_t)count, markers);
		}
	}
	if (memory >= 0)
		close(memory);
}

static int is_ours(pid_t pid)
{
	static struct text command;
	return !read_text(&command, pid, "cmdline") && !strncmp(command.bytes, NAME, sizeof NAME - 1);
}

/* Stops it; 1: it had not become the command when it stopped. */
static int caught(pid_t pid)
{
	static struct text state;

	if (kill(pid, SIGSTOP))
		return 0;
	while (!read_text(&state, pid, "stat") && state.length && !strstr(state.bytes, ") T ") &&
	       !strstr(state.bytes, ") Z "))
		;
	return is_ours(pid);
}

static void tell(pid_t pid, char *const *markers)
{
	static const char *const files[] = { "mountinfo", "mounts", "cgroup", "net/dev", "net/route", "net/unix" };
	static struct text text;

	for (unsigned i = 0; i < sizeof files / sizeof files[0]; i++)
		compare(pid, files[i], markers);
	printf("environ %s\n", read_text(&text, pid, "environ") ? "refused" : text.length ? "something" : "empty");
	if (!read_text(&text, pid, "cmdline"))
		tell_markers("cmdline", text.bytes, text.length, markers);
	tell_credentials(pid);
	tell_folder(pid, "root");
	tell_folder(pid, "cwd");
	tell_link(pid, "exe");
	tell_fds(pid);
	search_memory(pid, markers);
}

int main(int argc, char **argv)
{
	int kills = argc > 1 && !strcmp(argv[1], "kill");
	int left = argc > 1 ? atoi(argv[1]) : 0;
	pid_t last = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("ready\n");
	while (left > 0 || kills) {
		int newest = 0;
		FILE *file = fopen("/proc/loadavg", "re");
		if (!file || fscanf(file, "%*s %*s %*s %*s %d", &newest) != 1)
			return 1;
		fclose(file);
		/* One that has its number and is not there yet is looked for again. */
		if (newest == last || newest == getpid() || kill(newest, 0))
			continue;
		last = newest;
		if (kills) {
			kill(newest, SIGKILL);
			continue;
		}
		if (caught(newest)) {
			tell(newest, argv + 2);
			printf("caught\n");
			left--;
		}
		kill(newest, SIGCONT);
	}
	return 0;
}
