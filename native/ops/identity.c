/* Who the command is: ids, capabilities, AppArmor, SELinux, seccomp, and the exec itself. */
#include "ops/identity.h"
#include "core/io.h"
#include "core/state.h"
#include "core/sys.h"
#include "ops/inside.h"
#include "ops/operations.h"

#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

enum { BOUNDING, EFFECTIVE, PERMITTED, INHERITABLE, AMBIENT };
#define BIT(capability) (1ULL << (capability))

static int set_capabilities(uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = {
		{ (uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable },
		{ (uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32) },
	};
	return (int)sys_result(syscall(SYS_capset, &head, data));
}

static int get_capabilities(uint64_t *permitted)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { 0 };
	int error = (int)sys_result(syscall(SYS_capget, &head, data));
	*permitted = (uint64_t)data[1].permitted << 32 | data[0].permitted;
	return error;
}

int raise_capabilities(void)
{
	uint64_t permitted;
	int error = get_capabilities(&permitted);
	return error ? error : set_capabilities(permitted, permitted, 0);
}

int become_root(void)
{
	if (setgroups(0, NULL) || setresgid(0, 0, 0) || setresuid(0, 0, 0))
		return -errno;
	return raise_capabilities();
}

/*
 * Terminal, pipes and FIFOs belong to whom they serve, so that /dev/stdout can be reopened. Where that cannot be
 * (an id without a mapping) they still work as they are.
 */
static void give_stdio(struct state *state, uid_t uid)
{
	for (int i = 0; i < 3; i++) {
		int fd = state->has_terminal ? i : state->stdio[i];
		if (fd >= 0 && fchown(fd, uid, (gid_t)-1))
			errno = 0;
	}
}

int op_user(struct state *state, const struct field *f)
{
	gid_t groups[1024];
	uid_t uid = (uid_t)f[USER_UID].number;
	gid_t gid = (gid_t)f[USER_GID].number;
	uint32_t count = f[USER_GROUPS].count;
	if (count > sizeof groups / sizeof groups[0])
		return fail(state, E2BIG, "groups");
	for (uint32_t i = 0; i < count; i++)
		groups[i] = field_item(&f[USER_GROUPS], i);
	give_stdio(state, uid);
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setgroups(count, groups) || setresgid(gid, gid, gid) ||
	    setresuid(uid, uid, uid) || prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0))
		return -errno;
	/* A change of user makes us traceable on some settings; not before exec. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return -errno;
	return raise_capabilities();
}

static int drop_bounding(uint64_t keep)
{
	for (int i = 0; i < 64; i++) {
		if (keep & BIT(i) || !prctl(PR_CAPBSET_DROP, i, 0, 0, 0))
			continue;
		int error = -errno;
		if (error == -EINVAL)
			return 0; /* the kernel knows no more */
		/* Who may drop none may have none that is to be dropped. */
		if (prctl(PR_CAPBSET_READ, i, 0, 0, 0))
			return error;
	}
	return 0;
}

static int raise_ambient(uint64_t ambient)
{
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return -errno;
	for (int i = 0; i < 64; i++)
		if (ambient & BIT(i) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0))
			return -errno;
	return 0;
}

/*
 * A seccomp filter can be installed by who has no_new_privs or CAP_SYS_ADMIN. When there is a filter to come and no
 * no_new_privs, CAP_SYS_ADMIN is kept until it is installed; op_seccomp takes it away then.
 */
int op_capabilities(struct state *state, const struct field *f)
{
	uint64_t *wanted = state->capabilities, have;
	for (unsigned i = 0; i < 5; i++)
		wanted[i] = f[CAPABILITIES_BOUNDING + i].number;
	state->has_capabilities = true;
	int error = get_capabilities(&have);
	if (error)
		return error;
	/* What the engine itself lacks cannot be given: the command gets what there is. */
	for (unsigned i = EFFECTIVE; i <= AMBIENT; i++)
		wanted[i] &= have;
	bool keep = program_has(&state->program, OP_SECCOMP) && !program_has(&state->program, OP_NO_NEW_PRIVS);
	uint64_t kept = keep ? have & BIT(CAP_SYS_ADMIN) : 0;
	error = drop_bounding(wanted[BOUNDING]);
	if (!error)
		error = set_capabilities(wanted[EFFECTIVE] | kept, wanted[PERMITTED] | kept, wanted[INHERITABLE]);
	return error ? error : raise_ambient(wanted[AMBIENT]);
}

int op_apparmor(struct state *state, const struct field *f)
{
	char text[DETAIL_MAX];
	int proc = private_proc(state);
	if (proc < 0)
		return proc;
	int length = snprintf(text, sizeof text, "exec %s", field_text(&f[APPARMOR_PROFILE]));
	if (length < 0 || (size_t)length >= sizeof text)
		return -ENAMETOOLONG;
	int error = write_file(proc, "thread-self/attr/apparmor/exec", text, (size_t)length);
	return error == -ENOENT ? write_file(proc, "thread-self/attr/exec", text, (size_t)length) : error;
}

int op_selinux(struct state *state, const struct field *f)
{
	const struct field *process = &f[SELINUX_PROCESS];
	int proc = private_proc(state);
	return proc < 0 ? proc : write_file(proc, "thread-self/attr/exec", process->data, process->length);
}

int op_no_new_privs(struct state *state, const struct field *f)
{
	(void)state, (void)f;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

int leave_behind(struct state *state)
{
	if (state->left_behind)
		return 0;
	state->left_behind = true;
	state->root = state->proc = state->hide = state->hide_file = state->fresh = state->target = state->null = -1;
	for (unsigned i = 0; i < SLOT_MAX; i++)
		state->slots[i] = -1;
	umask(state->umask);
	return close_all_but(state->process.channel, state->self);
}

int op_seccomp(struct state *state, const struct field *f)
{
	const struct field *code = &f[SECCOMP_FILTER];
	struct sock_filter filter[BPF_MAXINSNS];
	if (code->length == 0 || code->length > sizeof filter || code->length % sizeof filter[0])
		return fail(state, EINVAL, "instructions");
	memcpy(filter, code->data, code->length);
	int error = leave_behind(state);
	if (error)
		return error;
	struct sock_fprog program = { (unsigned short)(code->length / sizeof filter[0]), filter };
	unsigned flags = (unsigned)f[SECCOMP_FLAGS].number;
	long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
	if (result)
		return result > 0 ? -ESRCH : -errno;
	const uint64_t *wanted = state->capabilities;
	return state->has_capabilities ?
		       set_capabilities(wanted[EFFECTIVE], wanted[PERMITTED], wanted[INHERITABLE]) :
		       0;
}
