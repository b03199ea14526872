/*
 * The server: one FUSE connection, one container, one request at a time. It is started when somebody reads and ends when nobody
 * does any more. Requests are made by the kernel; names and offsets in them are the container's.
 */
#include "procfs/server.h"
#include "core/sys.h"
#include "procfs/disks.h"
#include "procfs/memory.h"
#include "procfs/processors.h"

#include <grp.h>
#include <linux/filter.h>
#include <linux/fuse.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/uio.h>

/*
 * A server is a tenth of a megabyte and begins in a millisecond: of a hundred containers whose programs look now and then few have one at a
 * time. It stays with who has begun to read.
 */
#define IDLE_MS 250
#define READING_MS 5000
/* Readers whose text is kept, so that what they read in pieces fits together. */
#define SNAPSHOTS 4
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

struct snapshot {
	uint64_t handle; /* 0: none */
	struct page text;
};

struct server {
	struct sources sources;
	struct snapshot snapshots[SNAPSHOTS + 1]; /* the last is nobody's */
	unsigned next;
};

static bool is_file(uint64_t node)
{
	return node >= FIRST_FILE && node < FIRST_FILE + FILE_COUNT;
}

/*
 * read(2) asks no size, as with every file of /proc, but sendfile(2) gives no more than that. What is too much is mended by the
 * kernel when the text ends before.
 */
static struct fuse_attr attributes_of(struct server *server, uint64_t node)
{
	struct fuse_attr attr = { .ino = node, .mode = is_file(node) ? S_IFREG | 0444 : S_IFDIR | 0555, .nlink = 1, .blksize = 4096 };
	if (is_file(node)) {
		struct snapshot *spare = &server->snapshots[SNAPSHOTS];
		spare->text.length = 0;
		files[node - FIRST_FILE].make(&server->sources, &spare->text);
		attr.size = (spare->text.length / SIZE_STEP + 2) * SIZE_STEP;
	}
	return attr;
}

static void send_answer(const struct fuse_in_header *request, int error, const void *body, size_t length)
{
	struct fuse_out_header head = { .len = (uint32_t)(sizeof head + length), .error = error, .unique = request->unique };
	struct iovec parts[] = { { &head, sizeof head }, { (void *)(uintptr_t)body, length } };
	/* ENOENT: the reader was killed. Nobody else waits. */
	if (writev(PROCFS_FUSE_FD, parts, length ? 2 : 1) < 0)
		return;
}

static void answer_look_up(struct server *server, const struct fuse_in_header *request, const char *name)
{
	struct fuse_entry_out entry = { .entry_valid = FOREVER };
	for (size_t i = 0; i < FILE_COUNT; i++)
		if (request->nodeid == FUSE_ROOT_ID && !strcmp(name, files[i].name)) {
			entry.nodeid = FIRST_FILE + i;
			entry.attr = attributes_of(server, entry.nodeid);
			send_answer(request, 0, &entry, sizeof entry);
			return;
		}
	send_answer(request, -ENOENT, NULL, 0);
}

static void answer_attributes(struct server *server, const struct fuse_in_header *request)
{
	struct fuse_attr_out out = { .attr = attributes_of(server, request->nodeid) };
	send_answer(request, 0, &out, sizeof out);
}

static void answer_open(const struct fuse_in_header *request, const struct fuse_open_in *open)
{
	struct fuse_open_out out = { .fh = request->unique, .open_flags = FOPEN_DIRECT_IO };
	if (!is_file(request->nodeid) || (open->flags & O_ACCMODE) != O_RDONLY)
		send_answer(request, -EACCES, NULL, 0);
	else
		send_answer(request, 0, &out, sizeof out);
}

static struct snapshot *snapshot_of(struct server *server, uint64_t handle)
{
	for (unsigned i = 0; i < SNAPSHOTS; i++)
		if (server->snapshots[i].handle == handle)
			return &server->snapshots[i];
	return NULL;
}

/* The text that this reader began with; made anew when it begins, and when others came between. */
static const struct page *text_of(struct server *server, uint64_t node, const struct fuse_read_in *in)
{
	struct snapshot *snapshot = snapshot_of(server, in->fh);
	if (snapshot && in->offset)
		return &snapshot->text;
	if (!snapshot)
		snapshot = &server->snapshots[server->next++ % SNAPSHOTS];
	snapshot->handle = in->fh;
	snapshot->text.length = 0;
	files[node - FIRST_FILE].make(&server->sources, &snapshot->text);
	return &snapshot->text;
}

static void answer_read(struct server *server, const struct fuse_in_header *request, const struct fuse_read_in *in)
{
	if (!is_file(request->nodeid)) {
		send_answer(request, -EISDIR, NULL, 0);
		return;
	}
	const struct page *text = text_of(server, request->nodeid, in);
	size_t left = in->offset < text->length ? text->length - (size_t)in->offset : 0;
	send_answer(request, 0, text->bytes + (left ? in->offset : 0), left < in->size ? left : in->size);
}

