/*
 * Sends frames of a container's own making, for tests: `send-frame INTERFACE [HEX]...`, each from its first byte on, by
 * the queue and past it.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define FRAME_MAX 1514

static size_t parse_hex(const char *text, unsigned char *bytes)
{
	size_t length = 0;

	while (length < FRAME_MAX && sscanf(text + 2 * length, "%2hhx", &bytes[length]) == 1)
		length++;
	return length;
}

int main(int argc, char **argv)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_halen = ETH_ALEN };
	unsigned char bytes[FRAME_MAX];

	if (argc < 2 || !(to.sll_ifindex = (int)if_nametoindex(argv[1])))
		return 2;
	for (int bypass = 0; bypass < 2; bypass++) {
		int fd = socket(AF_PACKET, SOCK_RAW, 0);

		if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &bypass, sizeof bypass) < 0) {
			perror("socket");
			return 1;
		}
		for (int i = 2; i < argc; i++)
			if (sendto(fd, bytes, parse_hex(argv[i], bytes), 0, (struct sockaddr *)&to, sizeof to) < 0)
				perror(argv[i]);
	}
	return 0;
}
