/*
 * Reads a tree beneath a root: its entries go framed to our stdout, content behind each file (protocol.h). No link is
 * followed, and whatever happens to the tree meanwhile, as much content comes as was announced.
 */
#include "core/io.h"
#include "core/protocol.h"
#include "core/state.h"
#include "core/sys.h"
#include "ops/beneath.h"
#include "ops/operations.h"
#include "ops/trees/files.h"
#include "ops/trees/seen.h"
#include "ops/trees/walk.h"

#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#define CHUNK (256u * 1024)
/* What the kernel holds of it until it is read. */
#define OUTPUT_BUFFER (1024 * 1024)
/* Attributes of one entry: the kernel has 64 KiB for each value and for all names. */
#define ATTRIBUTES_MAX (1024u * 1024)
/* Longest of all. */
#define FRAME_LIMIT (64u * 1024 * 1024)

struct pack {
	struct walk walk;
	struct seen_files seen;
	struct buffer out;
	struct buffer attributes;
	uint32_t attribute_count;
};

static int flush(struct pack *pack)
{
	int error = write_all(STDOUT_FILENO, pack->out.bytes, pack->out.length);
	pack->out.length = 0;
	return error;
}

static int put(struct pack *pack, const void *bytes, size_t length)
{
	int error = buffer_append(&pack->out, bytes, length, FRAME_LIMIT);
	return !error && pack->out.length >= CHUNK ? flush(pack) : error;
}

static int put_attribute(struct pack *pack, int fd, const char *name)
{
	char value[65536];
	uint32_t lengths[2] = { (uint32_t)strlen(name), 0 };
	ssize_t size = fgetxattr(fd, name, value, sizeof value);
	if (size < 0)
		return errno == ENODATA ? 0 : -errno;
	lengths[1] = (uint32_t)size;
	int error = buffer_append(&pack->attributes, lengths, sizeof lengths, ATTRIBUTES_MAX);
	if (!error)
		error = buffer_append(&pack->attributes, name, lengths[0] + 1, ATTRIBUTES_MAX);
	if (!error)
		error = buffer_append(&pack->attributes, value, lengths[1], ATTRIBUTES_MAX);
	pack->attribute_count++;
	return error;
}

/* Collects the attributes of what is open. */
static int read_attributes(struct pack *pack, int fd)
{
	char names[65536];
	ssize_t size = flistxattr(fd, names, sizeof names);
	if (size < 0)
		return errno == ENOTSUP ? 0 : -errno;
	int error = 0;
	for (char *name = names; !error && name < names + size; name += strlen(name) + 1)
		error = put_attribute(pack, fd, name);
	return error;
}

static int put_entry(struct pack *pack, uint32_t kind, const struct stat *info, const char *target)
{
	const char *name = pack->walk.path.text;
	uint32_t name_length = (uint32_t)pack->walk.path.length, target_length = (uint32_t)strlen(target);
	uint64_t size = kind == ENTRY_FILE ? (uint64_t)info->st_size : 0;
	int64_t seconds = info->st_mtim.tv_sec;
	const uint32_t length = ENTRY_NUMBERS + name_length + target_length + 2 + (uint32_t)pack->attributes.length;
	const uint32_t head[] = { kind, length, (uint32_t)size, (uint32_t)(size >> 32) };
	const uint32_t numbers[] = {
		info->st_mode & 07777,	 info->st_uid,	      info->st_gid,	       major(info->st_rdev),
		minor(info->st_rdev),	 (uint32_t)info->st_mtim.tv_nsec, (uint32_t)seconds, (uint32_t)((uint64_t)seconds >> 32),
		name_length,		 target_length,	      pack->attribute_count,
	};
	int error = put(pack, head, sizeof head);
	if (!error)
		error = put(pack, numbers, sizeof numbers);
	if (!error)
		error = put(pack, name, name_length + 1);
	if (!error)
		error = put(pack, target, target_length + 1);
	if (!error)
		error = put(pack, pack->attributes.bytes, pack->attributes.length);
	pack->attributes.length = 0;
	pack->attribute_count = 0;
	return error;
}

/* A file that shrinks meanwhile ends in zeros, one that grows where it ended. */
static int put_content(struct pack *pack, int fd, uint64_t left)
{
	static const size_t piece = 64 * 1024;
	char bytes[64 * 1024];
	while (left) {
		size_t wanted = left < piece ? (size_t)left : piece;
		ssize_t count = read(fd, bytes, wanted);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		if (!count) {
			memset(bytes, 0, wanted);
			count = (ssize_t)wanted;
		}
		int error = put(pack, bytes, (size_t)count);
		if (error)
			return error;
		left -= (uint64_t)count;
	}
	return 0;
}

