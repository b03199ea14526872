/* Makes a socket of each family that is named, by the call that 32-bit programs of older C libraries make: `<family> <errno>`. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKETCALL 102
#define MAKE 1

/* The old ABI's gate is open to programs of 64 bits, too, if what they point to lies low. */
static int old_socket(uint32_t *low, uint32_t family)
{
	int result;
	low[0] = family;
	low[1] = family == AF_ALG ? SOCK_SEQPACKET : family == AF_NETLINK ? SOCK_RAW : SOCK_STREAM;
	low[2] = 0;
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(SOCKETCALL), "b"(MAKE), "c"(low) : "memory", "r8", "r9", "r10", "r11");
	return result;
}

int main(int argc, char **argv)
{
	uint32_t *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (low == MAP_FAILED)
		return 1;
	for (int i = 1; i < argc; i++) {
		int fd = old_socket(low, (uint32_t)atoi(argv[i]));
		printf("%s %d\n", argv[i], fd < 0 ? -fd : 0);
		if (fd >= 0)
			close(fd);
	}
	return 0;
}
