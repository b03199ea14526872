/* Containers of a server of /proc files. Monitors are trusted; that the connection is one's is what the folder of the socket says, and the peer. */
#include "procfs/container.h"
#include "core/sys.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

struct container container_of(int channel, char *scratch, struct page *work)
{
	struct container container = { .channel = channel, .fuse = -1, .sources.scratch = scratch, .work = work };
	for (int i = 0; i < SOURCE_COUNT; i++)
		container.sources.files[i] = i < HOST_SOURCES ? PROCFS_SOURCE_FD + i : -1;
	return container;
}

/* The fds that came with a message; how many. */
static size_t fds_of(struct msghdr *message, int fds[PROCFS_FDS_MAX])
{
	size_t count = 0;
	for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head; head = CMSG_NXTHDR(message, head)) {
		size_t here = (head->cmsg_len - CMSG_LEN(0)) / sizeof *fds;
		if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS || here > PROCFS_FDS_MAX - count)
			continue;
		memcpy(fds + count, CMSG_DATA(head), here * sizeof *fds);
		count += here;
	}
	return count;
}

/* Takes the fds for itself, or none of them. */
static int accept_fds(struct container *container, const struct procfs_hello *hello, const int *fds, size_t count)
{
	const uint32_t sources = hello->sources;
	bool known = !(sources >> SOURCE_COUNT) && !(sources & ((1u << HOST_SOURCES) - 1));
	if (!known || count != PROCFS_FDS_FIRST + (size_t)__builtin_popcount(sources))
		return -EPROTO;
	struct procfs_shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fds[PROCFS_SHARED], 0);
	if (shared == MAP_FAILED)
		return -errno;
	container->sources.shared = shared;
	container->fuse = fds[PROCFS_FUSE];
	const int *next = fds + PROCFS_FDS_FIRST;
	for (int i = HOST_SOURCES; i < SOURCE_COUNT; i++)
		if (sources & 1u << i)
			container->sources.files[i] = *next++;
	close(fds[PROCFS_SHARED]);
	return 0;
}

int container_take(struct container *container)
{
	struct procfs_hello hello = { 0 };
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int) * PROCFS_FDS_MAX)];
	} control;
	struct iovec body = { &hello, sizeof hello };
	struct msghdr message = { .msg_iov = &body, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
	int fds[PROCFS_FDS_MAX];
	ssize_t length = recvmsg(container->channel, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (length < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	size_t count = fds_of(&message, fds);
	int error = length == sizeof hello && !(message.msg_flags & MSG_CTRUNC) ? accept_fds(container, &hello, fds, count) : -EPROTO;
	for (size_t i = 0; error && i < count; i++)
		close(fds[i]);
	return error;
}

void container_let_go(struct container *container)
{
	for (unsigned i = 0; i < SNAPSHOTS; i++)
		snapshot_drop(&container->snapshots[i]);
	for (int i = HOST_SOURCES; i < SOURCE_COUNT; i++)
		if (container->sources.files[i] >= 0)
			close(container->sources.files[i]);
	if (container->sources.shared)
		munmap(container->sources.shared, sizeof *container->sources.shared);
	if (container->fuse >= 0)
		close(container->fuse);
	close(container->channel);
}

struct snapshot *snapshot_of(struct container *container, uint64_t handle)
{
	for (unsigned i = 0; i < SNAPSHOTS; i++)
		if (handle && container->snapshots[i].handle == handle)
			return &container->snapshots[i];
	return NULL;
}

struct snapshot *snapshot_keep(struct container *container, uint64_t handle, const struct page *text)
{
	struct snapshot *snapshot = snapshot_of(container, handle);
	if (!snapshot)
		snapshot = &container->snapshots[container->next++ % SNAPSHOTS];
	snapshot_drop(snapshot);
	char *bytes = malloc(text->length + 1);
	if (!bytes)
		return NULL;
	memcpy(bytes, text->bytes, text->length);
	*snapshot = (struct snapshot){ handle, { bytes, text->length } };
	return snapshot;
}

void snapshot_drop(struct snapshot *snapshot)
{
	free(snapshot->text.bytes);
	*snapshot = (struct snapshot){ 0 };
}
