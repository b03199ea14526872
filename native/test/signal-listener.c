/*
 * A first process of a container that listens to SIGTERM in one of the ways that programs do, for the tests of `stop`:
 * says "ready", and when the signal has come works for a moment more and exits with 7. What does not listen never ends.
 */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void rest(long milliseconds)
{
	struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000 };
	while (nanosleep(&time, &time))
		;
}

static _Noreturn void clean_up(void)
{
	rest(150);
	_exit(7);
}

static void ready(void)
{
	if (write(1, "ready\n", 6) != 6)
		_exit(9);
}

static void handle(int number)
{
	(void)number;
	clean_up();
}

static void catch_term(int flags)
{
	struct sigaction action = { .sa_handler = handle, .sa_flags = flags };
	sigaction(SIGTERM, &action, NULL);
	ready();
}

static sigset_t block_term(void)
{
	sigset_t term;
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	return term;
}

static void *wait_for_term(void *term)
{
	int number;
	sigwait(term, &number);
	clean_up();
}

static void read_signalfd(bool epoll)
{
	sigset_t term = block_term();
	struct signalfd_siginfo info;
	int fd = signalfd(-1, &term, 0);
	ready();
	if (epoll) {
		struct epoll_event event = { .events = EPOLLIN };
		int loop = epoll_create1(0);
		epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event);
		while (epoll_wait(loop, &event, 1, -1) != 1)
			;
	}
	if (read(fd, &info, sizeof info) == sizeof info)
		clean_up();
}

static void listen_by(const char *way)
{
	sigset_t term;
	if (!strcmp(way, "handler")) {
		catch_term(0);
	} else if (!strcmp(way, "once")) {
		catch_term((int)SA_RESETHAND);
	} else if (!strcmp(way, "busy")) {
		catch_term(0);
		for (;;)
			;
	} else if (!strcmp(way, "late")) {
		rest(50);
		catch_term(0);
	} else if (!strcmp(way, "pselect")) {
		term = block_term();
		sigset_t none;
		sigemptyset(&none);
		catch_term(0);
		pselect(0, NULL, NULL, NULL, NULL, &none);
	} else if (!strcmp(way, "sigwait")) {
		term = block_term();
		ready();
		wait_for_term(&term);
	} else if (!strcmp(way, "sigtimedwait")) {
		struct timespec second = { 1, 0 };
		term = block_term();
		ready();
		while (sigtimedwait(&term, NULL, &second) != SIGTERM)
			;
		clean_up();
	} else if (!strcmp(way, "thread")) {
		pthread_t thread;
		term = block_term();
		pthread_create(&thread, NULL, wait_for_term, &term);
		ready();
	} else if (!strcmp(way, "signalfd") || !strcmp(way, "epoll")) {
		read_signalfd(way[0] == 'e');
	} else if (!strcmp(way, "ignore")) {
		signal(SIGTERM, SIG_IGN);
	} else if (!strcmp(way, "children")) {
		/* A shell's loop of short commands. */
		for (;;) {
			pid_t child = fork();
			if (child == 0) {
				rest(20);
				_exit(0);
			}
			waitpid(child, NULL, 0);
		}
	}
}

/* signal-listener WAY */
int main(int argc, char **argv)
{
	listen_by(argc > 1 ? argv[1] : "");
	for (;;)
		pause();
}
