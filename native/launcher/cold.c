#include "launcher/cold.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int run_cold(char *script, char *const words[])
{
	static char node[] = "node", end_of_options[] = "--";
	size_t count = 0;
	while (words[count] != NULL)
		count++;
	char **arguments = calloc(count + 4, sizeof *arguments);
	if (arguments == NULL) {
		(void)fprintf(stderr, "tscompose: %s\n", strerror(ENOMEM));
		return 126;
	}
	arguments[0] = node;
	/* Without them Node looks for options of its own among the words that are meant for us. */
	arguments[1] = end_of_options;
	arguments[2] = script;
	memcpy(arguments + 3, words, count * sizeof *arguments);
	execvp(node, arguments);
	int problem = errno;
	free(arguments);
	(void)fprintf(stderr, "tscompose: node: %s\n", strerror(problem));
	return problem == ENOENT ? 127 : 126;
}
