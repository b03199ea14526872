/* Operations of the parent while the child waits: its pid to groups, its maps and settings through /proc. */
#include "core/io.h"
#include "core/state.h"
#include "core/sys.h"
#include "ops/operations.h"

#include <stdio.h>

int op_write_pid(struct state *state, const struct field *f)
{
	char text[16];
	int length = snprintf(text, sizeof text, "%d", (int)state->process.pid);
	return write_file(AT_FDCWD, field_text(&f[WRITE_PID_PATH]), text, (size_t)length);
}

int op_write_proc(struct state *state, const struct field *f)
{
	static const char *const files[] = { "uid_map", "gid_map", "setgroups", "oom_score_adj" };
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", (int)state->process.pid, files[f[WRITE_PROC_FILE].number]);
	return write_file(AT_FDCWD, path, f[WRITE_PROC_VALUE].data, f[WRITE_PROC_VALUE].length);
}
