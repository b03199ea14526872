#include "monitor/settings.h"
#include "core/state.h"
#include "core/sys.h"

static void take(struct settings *settings, const struct field *f)
{
	*settings = (struct settings){
		.socket = field_text(&f[MONITOR_SOCKET]),
		.status = field_text(&f[MONITOR_STATUS]),
		.log = field_text(&f[MONITOR_LOG]),
		.log_max_size = f[MONITOR_LOG_MAX_SIZE].number,
		.log_max_files = f[MONITOR_LOG_MAX_FILES].number ? (uint32_t)f[MONITOR_LOG_MAX_FILES].number : 1,
		.tty = f[MONITOR_TTY].number,
		.open_stdin = f[MONITOR_OPEN_STDIN].number,
		.stdin_once = f[MONITOR_STDIN_ONCE].number,
		.owner_uid = (uid_t)f[MONITOR_OWNER_UID].number,
		.owner_gid = (gid_t)f[MONITOR_OWNER_GID].number,
		.restart = (enum restart_policy)f[MONITOR_RESTART].number,
		.restart_max = (uint32_t)f[MONITOR_RESTART_MAX].number,
		.oom_counter = field_text(&f[MONITOR_OOM_COUNTER]),
		.cgroup_kill = field_text(&f[MONITOR_CGROUP_KILL]),
		.rows = (uint16_t)f[MONITOR_ROWS].number,
		.cols = (uint16_t)f[MONITOR_COLS].number,
		.patience = f[MONITOR_PATIENCE].number * 1000000u,
	};
}

int settings_read(struct settings *settings, struct state *state)
{
	struct cursor cursor = { 0 };
	struct field fields[FIELD_MAX];
	struct op op;
	while (program_next(&state->program, &cursor, &op)) {
		if (op.kind != OP_MONITOR)
			continue;
		state->current = op;
		int error = op_fields(&op, fields);
		if (!error)
			take(settings, fields);
		return error;
	}
	return fail(state, EPROTO, "no monitor operation");
}