static int pack_file(struct pack *pack, int place)
{
	struct stat info;
	int fd = open_plain(place, &info);
	if (fd < 0)
		return fd;
	const char *seen = info.st_nlink > 1 ? seen_find(&pack->seen, &info) : NULL;
	int error = seen ? put_entry(pack, ENTRY_LINK, &info, seen) : 0;
	if (!seen) {
		if (info.st_nlink > 1)
			seen_remember(&pack->seen, &info, pack->walk.path.text);
		error = read_attributes(pack, fd);
		if (!error)
			error = put_entry(pack, ENTRY_FILE, &info, "");
		if (!error)
			error = put_content(pack, fd, (uint64_t)info.st_size);
	}
	close(fd);
	return error;
}

static int pack_folder(struct pack *pack, int place)
{
	struct stat info;
	int fd = openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int error = fstat(fd, &info) ? -errno : read_attributes(pack, fd);
	if (!error)
		error = put_entry(pack, ENTRY_FOLDER, &info, "");
	if (error) {
		close(fd);
		return error;
	}
	return walk_enter(&pack->walk, fd);
}

/* Everything but sockets, which mean nothing elsewhere. */
static int pack_other(struct pack *pack, const struct stat *info, int place)
{
	char target[PATH_MAX];
	if (S_ISLNK(info->st_mode)) {
		ssize_t length = readlinkat(place, "", target, sizeof target - 1);
		if (length < 0)
			return -errno;
		target[length] = 0;
		return put_entry(pack, ENTRY_SYMLINK, info, target);
	}
	if (S_ISFIFO(info->st_mode))
		return put_entry(pack, ENTRY_FIFO, info, "");
	if (S_ISCHR(info->st_mode) || S_ISBLK(info->st_mode))
		return put_entry(pack, S_ISCHR(info->st_mode) ? ENTRY_CHAR : ENTRY_BLOCK, info, "");
	return 0;
}

/*
 * What an O_PATH fd is: nobody can put another thing in its place. A folder is entered, and its entry done with when it
 * has been left.
 */
static int pack_place(struct pack *pack, int place)
{
	struct stat info;
	int error = fstat(place, &info) ? -errno : 0;
	if (!error && S_ISDIR(info.st_mode))
		return pack_folder(pack, place);
	if (!error)
		error = S_ISREG(info.st_mode) ? pack_file(pack, place) : pack_other(pack, &info, place);
	if (!error)
		walk_done(&pack->walk);
	return error;
}

/* What vanished meanwhile was never there. The path of what failed stays, to be told. */
static int pack_entry(struct pack *pack, int from, const char *name)
{
	int place = openat(from, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (place < 0 && errno == ENOENT) {
		walk_done(&pack->walk);
		return 0;
	}
	if (place < 0)
		return -errno;
	int error = pack_place(pack, place);
	close(place);
	return error;
}

static int pack_entered(struct pack *pack)
{
	int error = 0;
	while (!error && pack->walk.places.count) {
		const char *name;
		error = walk_next(&pack->walk, &name);
		if (!error && name)
			error = pack_entry(pack, places_top(&pack->walk.places)->fd, name);
		else if (!error && !(error = walk_leave(&pack->walk)))
			walk_done(&pack->walk);
	}
	return error;
}

/* The object at the path comes first, without a name. */
static int pack_top(struct pack *pack, int root, const char *path)
{
	int top = beneath_open(root, path, O_PATH | O_NOFOLLOW);
	if (top < 0)
		return top;
	int error = pack_place(pack, top);
	close(top);
	return error;
}

/* Each time that it is full costs a turn of both processes. Where stdout is no socket, or may not have more, it stays. */
static void widen_output(void)
{
	const int size = OUTPUT_BUFFER;
	(void)setsockopt(STDOUT_FILENO, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
}

int op_pack(struct state *state, const struct field *f)
{
	static const uint32_t end[ENTRY_HEAD / 4] = { ENTRY_END };
	struct pack pack = { 0 };
	int root = slot_get(state, f[PACK_SLOT].number);
	int error = root < 0 ? root : path_set(&pack.walk.path, "");
	widen_output();
	if (!error)
		error = pack_top(&pack, root, field_text(&f[PACK_PATH]));
	if (!error)
		error = pack_entered(&pack);
	if (!error)
		error = put(&pack, end, sizeof end);
	if (!error)
		error = flush(&pack);
	if (error)
		fail(state, error, pack.walk.path.text);
	free(pack.out.bytes);
	free(pack.attributes.bytes);
	seen_free(&pack.seen);
	walk_free(&pack.walk);
	return error;
}