static void answer_release(struct server *server, const struct fuse_in_header *request, const struct fuse_release_in *in)
{
	struct snapshot *snapshot = snapshot_of(server, in->fh);
	if (snapshot)
		snapshot->handle = 0;
	send_answer(request, 0, NULL, 0);
}

static void answer_init(const struct fuse_in_header *request, const struct fuse_init_in *in)
{
	struct fuse_init_out out = { .major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = 4096, .time_gran = 1 };
	if (in->major < FUSE_KERNEL_VERSION)
		send_answer(request, -EPROTO, NULL, 0);
	else
		send_answer(request, 0, &out, sizeof out);
}

static void answer(struct server *server, const struct fuse_in_header *request)
{
	const void *body = request + 1;
	const struct fuse_statfs_out nothing = { .st = { .bsize = 4096, .namelen = 255 } };
	switch (request->opcode) {
	case FUSE_INIT:
		answer_init(request, body);
		return;
	case FUSE_LOOKUP:
		answer_look_up(server, request, body);
		return;
	case FUSE_GETATTR:
		answer_attributes(server, request);
		return;
	case FUSE_OPEN:
		answer_open(request, body);
		return;
	case FUSE_READ:
		answer_read(server, request, body);
		return;
	case FUSE_STATFS:
		send_answer(request, 0, &nothing, sizeof nothing);
		return;
	case FUSE_RELEASE:
		answer_release(server, request, body);
		return;
	case FUSE_FLUSH:
		send_answer(request, 0, NULL, 0);
		return;
	/* Nothing is waited for so long that it could be broken off, and nothing is kept. */
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		return;
	case FUSE_SETATTR:
		send_answer(request, -EPERM, NULL, 0);
		return;
	default:
		send_answer(request, -ENOSYS, NULL, 0);
	}
}

/* Answers what lies in the shared memory, be it that the server before could not. */
static void answer_shared(struct server *server)
{
	struct procfs_shared *shared = server->sources.shared;
	struct fuse_in_header *request = (struct fuse_in_header *)shared->request;
	if (!request->len)
		return;
	/* Texts end where the request does. */
	if (request->len < PROCFS_REQUEST_MAX)
		shared->request[request->len] = 0;
	if (shared->answers++ < ANSWERS_MAX)
		answer(server, request);
	else
		send_answer(request, -EIO, NULL, 0);
	request->len = 0;
	shared->answers = 0;
}

/* How long the next request is waited for. */
static int patience(const struct server *server)
{
	for (unsigned i = 0; i < SNAPSHOTS; i++)
		if (server->snapshots[i].handle)
			return READING_MS;
	return IDLE_MS;
}

/* 0: a request lies there, or none after all; 1: it is time to end. */
static int take_request(const struct server *server)
{
	struct procfs_shared *shared = server->sources.shared;
	struct pollfd fuse = { PROCFS_FUSE_FD, POLLIN, 0 };
	int ready = poll(&fuse, 1, patience(server));
	if (ready <= 0)
		return ready == 0 || errno != EINTR;
	/* ENOENT: the reader was killed meanwhile. ENODEV: the container has ended. */
	if (read(PROCFS_FUSE_FD, shared->request, PROCFS_REQUEST_MAX) < 0)
		return errno != EAGAIN && errno != EINTR && errno != ENOENT;
	return 0;
}

/* What it takes away from itself: all but its fds. Nobody else is its user, not even another server. */
static int confine(const struct procfs_shared *shared)
{
	uid_t user = shared->uid + (uid_t)getpid() % (shared->uid_count ? shared->uid_count : 1);
	if (!user)
		return -EPERM;
	if (prctl(PR_SET_NAME, "tscompose-proc") || setpriority(PRIO_PROCESS, 0, 5) || setgroups(0, NULL) ||
	    setresgid(user, user, user) || setresuid(user, user, user) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
		return -errno;
	return getppid() == shared->parent ? 0 : -ESRCH;
}

static int install_filter(struct procfs_shared *shared)
{
	struct sock_fprog program = { (unsigned short)(shared->filter_length / sizeof(struct sock_filter)),
				      (struct sock_filter *)shared->filter };
#ifdef __SANITIZE_ADDRESS__
	/* A sanitizer that has found something opens files to tell of it. */
	return 0;
#endif
	if (!program.len || shared->filter_length > PROCFS_FILTER_MAX)
		return -EINVAL;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) ? -errno : 0;
}

int procfs_mode(void)
{
	struct server server = { 0 };
	char *texts = mmap(NULL, (SNAPSHOTS + 2) * TEXT_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct procfs_shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, PROCFS_SHARED_FD, 0);
	if (texts == MAP_FAILED || shared == MAP_FAILED)
		return 125;
	server.sources = (struct sources){ shared, texts + (SNAPSHOTS + 1) * TEXT_MAX };
	for (unsigned i = 0; i <= SNAPSHOTS; i++)
		server.snapshots[i].text.bytes = texts + i * TEXT_MAX;
	if (confine(shared) || install_filter(shared))
		return 125;
	processors_begin(&server.sources);
	do
		answer_shared(&server);
	while (!take_request(&server));
	return 0;
}
