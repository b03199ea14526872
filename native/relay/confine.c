/*
 * What the relay takes away from itself: all but its configuration and its fds. What is left is not worth taking over: a
 * user that nobody else is, no capability, and the system calls of a filter that the monitor hands on.
 */
#include "relay/confine.h"

#include <errno.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>


/* A user of its own for each relay that lives: not even another relay may send it a signal. */
static uid_t own_user(const struct relay_config *config)
{
	return config->uid + (uid_t)getpid() % (config->uid_count ? config->uid_count : 1);
}

int relay_confine(const struct relay_config *config)
{
	uid_t user = own_user(config);

	if (!user)
		return -EPERM;
	if (prctl(PR_SET_NAME, "tscompose-relay") || setgroups(0, NULL) || setresgid(user, user, user) ||
	    setresuid(user, user, user) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
		return -errno;
	/* The monitor may have died before we were bound to its life. */
	return getppid() == config->parent ? 0 : -ESRCH;
}

int relay_filter(const struct relay_config *config)
{
	struct sock_fprog program = { (unsigned short)(config->filter_length / sizeof(struct sock_filter)),
				      (struct sock_filter *)(uintptr_t)config->filter };

#ifdef __SANITIZE_ADDRESS__
	/* A sanitizer that has found something opens files to tell of it. */
	return 0;
#endif
	if (!program.len)
		return 0;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) ? -errno : 0;
}

