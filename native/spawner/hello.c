/* Decodes what a connection to the spawner begins with, before anything is done for it. */
#include "spawner/hello.h"
#include "core/program.h"

#include <errno.h>
#include <string.h>

static const char *const modes[] = {
	[HELLO_RUN] = "run",
	[HELLO_MONITOR] = "monitor",
	[HELLO_EXEC] = "exec",
	[HELLO_HOLD] = "hold",
	[HELLO_RULES] = "rules",
	[HELLO_FRONT] = "front",
};

bool hello_is_process(const struct hello *hello)
{
	return hello->kind < sizeof modes / sizeof *modes;
}

const char *hello_mode(const struct hello *hello)
{
	return modes[hello->kind];
}

int hello_decode(const uint8_t bytes[HELLO_LENGTH], struct hello *hello)
{
	if (load_u32(bytes) != HELLO_MAGIC || load_u32(bytes + 12) != 0)
		return -EPROTO;
	hello->kind = load_u32(bytes + 4);
	hello->streams = load_u32(bytes + 8);
	memcpy(&hello->token, bytes + 16, sizeof hello->token);
	if (hello_is_process(hello))
		return hello->streams >> STREAMS ? -EPROTO : 0;
	return hello->kind - HELLO_STDIN < STREAMS && !hello->streams ? 0 : -EPROTO;
}
