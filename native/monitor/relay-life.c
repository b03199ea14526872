/*
 * The relay's life, as its monitor sees it. The relay reads what containers and strangers send, so it begins as a program
 * of its own: nothing is in its memory of what the monitor knows (the container's environment, its output and input).
 */
#include "monitor/relay-life.h"
#include "core/clock.h"
#include "core/io.h"
#include "core/sys.h"
#include "monitor/state.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define RESPAWN_DELAY 1000000000ULL

static bool needs_relay(const struct relay_config *config)
{
	return config->dns_udp >= 0 || config->port_count > 0;
}

static int compare(const void *a, const void *b)
{
	int left = *(const int *)a, right = *(const int *)b;
	return (left > right) - (left < right);
}

/* The fds that the relay gets, in order; -1 stands first for those that there are not. Their count. */
static size_t sort_kept(const struct relay_config *config, int file, int *kept)
{
	size_t count = 0;
	for (size_t i = 0; i < config->names_folder_count; i++)
		kept[count++] = config->names_folders[i];
	for (size_t i = 0; i < config->port_count; i++)
		kept[count++] = config->ports[i].listener;
	for (size_t i = 0; i < config->socket_count; i++)
		kept[count++] = config->sockets[i].fd;
	const int single[] = { config->dns_udp, config->dns_tcp, config->channel, file };
	for (size_t i = 0; i < sizeof single / sizeof single[0]; i++)
		kept[count++] = single[i];
	qsort(kept, count, sizeof *kept, compare);
	return count;
}

/* Leaves 0 to 2 and the relay's fds open, and these open across exec. */
static int keep_fds(const struct relay_config *config, int file)
{
	int *kept = calloc(config->names_folder_count + config->port_count + config->socket_count + 4, sizeof *kept);
	int last = 2;
	if (!kept)
		return -ENOMEM;
	size_t count = sort_kept(config, file, kept);
	for (size_t i = 0; i < count; i++) {
		if (kept[i] <= last)
			continue;
		if (kept[i] > last + 1)
			sys_close_range((unsigned)last + 1, (unsigned)kept[i] - 1, 0);
		if (fcntl(kept[i], F_SETFD, 0))
			return -errno;
		last = kept[i];
	}
	free(kept);
	return sys_close_range((unsigned)last + 1, ~0u, 0);
}

/* What the process that becomes the relay is told. */
struct beginning {
	const struct monitor *monitor;
	int channel;
	pid_t parent;
};

/* Becomes the relay: the binary that we run from, once more, with its configuration as a file in memory. */
BESIDE static int relay_process(void *argument)
{
	const struct beginning *beginning = argument;
	struct relay_config config = beginning->monitor->relay.config;
	char file[16];
	char *const argv[] = { "tscompose-relay", "relay", file, NULL };
	char *const env[] = { NULL };
	int fd = memfd_create("relay", MFD_CLOEXEC);
	sigset_t none;
	config.channel = beginning->channel;
	config.parent = beginning->parent;
	sigemptyset(&none);
	if (fd < 0 || relay_config_write(fd, &config) || keep_fds(&config, fd) || sigprocmask(SIG_SETMASK, &none, NULL))
		_exit(125);
	snprintf(file, sizeof file, "%d", fd);
	execve("/proc/self/exe", argv, env);
	_exit(126);
}

void relay_spawn(struct monitor *monitor)
{
	struct relay_process *relay = &monitor->relay;
	if (!needs_relay(&relay->config) || relay->pidfd >= 0)
		return;
	int ends[2];
	bool paired = !socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
	struct beginning beginning = { monitor, paired ? ends[1] : -1, getpid() };
	pid_t pid = paired ? process_become(relay_process, &beginning) : -1;
	if (paired) {
		close(ends[1]);
		relay->channel = ends[0];
	}
	relay->started = boot_nanoseconds();
	relay->respawn_at = pid < 0 ? relay->started + RESPAWN_DELAY : 0;
	relay->pid = pid;
	relay->pidfd = pid < 0 ? -1 : sys_pidfd_open(pid);
	if (pid < 0 && paired) {
		close(relay->channel);
		relay->channel = -1;
	}
}

int relay_tell(const struct relay_process *relay, const struct relay_message *told, const int *fds, size_t count)
{
	return send_fds(relay->channel, told, sizeof *told, fds, count);
}

void relay_ended(struct monitor *monitor)
{
	struct relay_process *relay = &monitor->relay;
	if (waitpid(relay->pid, NULL, WNOHANG) != relay->pid)
		return;
	close(relay->pidfd);
	close(relay->channel);
	relay->pidfd = relay->channel = -1;
	if (boot_nanoseconds() - relay->started >= RESPAWN_DELAY) {
		relay_spawn(monitor);
		return;
	}
	relay->respawn_at = boot_nanoseconds() + RESPAWN_DELAY;
}

int relay_watch_children(void)
{
	sigset_t children;
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &children, NULL))
		return -errno;
	return (int)sys_result(signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK));
}

void relay_continue(struct monitor *monitor)
{
	const struct relay_process *relay = &monitor->relay;
	struct signalfd_siginfo told;
	siginfo_t info = { 0 };
	while (read(monitor->children, &told, sizeof told) > 0)
		;
	if (relay->pidfd < 0 || waitid(P_PID, (id_t)relay->pid, &info, WSTOPPED | WNOHANG) || !info.si_pid)
		return;
	sys_pidfd_send_signal(relay->pidfd, SIGCONT);
}

void relay_stop(struct monitor *monitor)
{
	const struct relay_process *relay = &monitor->relay;
	if (relay->pidfd >= 0 && !sys_pidfd_send_signal(relay->pidfd, SIGKILL))
		while (waitpid(relay->pid, NULL, 0) < 0 && errno == EINTR)
			;
}
