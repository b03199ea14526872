/* It begins as root, to have its socket and ports below 1024; what strangers send is read when it has nothing left but the latter. */
#include "front/front.h"
#include "core/sys.h"
#include "front/engine.h"
#include "front/newcomer.h"
#include "relay/relay.h"
#include "relay/tcp.h"

#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* Listeners that fds are kept for. */
#define LISTENERS (2 * FRONT_ROUTES_MAX)

static int keep_ports_alone(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2] = { { .effective = 1u << CAP_NET_BIND_SERVICE,
						    .permitted = 1u << CAP_NET_BIND_SERVICE } };
	return syscall(SYS_capset, &head, sets) ? -errno : 0;
}

static int confine(const struct field *f)
{
	uid_t user = (uid_t)(f[FRONT_UID].number + (uint64_t)getpid() % (f[FRONT_UID_COUNT].number ? f[FRONT_UID_COUNT].number : 1));
	if (!user)
		return -EPERM;
	if (setgroups(0, NULL) || prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setresgid(user, user, user) ||
	    setresuid(user, user, user) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return -errno;
	return keep_ports_alone();
}

/* From here on only the calls of the filter can be made. */
static int filter(const struct field *bytes)
{
	struct sock_fprog program = { (unsigned short)(bytes->length / sizeof(struct sock_filter)),
				      (struct sock_filter *)(uintptr_t)bytes->data };
#ifdef __SANITIZE_ADDRESS__
	/* A sanitizer that has found something opens files to tell of it. */
	return 0;
#endif
	return program.len && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) ? -errno : 0;
}

static int begin(struct front *front, const struct field *f)
{
	front->config.channel = -1;
	front->relay.config = &front->config;
	front->relay.connections_max = relay_room(LISTENERS);
	signal(SIGPIPE, SIG_IGN);
	int error = loop_init(&front->relay.loop);
	if (!error)
		error = tcp_start(&front->relay);
	if (!error)
		error = engine_listen(front, field_text(&f[FRONT_FOLDER]));
	if (!error)
		error = engine_start(front);
	if (!error)
		error = confine(f);
	newcomers_start(front);
	return error;
}

int front_mode(struct state *state)
{
	struct field fields[FIELD_MAX];
	struct front *front = calloc(1, sizeof *front);
	int error = front ? read_program(state, PROGRAM_FD) : -ENOMEM;
	if (!error && !program_fields(&state->program, OP_FRONT, fields))
		error = -EPROTO;
	if (!error)
		error = begin(front, fields);
	if (error)
		fail(state, error, "front door");
	if (send_reply(state, REPLY_FD, -1) || error)
		return 1;
	close(PROGRAM_FD);
	close(REPLY_FD);
	if (filter(&fields[FRONT_FILTER]))
		return 1;
	return loop_run(&front->relay.loop);
}
