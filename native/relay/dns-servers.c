/*
 * The host's name servers, as its resolv.conf has them now: a VPN, a lease or a stub that begins changes them while
 * containers run. The file is looked at before a question goes out, as names files are: one call, which follows links, sees
 * folders that are made anew, and needs no instance of inotify, of which all the host's programs together have 128.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "relay/dns-file.h"
#include "relay/dns-servers.h"
#include "relay/dns-sockets.h"

#define FILE_MAX (64u << 10)
#define KEYWORD "nameserver"
#define BLANKS " \t\r"
/* Within this time of a write a second one may leave the file's time as it is: as long as the coarsest tick of kernels. */
#define SETTLE_NS 20000000LL

void servers_start(struct dns *dns)
{
	dns->servers = dns->asked->upstreams;
	dns->server_count = dns->asked->upstream_count;
	dns->servers_seen = (struct stat){ 0 };
}

/* What was asked already has its sockets until it is answered. Whoever has no memory for it asks on as before. */
void servers_replace(struct dns *dns, const int *fds, size_t count)
{
	struct relay_config *told = calloc(1, sizeof *told), *before = (struct relay_config *)(uintptr_t)dns->asked;
	bool taken = told && !relay_config_read(fds[0], told) && told->socket_count == count - 1 &&
		     sockets_replace(dns, told, fds + 1);

	close(fds[0]);
	if (taken) {
		dns->asked = told;
		servers_start(dns);
	} else {
		for (size_t i = 1; i < count; i++)
			close(fds[i]);
		before = told;
	}
	if (!before || before == dns->config)
		return;
	relay_config_free(before);
	free(before);
}

static bool parse_server(const char *text, uint16_t port, struct sockaddr_storage *server)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)server;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)server;

	memset(server, 0, sizeof *server);
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		return true;
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) != 1)
		return false;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	return true;
}

/* The server that a line names, if it names one (resolv.conf(5)). The line is cut into its words. */
static bool parse_line(char *line, uint16_t port, struct sockaddr_storage *server)
{
	char *rest = NULL;
	const char *word;

	line[strcspn(line, "#;")] = '\0';
	word = strtok_r(line, BLANKS, &rest);
	if (!word || strcmp(word, KEYWORD) != 0)
		return false;
	word = strtok_r(NULL, BLANKS, &rest);
	return word && parse_server(word, port, server);
}

/* A file that names nobody is half written, or its machine has no network now: what was there last may still answer. */
static void take_servers(struct dns *dns, char *text)
{
	struct sockaddr_storage found[DNS_SERVERS_MAX];
	char *rest = NULL;
	size_t count = 0;

	for (char *line = strtok_r(text, "\n", &rest); line && count < DNS_SERVERS_MAX; line = strtok_r(NULL, "\n", &rest))
		count += parse_line(line, dns->asked->upstream_port, &found[count]);
	if (!count)
		return;
	memcpy(dns->followed, found, count * sizeof *found);
	dns->servers = dns->followed;
	dns->server_count = count;
}

static bool is_settled(const struct stat *file)
{
	struct timespec now;
	long long age;

	clock_gettime(CLOCK_REALTIME, &now);
	age = (now.tv_sec - file->st_mtim.tv_sec) * 1000000000LL + now.tv_nsec - file->st_mtim.tv_nsec;
	return age < 0 || age > SETTLE_NS;
}

/* What can't be read, or is no file, stays as it was until it changes. */
static void servers_load(struct dns *dns, const struct stat *seen)
{
	int fd = open(dns->asked->resolv_conf, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat now = *seen;
	char *text = NULL;

	if (fd >= 0 && fstat(fd, &now) == 0 && S_ISREG(now.st_mode) && now.st_size >= 0 && now.st_size <= FILE_MAX)
		text = file_read_whole(fd, (size_t)now.st_size);
	if (fd >= 0)
		close(fd);
	if (text) {
		text[now.st_size] = '\0';
		take_servers(dns, text);
		free(text);
	}
	dns->servers_seen = is_settled(&now) ? now : (struct stat){ 0 };
}

void servers_refresh(struct dns *dns)
{
	struct stat now;

	if (!dns->asked->resolv_conf_length || stat(dns->asked->resolv_conf, &now) < 0)
		return;
	if (!file_is_same(&now, &dns->servers_seen))
		servers_load(dns, &now);
}
