/*
 * A name server as people run them in containers, for tests: `name-server ADDRESS` binds UDP and TCP port 53 of
 * 0.0.0.0, [::] or any other address, prints "ready", and answers every question with the address 192.0.2.53.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER 12
#define QUERY_MAX 512
#define ANSWER_SIZE 16

static int bind_port(const char *text, int type)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(53) };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(53) };
	int is_v4 = inet_pton(AF_INET, text, &v4.sin_addr) == 1;
	int one = 1, fd = socket(is_v4 ? AF_INET : AF_INET6, type, 0);

	/* As every TCP server does, so that it can be started again at once. */
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (!is_v4 && inet_pton(AF_INET6, text, &v6.sin6_addr) != 1)
		exit(2);
	if (fd < 0 || bind(fd, is_v4 ? (void *)&v4 : (void *)&v6, is_v4 ? sizeof v4 : sizeof v6) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 16) < 0)) {
		perror(type == SOCK_STREAM ? "tcp" : "udp");
		exit(1);
	}
	return fd;
}

/* Makes an answer of the question, in place; its length. */
static size_t answer(unsigned char *bytes, size_t length)
{
	static const unsigned char record[ANSWER_SIZE] = { 0xc0, HEADER, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 53 };
	size_t end = HEADER;

	while (end < length && bytes[end])
		end += 1u + bytes[end];
	end += 5;
	if (length < HEADER || end > length)
		return 0;
	bytes[2] |= 0x80;
	bytes[3] = 0x80;
	memset(bytes + 6, 0, 6);
	bytes[7] = 1;
	memcpy(bytes + end, record, sizeof record);
	return end + sizeof record;
}

static void serve_udp(int fd)
{
	unsigned char bytes[QUERY_MAX + ANSWER_SIZE];
	struct sockaddr_storage client;
	socklen_t size = sizeof client;
	ssize_t got = recvfrom(fd, bytes, QUERY_MAX, 0, (struct sockaddr *)&client, &size);
	size_t length = got > 0 ? answer(bytes, (size_t)got) : 0;

	if (length)
		(void)!sendto(fd, bytes, length, 0, (struct sockaddr *)&client, size);
}

static void serve_tcp(int listener)
{
	unsigned char bytes[2 + QUERY_MAX + ANSWER_SIZE];
	int fd = accept(listener, NULL, NULL);
	ssize_t got = fd < 0 ? -1 : recv(fd, bytes, 2 + QUERY_MAX, 0);
	size_t length = got > 2 ? answer(bytes + 2, (size_t)got - 2) : 0;

	bytes[0] = (unsigned char)(length >> 8);
	bytes[1] = (unsigned char)length;
	if (length)
		(void)!write(fd, bytes, 2 + length);
	close(fd);
}

int main(int argc, char **argv)
{
	const char *address = argc > 1 ? argv[1] : "0.0.0.0";
	struct pollfd polls[2] = { { bind_port(address, SOCK_DGRAM), POLLIN, 0 },
				   { bind_port(address, SOCK_STREAM), POLLIN, 0 } };

	puts("ready");
	fflush(stdout);
	while (poll(polls, 2, -1) >= 0) {
		if (polls[0].revents)
			serve_udp(polls[0].fd);
		if (polls[1].revents)
			serve_tcp(polls[1].fd);
	}
	return 1;
}
