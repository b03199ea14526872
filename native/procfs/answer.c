/*
 * Answers to one container's requests. The kernel makes them; names and offsets in them are the container's.
 */
#include "procfs/answer.h"
#include "core/sys.h"
#include "procfs/disks.h"
#include "procfs/memory.h"
#include "procfs/processors.h"

#include <linux/fuse.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>

/* Seconds that the kernel need not ask for a name again. Its size it asks for at each open. */
#define FOREVER 86400
/* A text that is read right after its size was asked for may be longer by so much. */
#define SIZE_STEP 4096
/* After so many answers that ended the server, the reader gets an error. */
#define ANSWERS_MAX 3
#define FIRST_FILE 2

static const struct {
	const char *name;
	void (*make)(const struct sources *sources, struct page *text);
} files[] = {
	{ "meminfo", memory_info },	    { "swaps", memory_swaps },	       { "stat", processors_stat },
	{ "uptime", processors_uptime },    { "loadavg", processors_load },     { "cpuinfo", processors_info },
	{ "online", processors_online },    { "diskstats", disks_stat },
};
#define FILE_COUNT (sizeof files / sizeof files[0])

static bool is_file(uint64_t node)
{
	return node >= FIRST_FILE && node < FIRST_FILE + FILE_COUNT;
}

/* Made in the place of whatever was there. */
static const struct page *make_text(const struct container *container, uint64_t node)
{
	container->work->length = 0;
	files[node - FIRST_FILE].make(&container->sources, container->work);
	return container->work;
}

/*
 * read(2) asks no size, as with every file of /proc, but sendfile(2) gives no more than that. What is too much is mended by the
 * kernel when the text ends before.
 */
static struct fuse_attr attributes_of(const struct container *container, uint64_t node)
{
	struct fuse_attr attr = { .ino = node, .mode = is_file(node) ? S_IFREG | 0444 : S_IFDIR | 0555, .nlink = 1, .blksize = 4096 };
	attr.uid = attr.gid = container->sources.shared->owner;
	if (is_file(node))
		attr.size = (make_text(container, node)->length / SIZE_STEP + 2) * SIZE_STEP;
	return attr;
}

static struct fuse_in_header *request_of(const struct container *container)
{
	return (struct fuse_in_header *)container->sources.shared->request;
}

static void send_answer(const struct container *container, int error, const void *body, size_t length)
{
	struct fuse_out_header head = { .len = (uint32_t)(sizeof head + length), .error = error, .unique = request_of(container)->unique };
	struct iovec parts[] = { { &head, sizeof head }, { (void *)(uintptr_t)body, length } };
	/* ENOENT: the reader was killed. Nobody else waits. Otherwise the request is still there, and the next server answers. */
	if (writev(container->fuse, parts, length ? 2 : 1) < 0 && errno != ENOENT)
		_exit(1);
}

static void answer_look_up(const struct container *container, const char *name)
{
	struct fuse_entry_out entry = { .entry_valid = FOREVER };
	for (size_t i = 0; i < FILE_COUNT; i++)
		if (request_of(container)->nodeid == FUSE_ROOT_ID && !strcmp(name, files[i].name)) {
			entry.nodeid = FIRST_FILE + i;
			entry.attr = attributes_of(container, entry.nodeid);
			send_answer(container, 0, &entry, sizeof entry);
			return;
		}
	send_answer(container, -ENOENT, NULL, 0);
}

static void answer_attributes(const struct container *container)
{
	struct fuse_attr_out out = { .attr = attributes_of(container, request_of(container)->nodeid) };
	send_answer(container, 0, &out, sizeof out);
}

static void answer_open(const struct container *container, const struct fuse_open_in *open)
{
	const struct fuse_in_header *request = request_of(container);
	struct fuse_open_out out = { .fh = request->unique, .open_flags = FOPEN_DIRECT_IO };
	if (!is_file(request->nodeid) || (open->flags & O_ACCMODE) != O_RDONLY)
		send_answer(container, -EACCES, NULL, 0);
	else
		send_answer(container, 0, &out, sizeof out);
}

/* The text that this reader began with; made anew when it begins, and when others came between. */
static const struct page *text_of(struct container *container, uint64_t node, const struct fuse_read_in *in)
{
	const struct snapshot *snapshot = snapshot_of(container, in->fh);
	if (!snapshot || !in->offset)
		snapshot = snapshot_keep(container, in->fh, make_text(container, node));
	return snapshot ? &snapshot->text : NULL;
}

static void answer_read(struct container *container, const struct fuse_read_in *in)
{
	uint64_t node = request_of(container)->nodeid;
	const struct page *text = is_file(node) ? text_of(container, node, in) : NULL;
	if (!text) {
		send_answer(container, is_file(node) ? -ENOMEM : -EISDIR, NULL, 0);
		return;
	}
	size_t left = in->offset < text->length ? text->length - (size_t)in->offset : 0;
	send_answer(container, 0, text->bytes + (left ? in->offset : 0), left < in->size ? left : in->size);
}

static void answer_release(struct container *container, const struct fuse_release_in *in)
{
	struct snapshot *snapshot = snapshot_of(container, in->fh);
	if (snapshot)
		snapshot_drop(snapshot);
	send_answer(container, 0, NULL, 0);
}

static void answer_init(const struct container *container, const struct fuse_init_in *in)
{
	struct fuse_init_out out = { .major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = 4096, .time_gran = 1 };
	if (in->major < FUSE_KERNEL_VERSION)
		send_answer(container, -EPROTO, NULL, 0);
	else
		send_answer(container, 0, &out, sizeof out);
}

static void answer(struct container *container)
{
	const struct fuse_in_header *request = request_of(container);
	const void *body = request + 1;
	const struct fuse_statfs_out nothing = { .st = { .bsize = 4096, .namelen = 255 } };
	switch (request->opcode) {
	case FUSE_INIT:
		answer_init(container, body);
		return;
	case FUSE_LOOKUP:
		answer_look_up(container, body);
		return;
	case FUSE_GETATTR:
		answer_attributes(container);
		return;
	case FUSE_OPEN:
		answer_open(container, body);
		return;
	case FUSE_READ:
		answer_read(container, body);
		return;
	case FUSE_STATFS:
		send_answer(container, 0, &nothing, sizeof nothing);
		return;
	case FUSE_RELEASE:
		answer_release(container, body);
		return;
	case FUSE_FLUSH:
		send_answer(container, 0, NULL, 0);
		return;
	/* Nothing is waited for so long that it could be broken off, and nothing is kept. */
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		return;
	case FUSE_SETATTR:
		send_answer(container, -EPERM, NULL, 0);
		return;
	default:
		send_answer(container, -ENOSYS, NULL, 0);
	}
}

void answer_begun(struct container *container)
{
	struct procfs_shared *shared = container->sources.shared;
	struct fuse_in_header *request = request_of(container);
	if (!request->len)
		return;
	/* Texts end where the request does. */
	if (request->len < PROCFS_REQUEST_MAX)
		shared->request[request->len] = 0;
	if (shared->answers++ < ANSWERS_MAX)
		answer(container);
	else
		send_answer(container, -EIO, NULL, 0);
	request->len = 0;
	shared->answers = 0;
}

int answer_next(struct container *container)
{
	/* ENOENT: the reader was killed meanwhile. ENODEV: the container has ended. */
	if (read(container->fuse, request_of(container), PROCFS_REQUEST_MAX) < 0)
		return errno == EAGAIN || errno == EINTR || errno == ENOENT ? 0 : -errno;
	answer_begun(container);
	return 0;
}
