/* Has a relay of this pid say nothing any more to its monitor, as it could itself: ends its channel in that direction. */
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FDS 64

int main(int argc, char **argv)
{
	int relay = argc == 2 ? (int)syscall(SYS_pidfd_open, atoi(argv[1]), 0) : -1;
	for (int i = 3; i < FDS; i++) {
		int type = 0, fd = (int)syscall(SYS_pidfd_getfd, relay, i, 0);
		socklen_t length = sizeof type;
		if (!getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) && type == SOCK_SEQPACKET)
			return shutdown(fd, SHUT_WR) != 0;
		close(fd);
	}
	return 1;
}
