/*
 * A file system that never answers, for tests: `never-answers FOLDER` mounts it, tells `ready`, and has a root folder in which no
 * name is ever found. Whoever looks for one waits in the kernel, deaf to SIGKILL, until this program ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static int answer(int fd, uint64_t unique, int error, const void *body, size_t length)
{
	uint8_t bytes[512];
	const struct fuse_out_header head = { .len = (uint32_t)(sizeof head + length), .error = -error, .unique = unique };
	memcpy(bytes, &head, sizeof head);
	memcpy(bytes + sizeof head, body, length);
	return write(fd, bytes, head.len) == (ssize_t)head.len ? 0 : -1;
}

static int answer_root(int fd, uint64_t unique)
{
	const struct fuse_attr_out out = { .attr_valid = 3600,
					   .attr = { .ino = FUSE_ROOT_ID, .mode = S_IFDIR | 0755, .nlink = 2 } };
	return answer(fd, unique, 0, &out, sizeof out);
}

static int begin(int fd, const struct fuse_in_header *head)
{
	const struct fuse_init_in *in = (const void *)(head + 1);
	const struct fuse_init_out out = { .major = FUSE_KERNEL_VERSION,
					   .minor = in->minor < FUSE_KERNEL_MINOR_VERSION ? in->minor : FUSE_KERNEL_MINOR_VERSION,
					   .max_write = 4096 };
	return answer(fd, head->unique, 0, &out, sizeof out);
}

int main(int argc, char **argv)
{
	static _Alignas(8) uint8_t request[1 << 17];
	char options[128];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd);
	if (argc != 2 || fd < 0 || mount("never-answers", argv[1], "fuse", 0, options))
		return 1;
	puts("ready");
	fflush(stdout);
	while (read(fd, request, sizeof request) > 0) {
		const struct fuse_in_header *head = (const void *)request;
		if (head->opcode == FUSE_INIT)
			begin(fd, head);
		else if (head->opcode == FUSE_GETATTR && head->nodeid == FUSE_ROOT_ID)
			answer_root(fd, head->unique);
		else if (head->opcode == FUSE_LOOKUP)
			puts("asked"), fflush(stdout);
		else if (head->opcode != FUSE_FORGET && head->opcode != FUSE_INTERRUPT)
			answer(fd, head->unique, ENOSYS, "", 0);
	}
	return 0;
}
