/*
 * Answers, each of them one send: to a socket that has sent nothing yet. Nothing that the client has said is in them. A page of somebody else's whose name leads to this
 * machine could read the answer; so instances are named only where the name asked for is one of this machine's.
 */
#include "front/answer.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* Instances that one page names. */
#define NAMED_MAX 100

/* An alert, fatal: unrecognized_name (RFC 6066, 3). */
static const uint8_t unrecognized_name[] = { 21, 3, 3, 0, 2, 2, 112 };

static const char head[] = "HTTP/1.1 404 Not Found\r\n"
			   "Content-Type: text/html; charset=utf-8\r\n"
			   "Content-Security-Policy: default-src 'none'\r\n"
			   "X-Content-Type-Options: nosniff\r\n"
			   "Cache-Control: no-store\r\n"
			   "Connection: close\r\n"
			   "\r\n"
			   "<!doctype html><title>tscompose</title>"
			   "<p>No instance of this name publishes this port.</p>\n";

static const char head_long[] = "HTTP/1.1 431 Request Header Fields Too Large\r\n"
				"Content-Type: text/plain; charset=utf-8\r\n"
				"Cache-Control: no-store\r\n"
				"Connection: close\r\n"
				"\r\n"
				"The first 16 KiB of this request do not say which host it is for.\n";

/* Text that grows as far as there is room. */
struct reply_page {
	char *text;
	size_t length, size;
};

static void add(struct reply_page *page, const char *text, size_t length)
{
	if (page->size - page->length < length)
		return;
	memcpy(page->text + page->length, text, length);
	page->length += length;
}

static void add_instance(struct reply_page *page, const struct front_route *route)
{
	char line[2 * FRONT_NAME_MAX + 64];
	int length = snprintf(line, sizeof line, "<p><a href=\"http://%.*s:%u/\">%.*s:%u</a></p>\n", route->length, route->name,
			      route->port, route->length, route->name, route->port);
	if (length > 0 && (size_t)length < sizeof line)
		add(page, line, (size_t)length);
}

void answer_http(struct front *front, int fd, const struct host_name *name, uint16_t port)
{
	struct reply_page page = { (char *)front->relay.scratch, 0, sizeof front->relay.scratch };
	size_t named = 0;
	add(&page, head, sizeof head - 1);
	for (size_t i = 0; name_is_of_machine(name) && i < front->route_count && named < NAMED_MAX; i++)
		if (front->routes[i].port == port) {
			add_instance(&page, &front->routes[i]);
			named++;
		}
	(void)!send(fd, page.text, page.length, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void answer_long(int fd)
{
	(void)!send(fd, head_long, sizeof head_long - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void answer_tls(int fd)
{
	(void)!send(fd, unrecognized_name, sizeof unrecognized_name, MSG_NOSIGNAL | MSG_DONTWAIT);
}
