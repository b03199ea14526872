/*
 * Prints a status as a monitor writes it, for the parser's test: `status-text SIZE VALUE…`, into so many bytes, with a
 * value for each line of the table in its order, that of a word being its number.
 */
#include "monitor/status-text.h"

#include <stdio.h>
#include <stdlib.h>

#define NUMBER(key) status.key = strtoll(*argv++, NULL, 10);
#define BIG(key) status.key = strtoull(*argv++, NULL, 10);
#define FLAG(key) status.key = atoi(*argv++) != 0;
#define WORD(key) status.key = atoi(*argv++);
#define TEXT(key) status.key = *argv++;
#define TAKE(key, kind) kind(key)
#define ONE(key, kind) +1

int main(int argc, char **argv)
{
	struct status status;
	if (argc != 2 + (0 STATUS_LINES(ONE)))
		return 2;
	size_t size = (size_t)atoi(argv[1]);
	char *text = malloc(size);
	if (!text)
		return 1;
	argv += 2;
	STATUS_LINES(TAKE)
	size_t length = status_render(&status, text, size);
	int error = fwrite(text, 1, length, stdout) != length || fflush(stdout);
	free(text);
	return error;
}
