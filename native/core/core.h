/*
 * The one state of the program and the functions of its stages. Every function that can fail returns 0 (or an fd, or a
 * count) or a negative errno; what it was about goes to state->failure.detail.
 */
#ifndef TSCOMPOSE_CORE_H
#define TSCOMPOSE_CORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "core/program.h"
#include "core/sys.h"

/* fds that netlink bytes name; see src/native/program.ts. */
#define CONTAINER_NETNS 100
#define HOST_NETNS 101

/* fds that every mode but init has from its caller. */
#define PROGRAM_FD 3
#define REPLY_FD 4

#define DETAIL_MAX 256

/* What failed. Sent as it is from the container's first process to its parent. */
struct failure {
	uint32_t op;
	uint32_t stage;
	int32_t error; /* positive errno; 0: nothing failed */
	char detail[DETAIL_MAX];
};

/* Bytes that grow up to a limit. */
struct buffer {
	uint8_t *bytes;
	size_t length;
	size_t capacity;
};

/* The process that a program launched. */
struct process {
	pid_t pid;
	int pidfd;
	int channel; /* SOCK_SEQPACKET to its parent until exec */
	int terminal; /* pty master; -1: none */
};

struct state {
	struct program program;
	struct op current;
	struct failure failure;
	int slots[SLOT_MAX];
	bool tree[SLOT_MAX]; /* a detached mount, by its root */
	bool kept[SLOT_MAX]; /* filled by `setup`: survives restarts */
	int root; /* the container's root, inside */
	int proc; /* a private proc, inside; -1 until needed */
	int host_mounts; /* mount namespaces: the one we were started in, and our private one */
	int own_mounts;
	int target; /* pidfd of the container that `exec` joins */
	int hide; /* the empty read-only tmpfs that masks folders; -1 until needed */
	bool entered; /* the root is `/`: after pivotRoot or join */
	bool has_terminal;
	bool forerunner; /* what is launched, or we ourselves, is a forerunner: its child becomes the command */
	bool has_process_limit; /* a limit that the forerunner does not count against */
	struct rlimit process_limit;
	bool die_with_parent; /* the process is killed when we end, however we end */
	uint64_t capabilities[5]; /* bounding, effective, permitted, inheritable, ambient */
	bool has_capabilities;
	mode_t umask;
	bool left_behind; /* fds that are ours are closed */
	int input; /* where entries of an archive follow the program; -1: nowhere */
	int self; /* the sealed copy that we run from, for init; -1: not needed */
	int null; /* a null device for commands without stdin; -1 until needed */
	int null_mount; /* where it is */
	int caller; /* its other end is our caller's: a start is given up when that goes; -1: it goes on without */
	uint16_t rows; /* size of the terminal to be made; 0: as the operation says */
	uint16_t cols;
	int stdio[3]; /* what the process gets as 0, 1, 2; -1: the null device */
	struct process process;
	struct buffer results;
	uint32_t result_count;
};

/* state.c */
void state_init(struct state *state);
int fail(struct state *state, int error, const char *detail);
void state_close_slots(struct state *state, bool kept);
int slot_set(struct state *state, uint64_t slot, int fd);
int slot_get(struct state *state, uint64_t slot);
int buffer_append(struct buffer *buffer, const void *bytes, size_t length, size_t limit);
void buffer_consume(struct buffer *buffer, size_t length);
int add_result(struct state *state, const void *bytes, size_t length);
int send_reply(struct state *state, int fd, int exit_code);
int build_reply(struct state *state, int exit_code, struct buffer *out);
int write_all(int fd, const void *bytes, size_t length);
int read_all(int fd, void *bytes, size_t length);
int read_program(struct state *state, int fd);
int move_fd(int fd, int to);
int close_all_but(int one, int other);

/* stage.c: runs all operations of one stage in order, stops at the first that fails. */
int run_stage(struct state *state, enum stage stage);
bool stage_has(const struct state *state, enum op_kind kind);

/* beneath.c: paths that cannot leave their root. */
int beneath_open(int root, const char *path, int flags);
int beneath_parent(int root, const char *path, const char **name);
int beneath_folder(int root, const char *path, mode_t mode, uid_t uid, gid_t gid);
int beneath_file(int root, const char *path);
int op_mkdir(struct state *state, const struct field *f);
int op_mknod(struct state *state, const struct field *f);
int op_symlink(struct state *state, const struct field *f);
int op_file(struct state *state, const struct field *f);

