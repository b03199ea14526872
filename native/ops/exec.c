/* The exec itself: the command, found as a shell finds it, or our init that begins it. */
#include "ops/exec.h"
#include "core/state.h"
#include "core/sys.h"
#include "ops/identity.h"
#include "ops/operations.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

/* A list of strings as exec wants it; the strings stay in the program. Freed by exec, or by our end. */
static char **string_vector(const struct field *list, char **first)
{
	char **vector = calloc((size_t)list->count + (first ? 4 : 1), sizeof *vector);
	uint32_t offset = 0, at = 0;
	const char *item;
	for (; vector && first && *first; first++)
		vector[at++] = *first;
	while (vector && (item = field_string(list, &offset)))
		vector[at++] = (char *)(uintptr_t)item;
	return vector;
}

static const char *path_of(char *const *env)
{
	for (; *env; env++)
		if (!strncmp(*env, "PATH=", 5))
			return *env + 5;
	return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

/* Tries one folder of PATH. An empty one is the working directory. */
static void try_folder(const char *folder, size_t length, char *const *argv, char *const *env)
{
	char path[4096];
	int count = snprintf(path, sizeof path, "%.*s%s%s", (int)length, folder, length ? "/" : "./", argv[0]);
	if (count < 0 || (size_t)count >= sizeof path)
		errno = ENAMETOOLONG;
	else
		execve(path, argv, env);
}

int exec_search(char *const *argv, char *const *env)
{
	if (!argv[0][0])
		return -ENOENT;
	if (strchr(argv[0], '/')) {
		execve(argv[0], argv, env);
		return -errno;
	}
	int error = -ENOENT;
	const char *end;
	for (const char *folder = path_of(env);; folder = end + 1) {
		end = folder + strcspn(folder, ":");
		try_folder(folder, (size_t)(end - folder), argv, env);
		/* One that was found but could not be run says more than those that were not found. */
		if (errno != ENOENT && errno != ENOTDIR && (errno != EACCES || error == -ENOENT))
			error = -errno;
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			return error;
		if (!*end)
			return error;
	}
}

/* init gets the channel, so that a command that cannot be run is still reported as such. */
static int exec_init(struct state *state, const struct field *f, char *const *env)
{
	char channel[16];
	char *first[] = { "/tscompose-init", "init", channel, NULL };
	snprintf(channel, sizeof channel, "%d", state->process.channel);
	char **argv = string_vector(&f[EXEC_ARGV], first);
	if (!argv)
		return -ENOMEM;
	if (fcntl(state->process.channel, F_SETFD, 0))
		return -errno;
	syscall(SYS_execveat, state->self, "", argv, env, AT_EMPTY_PATH);
	return -errno;
}

int op_exec(struct state *state, const struct field *f)
{
	char **argv = string_vector(&f[EXEC_ARGV], NULL);
	char **env = string_vector(&f[EXEC_ENV], NULL);
	if (!argv || !env)
		return -ENOMEM;
	int error = leave_behind(state);
	if (error)
		return error;
	/* After the last change of ids, which would clear it. A filter of the user's may refuse it; our own does not. */
	if (state->die_with_parent && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) && errno != EPERM && errno != ENOSYS)
		return -errno;
	if (f[EXEC_INIT].number)
		return exec_init(state, f, env);
	error = exec_search(argv, env);
	return fail(state, error, argv[0]);
}
