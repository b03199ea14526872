/* Runs the operations of a stage in order. One that fails ends the stage: nothing after it happens. */
#include "ops/stage.h"
#include "core/io.h"
#include "core/state.h"
#include "core/sys.h"
#include "ops/operations.h"

#include <string.h>

typedef int (*op_function)(struct state *state, const struct field *fields);

static op_function outside_function(unsigned kind)
{
	switch (kind) {
	case OP_NEW_NETNS: return op_new_netns;
	case OP_OPEN_NETNS: return op_open_netns;
	case OP_CREATE_USERNS: return op_create_userns;
	case OP_OPEN_USERNS: return op_open_userns;
	case OP_ENTER_USERNS: return op_enter_userns;
	case OP_NETLINK: return op_netlink;
	case OP_NETLINK_DUMP: return op_netlink_dump;
	case OP_WRITE: return op_write;
	case OP_WRITE_LINES: return op_write_lines;
	case OP_OPEN_NAMESPACE: return op_open_namespace;
	case OP_OPEN_CONNECTION: return op_open_connection;
	case OP_OPEN: return op_open;
	case OP_OPEN_TREE: return op_open_tree;
	case OP_FS_MOUNT: return op_fs_mount;
	case OP_OVERLAY: return op_overlay;
	case OP_FUSE_MOUNT: return op_fuse_mount;
	case OP_IDMAP_MOUNT: return op_idmap_mount;
	case OP_NEW_TIMENS: return op_new_timens;
	case OP_DEVICE_FILTER: return op_device_filter;
	case OP_COPY_TREE: return op_copy_tree;
	case OP_READ_FILE: return op_read_file;
	case OP_GET_XATTR: return op_get_xattr;
	case OP_SET_XATTR: return op_set_xattr;
	case OP_REMOVE_TREE: return op_remove_tree;
	case OP_UNPACK: return op_unpack;
	case OP_PACK: return op_pack;
	case OP_TREE_SIZE: return op_tree_size;
	case OP_SYNC_FILESYSTEM: return op_sync_filesystem;
	case OP_SPREAD_FOLDERS: return op_spread_folders;
	case OP_MOUNT_HOST: return op_mount_host;
	case OP_UNMOUNT_HOST: return op_unmount_host;
	case OP_LOOK_UP: return op_look_up;
	case OP_DIAL: return op_dial;
	case OP_ENTER: return op_enter;
	case OP_READ_SYSCTLS: return op_read_sysctls;
	case OP_READ_FILES: return op_read_files;
	case OP_ASK_MOUNTS: return op_ask_mounts;
	case OP_FIND_CHILD: return op_find_child;
	case OP_STAT_FILES: return op_stat_files;
	case OP_STAT_INSIDE: return op_stat_inside;
	case OP_SET_LIMIT: return op_set_limit;
	case OP_JOIN_GROUP: return op_join_group;
	case OP_WRITE_PROC: return op_write_proc;
	case OP_ALLOW_LIMIT: return op_allow_limit;
	default: return NULL;
	}
}

static op_function inside_function(unsigned kind)
{
	switch (kind) {
	case OP_ROOT: return op_root;
	case OP_RELABEL: return op_relabel;
	case OP_MKDIR: return op_mkdir;
	case OP_MKNOD: return op_mknod;
	case OP_SYMLINK: return op_symlink;
	case OP_MOUNT: return op_mount;
	case OP_MOVE_MOUNT: return op_move_mount;
	case OP_BIND_READONLY: return op_bind_readonly;
	case OP_MASK: return op_mask;
	case OP_FUSE_FILES: return op_fuse_files;
	case OP_SET_ATTRIBUTES: return op_set_attributes;
	case OP_UNMOUNT: return op_unmount;
	case OP_CHANGE_MOUNT: return op_change_mount;
	case OP_PIVOT_ROOT: return op_pivot_root;
	case OP_SYSCTL: return op_sysctl;
	case OP_HOSTNAME: return op_hostname;
	case OP_DOMAINNAME: return op_domainname;
	case OP_RLIMIT: return op_rlimit;
	case OP_UMASK: return op_umask;
	case OP_CONSOLE: return op_console;
	case OP_CHDIR: return op_chdir;
	case OP_USER: return op_user;
	case OP_CAPABILITIES: return op_capabilities;
	case OP_APPARMOR: return op_apparmor;
	case OP_SELINUX: return op_selinux;
	case OP_NO_NEW_PRIVS: return op_no_new_privs;
	case OP_SECCOMP: return op_seccomp;
	case OP_EXEC: return op_exec;
	default: return NULL;
	}
}

static int run_all(struct state *state, enum stage stage)
{
	struct cursor cursor = { 0 };
	struct op op;
	while (program_next(&state->program, &cursor, &op)) {
		if (op.stage != stage)
			continue;
		struct field fields[FIELD_MAX];
		op_function function = outside_function(op.kind) ?: inside_function(op.kind);
		state->current = op;
		if (op.kind != OP_MOUNT && op.kind != OP_MOVE_MOUNT && op.kind != OP_SYMLINK)
			state->fresh = -1;
		int error = function ? op_fields(&op, fields) : -ENOSYS;
		if (error || (error = function(state, fields)) < 0)
			return fail(state, error, NULL);
	}
	return 0;
}

int run_stage(struct state *state, enum stage stage)
{
	int error = run_all(state, stage);
	close_fds(state->talks[0], NETLINK_PROTOCOLS);
	/*
	 * One for the container's rules stays as long as we do. Behind a transaction that has removed some, the kernel frees these before
	 * it closes it, by a grace period: 12 ms, in each restart.
	 */
	close_fds(state->talks[1], 1);
	return error;
}
