/* A file system that is made, with its options, and mounted nowhere yet. */
#include "ops/make-mount.h"
#include "core/sys.h"
#include "ops/label.h"

#include <string.h>
#include <sys/mount.h>

/* One option `key=value` or `flag` to a file system that is being made. */
static int configure(int context, const char *option)
{
	const char *equals = strchr(option, '=');
	char key[64];
	if (!equals)
		return sys_fsconfig(context, FSCONFIG_SET_FLAG, option, NULL, 0);
	if ((size_t)(equals - option) >= sizeof key)
		return -EINVAL;
	memcpy(key, option, (size_t)(equals - option));
	key[equals - option] = 0;
	return sys_fsconfig(context, FSCONFIG_SET_STRING, key, equals + 1, 0);
}

int configure_mount(struct state *state, int context, const struct field *options, unsigned command)
{
	uint32_t offset = 0;
	const char *option;
	int error = 0;
	while (!error && options && (option = field_string(options, &offset)))
		if ((error = configure(context, option)))
			fail(state, error, option);
	return error ? error : sys_fsconfig(context, command, NULL, NULL, 0);
}

int make_mount(struct state *state, const char *type, const char *label, const char *first, const struct field *options,
	       unsigned attributes)
{
	int context = sys_fsopen(type);
	if (context < 0)
		return fail(state, context, type);
	int error = sys_fsconfig(context, FSCONFIG_SET_STRING, "source", type, 0);
	if (!error)
		error = label_mount(context, label);
	if (!error && first)
		error = configure(context, first);
	if (!error)
		error = configure_mount(state, context, options, FSCONFIG_CMD_CREATE);
	if (!error)
		error = sys_fsmount(context, attributes & KNOWN_ATTRIBUTES);
	close(context);
	return error;
}
