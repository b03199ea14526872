/*
 * The operations, one function each. stage.c alone calls them: whatever else files of this folder offer each other and those
 * above stands in a header beside them.
 */
#ifndef TSCOMPOSE_OPERATIONS_H
#define TSCOMPOSE_OPERATIONS_H

#include "core/state.h"

/* beneath.c: entries beneath a root */
int op_mkdir(struct state *state, const struct field *f);
int op_mknod(struct state *state, const struct field *f);
int op_symlink(struct state *state, const struct field *f);

/* mounts.c, overlay.c */
int op_open_tree(struct state *state, const struct field *f);
int op_fs_mount(struct state *state, const struct field *f);
int op_overlay(struct state *state, const struct field *f);
int op_idmap_mount(struct state *state, const struct field *f);
int op_mount_host(struct state *state, const struct field *f);
int op_unmount_host(struct state *state, const struct field *f);
int op_root(struct state *state, const struct field *f);
int op_mount(struct state *state, const struct field *f);
int op_move_mount(struct state *state, const struct field *f);
int op_bind_readonly(struct state *state, const struct field *f);
int op_mask(struct state *state, const struct field *f);
int op_set_attributes(struct state *state, const struct field *f);
/* fuse.c; more files than there are in /proc */
#define FUSE_FILES_MAX 16
int op_fuse_mount(struct state *state, const struct field *f);
int op_fuse_files(struct state *state, const struct field *f);
int op_pivot_root(struct state *state, const struct field *f);

/* namespaces.c, netlink.c, repair/dump.c */
int op_new_netns(struct state *state, const struct field *f);
int op_open_netns(struct state *state, const struct field *f);
int op_create_userns(struct state *state, const struct field *f);
int op_open_userns(struct state *state, const struct field *f);
int op_enter_userns(struct state *state, const struct field *f);
int op_netlink(struct state *state, const struct field *f);
int op_netlink_dump(struct state *state, const struct field *f);

/* outside.c, attend.c */
int op_open(struct state *state, const struct field *f);
int op_open_namespace(struct state *state, const struct field *f);
int op_write(struct state *state, const struct field *f);
int op_write_lines(struct state *state, const struct field *f);
int op_new_timens(struct state *state, const struct field *f);
int op_device_filter(struct state *state, const struct field *f);
int op_join_group(struct state *state, const struct field *f);
int op_write_proc(struct state *state, const struct field *f);
int op_allow_limit(struct state *state, const struct field *f);

/* relabel.c */
int op_relabel(struct state *state, const struct field *f);

/* copy.c, files.c, lookup.c, pack.c, remove.c, unpack.c: of `run` programs */
int op_copy_tree(struct state *state, const struct field *f);
int op_read_file(struct state *state, const struct field *f);
int op_get_xattr(struct state *state, const struct field *f);
int op_set_xattr(struct state *state, const struct field *f);
int op_remove_tree(struct state *state, const struct field *f);
int op_unpack(struct state *state, const struct field *f);
int op_pack(struct state *state, const struct field *f);
int op_tree_size(struct state *state, const struct field *f);
int op_sync_filesystem(struct state *state, const struct field *f);
int op_spread_folders(struct state *state, const struct field *f);
int op_look_up(struct state *state, const struct field *f);

/* caller.c, dial.c: of `run` programs */
int op_open_connection(struct state *state, const struct field *f);
int op_dial(struct state *state, const struct field *f);

/* repair.c: of `run` programs, about a container that runs */
int op_enter(struct state *state, const struct field *f);
int op_unmount(struct state *state, const struct field *f);
int op_change_mount(struct state *state, const struct field *f);
int op_read_files(struct state *state, const struct field *f);
int op_ask_mounts(struct state *state, const struct field *f);
int op_find_child(struct state *state, const struct field *f);
int op_stat_files(struct state *state, const struct field *f);
int op_stat_inside(struct state *state, const struct field *f);
int op_read_sysctls(struct state *state, const struct field *f);
int op_set_limit(struct state *state, const struct field *f);

/* inside.c, identity.c, terminal.c, exec.c */
int op_sysctl(struct state *state, const struct field *f);
int op_hostname(struct state *state, const struct field *f);
int op_domainname(struct state *state, const struct field *f);
int op_rlimit(struct state *state, const struct field *f);
int op_umask(struct state *state, const struct field *f);
int op_chdir(struct state *state, const struct field *f);
int op_user(struct state *state, const struct field *f);
int op_capabilities(struct state *state, const struct field *f);
int op_apparmor(struct state *state, const struct field *f);
int op_selinux(struct state *state, const struct field *f);
int op_no_new_privs(struct state *state, const struct field *f);
int op_seccomp(struct state *state, const struct field *f);
int op_console(struct state *state, const struct field *f);
int op_exec(struct state *state, const struct field *f);

#endif
