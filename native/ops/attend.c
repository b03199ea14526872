/* Operations of the parent while the child waits: its maps and settings through /proc, its limits. */
#include "core/io.h"
#include "core/state.h"
#include "core/sys.h"
#include "ops/operations.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

int op_write_proc(struct state *state, const struct field *f)
{
	static const char *const files[] = { "uid_map", "gid_map", "setgroups", "oom_score_adj" };
	const char *file = files[f[WRITE_PROC_FILE].number];
	char path[64];
	/* It has ours. */
	if (state->unscored && !strcmp(file, "oom_score_adj") && !strcmp((const char *)f[WRITE_PROC_VALUE].data, "0"))
		return 0;
	snprintf(path, sizeof path, "/proc/%d/%s", (int)state->process.pid, file);
	int error = write_file(AT_FDCWD, path, f[WRITE_PROC_VALUE].data, f[WRITE_PROC_VALUE].length);
	return error && field_has(&f[WRITE_PROC_IGNORE], -error) ? 0 : error;
}

/* One more than asked for, where a forerunner goes before that is a process of the same user. */
int op_allow_limit(struct state *state, const struct field *f)
{
	const __rlimit_resource_t resource = (__rlimit_resource_t)f[ALLOW_LIMIT_RESOURCE].number;
	const rlim_t asked = f[ALLOW_LIMIT_HARD].number;
	const rlim_t wanted = asked + (resource == RLIMIT_NPROC && asked != RLIM_INFINITY);
	struct rlimit limit;
	if (prlimit(state->process.pid, resource, NULL, &limit))
		return -errno;
	if (limit.rlim_max >= wanted)
		return 0;
	limit.rlim_max = wanted;
	return prlimit(state->process.pid, resource, &limit, NULL) ? -errno : 0;
}
