#include "ops/label.h"
#include "core/state.h"
#include "core/sys.h"

#include <sys/mount.h>

int label_mount(int context, const char *label)
{
	return label && *label ? sys_fsconfig(context, FSCONFIG_SET_STRING, "context", label, 0) : 0;
}

const char *own_label(const struct state *state)
{
	struct field fields[FIELD_MAX];
	return program_fields(&state->program, OP_SELINUX, fields) ? field_text(&fields[SELINUX_FILE]) : "";
}
