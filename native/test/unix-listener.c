/* Listens on a unix socket, `@name` for an abstract one, and takes nothing that it is not asked to. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int count, char **arguments)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (count != 2 || strlen(arguments[1]) >= sizeof address.sun_path)
		return 2;
	size_t length = strlen(arguments[1]);
	memcpy(address.sun_path, arguments[1], length);
	if (arguments[1][0] == '@')
		address.sun_path[0] = 0;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, (socklen_t)(sizeof address.sun_family + length)) || listen(fd, 8)) {
		perror(arguments[1]);
		return 1;
	}
	for (;;)
		close(accept(fd, NULL, NULL));
}
