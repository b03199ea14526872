/*
 * Sends frames of a container's own making, for tests: `send-frame INTERFACE [HEX]...`, each from its first byte on, by
 * the queue, past it, and by a socket of XDP where that can be had.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define FRAME_MAX 1514

static size_t parse_hex(const char *text, unsigned char *bytes)
{
	size_t length = 0;

	while (length < FRAME_MAX && sscanf(text + 2 * length, "%2hhx", &bytes[length]) == 1)
		length++;
	return length;
}

#define CHUNK 2048u
#define CHUNKS 64u

/* A ring of the kernel's, mapped; NULL if there is none. */
static void *ring(int fd, int option, off_t place, size_t size)
{
	unsigned entries = CHUNKS;
	void *mapped;

	if (setsockopt(fd, SOL_XDP, option, &entries, sizeof entries) < 0)
		return NULL;
	mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, place);
	return mapped == MAP_FAILED ? NULL : mapped;
}

/* Frames that go to the device at once: past the queue and past all hooks. Silent where such a socket is refused. */
static void send_by_xdp(unsigned interface, char **frames)
{
	static unsigned char memory[CHUNKS * CHUNK] __attribute__((aligned(4096)));
	struct xdp_umem_reg area = { .addr = (__u64)(unsigned long)memory, .len = sizeof memory, .chunk_size = CHUNK };
	struct sockaddr_xdp at = { .sxdp_family = AF_XDP, .sxdp_ifindex = interface, .sxdp_flags = XDP_COPY };
	struct xdp_mmap_offsets offsets;
	socklen_t size = sizeof offsets;
	int fd = socket(AF_XDP, SOCK_RAW, 0);
	unsigned char *sent;
	unsigned count = 0;

	if (fd < 0 || setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &area, sizeof area) < 0 ||
	    getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &size) < 0)
		return;
	if (!ring(fd, XDP_UMEM_FILL_RING, XDP_UMEM_PGOFF_FILL_RING, offsets.fr.desc + CHUNKS * 8) ||
	    !ring(fd, XDP_UMEM_COMPLETION_RING, XDP_UMEM_PGOFF_COMPLETION_RING, offsets.cr.desc + CHUNKS * 8) ||
	    !(sent = ring(fd, XDP_TX_RING, XDP_PGOFF_TX_RING, offsets.tx.desc + CHUNKS * sizeof(struct xdp_desc))) ||
	    bind(fd, (struct sockaddr *)&at, sizeof at) < 0)
		return;
	for (; frames[count] && count < CHUNKS; count++) {
		struct xdp_desc one = { .addr = count * CHUNK };

		one.len = (unsigned)parse_hex(frames[count], memory + one.addr);
		memcpy(sent + offsets.tx.desc + count * sizeof one, &one, sizeof one);
	}
	__atomic_store_n((unsigned *)(void *)(sent + offsets.tx.producer), count, __ATOMIC_RELEASE);
	for (unsigned i = 0; i < count; i++)
		sendto(fd, NULL, 0, MSG_DONTWAIT, NULL, 0);
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
	send_by_xdp((unsigned)to.sll_ifindex, argv + 2);
	return 0;
}
