#include "launcher/begin.h"
#include "launcher/engine-start.h"
#include "launcher/settings.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the engine says its one word, and then closes. */
#define WORD 3
#define COUNT(list) (sizeof(list) / sizeof *(list) - 1)

static bool has_word(const char *const words[], const char *word)
{
	while (*words != NULL && strcmp(*words, word) != 0)
		words++;
	return *words != NULL;
}

/* A rule is the name of a command, and maybe an option that has to be there. */
static bool is_for(const char *rule, const char *const words[])
{
	size_t length = strcspn(rule, " ");
	const char *option = rule + length + (rule[length] == ' ');
	return strlen(words[0]) == length && memcmp(rule, words[0], length) == 0 && (*option == 0 || has_word(words + 1, option));
}

/* The command, which is the first word that is neither an option nor the value of one; NULL where it may need no engine. */
static const char *find_command(const char *const words[])
{
	for (; *words != NULL && **words == '-'; words++)
		if (has_word(VALUED_OPTIONS, *words) && words[1] != NULL)
			words++;
	for (const char *const *option = NEEDS_NONE; *option != NULL; option++)
		if (*words == NULL || has_word(words, *option))
			return NULL;
	for (const char *const *rule = BEGUN_FOR; *rule != NULL; rule++)
		if (is_for(*rule, words))
			return words[0];
	return NULL;
}

/* A variable of ours with its value, or NULL. */
static const char *find_variable(const char *name)
{
	size_t length = strlen(name);
	char **variable = environ;
	while (*variable != NULL && (strncmp(*variable, name, length) != 0 || (*variable)[length] != '='))
		variable++;
	return *variable;
}

/* Nothing of this process but its rights: neither its folder and terminal nor what it has open. */
static _Noreturn void become_engine(const char *const last[], int log, int word)
{
	const char *arguments[COUNT(NODE_FLAGS) + 6] = { "node" }, *variables[COUNT(SET_VARIABLES) + COUNT(KEPT_VARIABLES) + 1] = { NULL };
	size_t arguments_count = 1, count = 0;
	for (const char *const *flag = NODE_FLAGS; *flag != NULL; flag++)
		arguments[arguments_count++] = *flag;
	for (; *last != NULL; last++)
		arguments[arguments_count++] = *last;
	for (const char *const *set = SET_VARIABLES; *set != NULL; set++)
		variables[count++] = *set;
	for (const char *const *name = KEPT_VARIABLES; *name != NULL; name++)
		if (find_variable(*name) != NULL)
			variables[count++] = find_variable(*name);
	int nothing = open("/dev/null", O_RDWR);
	if (setsid() >= 0 && chdir("/") == 0 && dup2(nothing, STDIN_FILENO) >= 0 && dup2(log, STDOUT_FILENO) >= 0 &&
		dup2(log, STDERR_FILENO) >= 0 && dup2(word, WORD) >= 0 && close_range(WORD + 1, ~0U, 0) == 0)
		(void)execvpe("node", (char *const *)arguments, (char *const *)variables);
	_exit(127);
}

/* The end of a pipe at which it says its word, or -1. It is no child of whoever becomes of us: nobody has to wait for its end. */
static int start_engine(const char *const last[], int log)
{
	int ends[2];
	if (pipe(ends) < 0)
		return -1;
	pid_t child = fork();
	if (child == 0) {
		if (fork() == 0)
			become_engine(last, log, ends[1]);
		_exit(0);
	}
	close(ends[1]);
	/* Where there is none the pipe has its end. */
	(void)waitpid(child, NULL, 0);
	return ends[0];
}

/* Whether it listens. Ctrl-C ends us meanwhile as it would Node, and it ends when nobody comes. */
static bool await_word(int fd)
{
	char word[64] = "";
	ssize_t count;
	for (size_t length = 0; (count = read(fd, word + length, sizeof word - 1 - length)) > 0;)
		length += (size_t)count;
	close(fd);
	return strcmp(word, "ready") == 0;
}

bool begin_engine(const char *home, const char *build, const char *run, char *const words[])
{
	char script[PATH_MAX], path[PATH_MAX];
	const char *command = find_command((const char *const *)words), *root = getenv("TSCOMPOSE_ROOT");
	if (command == NULL || getuid() != 0 || settings_exist() || (root != NULL && root[0] != 0 && root[0] != '/') ||
		snprintf(script, sizeof script, "%s/bin/start.cjs", home) >= (int)sizeof script ||
		snprintf(path, sizeof path, "%s/engine.log", run) >= (int)sizeof path)
		return false;
	(void)mkdir(run, 0700);
	int log = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (log < 0)
		return false;
	const char *const last[] = { script, "engine", build, command, NULL };
	int word = start_engine(last, log);
	close(log);
	return word >= 0 && await_word(word);
}
