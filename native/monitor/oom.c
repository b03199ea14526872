#include "monitor/oom.h"
#include "core/io.h"

#include <stdlib.h>
#include <string.h>

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