/* mounts.c, overlay.c */
int make_mount(struct state *state, const char *type, const struct field *options, unsigned attributes);
int protect_mount(int mount, unsigned attributes);
int op_open_tree(struct state *state, const struct field *f);
int op_fs_mount(struct state *state, const struct field *f);
int op_overlay(struct state *state, const struct field *f);
int op_idmap_mount(struct state *state, const struct field *f);
int op_root(struct state *state, const struct field *f);
int op_mount(struct state *state, const struct field *f);
int op_move_mount(struct state *state, const struct field *f);
int op_bind_readonly(struct state *state, const struct field *f);
int op_mask(struct state *state, const struct field *f);
int op_set_attributes(struct state *state, const struct field *f);
int op_pivot_root(struct state *state, const struct field *f);

/* netns.c, netlink.c */
int netns_remember_host(void);
int netns_enter(int fd);
int op_new_netns(struct state *state, const struct field *f);
int op_open_netns(struct state *state, const struct field *f);
int op_create_userns(struct state *state, const struct field *f);
int op_netlink(struct state *state, const struct field *f);
int op_netlink_dump(struct state *state, const struct field *f);

/* outside.c */
int op_open(struct state *state, const struct field *f);
int op_open_namespace(struct state *state, const struct field *f);
int op_write(struct state *state, const struct field *f);
int op_new_timens(struct state *state, const struct field *f);
int op_device_filter(struct state *state, const struct field *f);
int write_file(int folder, const char *path, const void *bytes, size_t length);

/* copy.c, files.c, lookup.c, pack.c, remove.c, unpack.c: `run` programs */
int op_copy_tree(struct state *state, const struct field *f);
void path_of_fd(int fd, char path[32]);
int open_plain(int place, struct stat *info);
int op_read_file(struct state *state, const struct field *f);
int op_get_xattr(struct state *state, const struct field *f);
int op_set_xattr(struct state *state, const struct field *f);
int remove_tree(int parent, const char *name);
int op_remove_tree(struct state *state, const struct field *f);
int op_unpack(struct state *state, const struct field *f);
int op_pack(struct state *state, const struct field *f);
int op_tree_size(struct state *state, const struct field *f);
int op_look_up(struct state *state, const struct field *f);

/* launch.c, await.c, join.c, forerunner.c */
int enter_private_mounts(struct state *state);
int launch(struct state *state);
int become_root(void);
int child_hygiene(void);
_Noreturn void child_fail(struct state *state);
int await_exec(struct state *state);
void process_give_up(struct process *process);
int join_child(struct state *state, const struct field *f);
void process_forget(struct process *process);
int op_write_pid(struct state *state, const struct field *f);
int op_write_proc(struct state *state, const struct field *f);
int process_start_time(pid_t pid, uint64_t *start);
_Noreturn void launch_forerunner(struct state *state);
_Noreturn void joined_child(struct state *state);
int joins_pid_namespace(struct state *state, const struct field *slots);
int hold_host_proc(struct state *state);
_Noreturn void forerunner_begin(struct state *state);
_Noreturn void forerunner_bear(struct state *state);
int forerunner_mode(struct state *state, int handle);

/* inside.c, identity.c, terminal.c */
int private_proc(struct state *state);
int op_sysctl(struct state *state, const struct field *f);
int op_hostname(struct state *state, const struct field *f);
int op_domainname(struct state *state, const struct field *f);
int op_rlimit(struct state *state, const struct field *f);
int op_umask(struct state *state, const struct field *f);
int op_chdir(struct state *state, const struct field *f);
int op_user(struct state *state, const struct field *f);
int op_capabilities(struct state *state, const struct field *f);
int op_apparmor(struct state *state, const struct field *f);
int op_no_new_privs(struct state *state, const struct field *f);
int op_seccomp(struct state *state, const struct field *f);
int op_console(struct state *state, const struct field *f);
int op_exec(struct state *state, const struct field *f);
int raise_capabilities(void);
int leave_behind(struct state *state);
int stdio_prepare_null(struct state *state);
int stdio_install(struct state *state);
int send_fd(int channel, int fd);

/* init.c: PID 1 of containers with `init`. */
int init_main(int argc, char **argv);
int prepare_self(struct state *state);
/* The command itself: only returns when it failed, with a negative errno. */
int exec_search(char *const *argv, char *const *env);

/* sealed.c: the copy of this binary that we run from. `sealed_self` opens it; -EPERM: we run from a file of the host. */
int sealed_self(void);
int run_sealed(struct state *state, char **argv);
int seal_mode(void);

/* pump.c: copies between a process and our own stdio until it has ended. */
int pump(struct state *state, const int outputs[2], int input, int control);

/* run.c, exec.c, monitor.c, check.c: the modes. Each returns the exit code. */
int run_mode(struct state *state);
int exec_mode(struct state *state);
int monitor_mode(struct state *state);
int check_mode(struct state *state);

#endif
