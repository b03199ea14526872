/*
 * Makes the files of an archive beneath a root, from entries that come framed on the fd of the program. Names are resolved at
 * each entry by one openat2 beneath the root, and then only the fds of the parent and of the new object are used. So links
 * that an entry made lead nowhere else.
 */
#include "core/state.h"
#include "core/sys.h"
#include "ops/beneath.h"
#include "ops/operations.h"
#include "ops/trees/connection.h"
#include "ops/trees/entries.h"
#include "ops/trees/files.h"
#include "ops/trees/remove.h"

#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

struct unpack {
	struct state *state;
	struct source source;
	int root;
	bool keep_kinds; /* a folder is not replaced by something else, nor something else by a folder */
	uid_t uid; /* ABSENT: as the entry says */
	gid_t gid;
	mode_t mode;
	char path[PATH_MAX]; /* of the entry, from the root */
	size_t base; /* length of the folder that is unpacked to */
	int parent; /* the last one that was open, by its path; -1: none */
	char parent_path[PATH_MAX];
	bool stale; /* something was taken away since, which the path may have led through */
};

/* A relative path without empty parts, `.` and `..`: they are resolved where the archive is read. */
static bool clean(const char *path)
{
	for (;;) {
		size_t length = strcspn(path, "/");
		if (!length || length > NAME_MAX || (length == 1 && *path == '.') || (length == 2 && !memcmp(path, "..", 2)))
			return false;
		path += length;
		if (!*path)
			return true;
		path++;
	}
}

static int set_path(struct unpack *unpack, char path[PATH_MAX], const char *name)
{
	size_t length = strlen(name);
	if (!clean(name))
		return -EINVAL;
	if (length >= PATH_MAX - 1 - unpack->base)
		return -ENAMETOOLONG;
	/* The path of an entry is a buffer of its own or the one that has the base already. */
	memmove(path, unpack->path, unpack->base);
	path[unpack->base] = '/';
	memcpy(path + unpack->base + 1, name, length + 1);
	return 0;
}

static void forget_parent(struct unpack *unpack)
{
	if (unpack->parent >= 0)
		close(unpack->parent);
	unpack->parent = -1;
	unpack->stale = false;
}

/* The open parent of the present path, made when missing; the one of before when it is the same. */
static int parent_of(struct unpack *unpack, const char **name)
{
	char *slash = strrchr(unpack->path, '/');
	*name = slash + 1;
	size_t length = (size_t)(slash - unpack->path);
	if (unpack->parent >= 0 && !unpack->stale &&
	    !strncmp(unpack->parent_path, unpack->path, length) && !unpack->parent_path[length])
		return unpack->parent;
	forget_parent(unpack);
	memcpy(unpack->parent_path, unpack->path, length);
	unpack->parent_path[length] = 0;
	const char *path = length ? unpack->parent_path : "/";
	unpack->parent = beneath_open(unpack->root, path, O_PATH | O_DIRECTORY);
	if (unpack->parent == -ENOENT)
		unpack->parent = beneath_folder(unpack->root, path, 0755, 0, 0);
	return unpack->parent;
}

/* Takes away what has the name of a new entry; a folder stays for a folder. */
static int make_way(struct unpack *unpack, int parent, const char *name, bool is_folder)
{
	struct stat info;
	if (fstatat(parent, name, &info, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(info.st_mode) && is_folder)
		return 0;
	if (unpack->keep_kinds && S_ISDIR(info.st_mode) != is_folder)
		return is_folder ? -ENOTDIR : -EISDIR;
	unpack->stale = true;
	return remove_tree(parent, name);
}

/* `path` names an object that cannot be opened; without it the fd is open. */
static int set_attributes(const struct entry *entry, int fd, const char *path)
{
	const uint8_t *at = entry->attributes;
	for (uint32_t i = 0; i < entry->attribute_count; i++) {
		uint32_t name = load_u32(at), size = load_u32(at + 4);
		const char *key = (const char *)at + 8;
		const uint8_t *value = at + 8 + name + 1;
		int result = path ? setxattr(path, key, value, size, 0) : fsetxattr(fd, key, value, size, 0);
		/* A file system, or a kind of file, without such attributes is no reason to fail: as Docker. */
		if (result && errno != ENOTSUP && errno != EPERM)
			return -errno;
		at = value + size;
	}
	return 0;
}

/* Owner, attributes, mode, times: in this order, for each of the first clears some of the next. */
static int finish(const struct entry *entry, int fd)
{
	if (fchown(fd, entry->uid, entry->gid))
		return -errno;
	int error = set_attributes(entry, fd, NULL);
	if (!error && (fchmod(fd, entry->mode) || futimens(fd, entry->times)))
		error = -errno;
	return error;
}

/* The same for what must not be opened: by an O_PATH fd, whose path in /proc leads to it and nowhere else. */
static int finish_closed(const struct entry *entry, int parent, const char *name)
{
	struct stat info;
	char path[32];
	int fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	path_of_fd(fd, path);
	int error = fstat(fd, &info) ? -errno : 0;
	/* A further name of a file with capabilities must not cost it those. */
	bool owned = !error && info.st_uid == entry->uid && info.st_gid == entry->gid;
	if (!error && !owned && fchownat(fd, "", entry->uid, entry->gid, AT_EMPTY_PATH))
		error = -errno;
	if (!error)
		error = set_attributes(entry, fd, path);
	/* A symbolic link has no mode. */
	if (!error && !S_ISLNK(info.st_mode) && chmod(path, entry->mode))
		error = -errno;
	if (!error && utimensat(AT_FDCWD, path, entry->times, 0))
		error = -errno;
	close(fd);
	if (error)
		unlinkat(parent, name, 0);
	return error;
}

/*
 * Whoever sent a large file writes its content to the file itself. It is known by its inode, since a process of this number may be
 * another by then.
 */
static int tell_file(int fd)
{
	struct stat info;
	if (fstat(fd, &info))
		return -errno;
	const uint64_t told[] = { (uint32_t)getpid() | (uint64_t)(uint32_t)fd << 32, info.st_dev, info.st_ino };
	_Static_assert(sizeof told == ENTRY_TOLD, "what is told of a file");
	return tell(told, sizeof told);
}

static int make_file(struct unpack *unpack, struct entry *entry, int parent, const char *name)
{
	uint8_t *attributes = NULL;
	int fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	/* They are set last, for writing clears capabilities; the content takes their place in the buffer. */
	if (entry->attribute_count) {
		attributes = malloc(entry->attribute_length);
		if (attributes)
			memcpy(attributes, entry->attributes, entry->attribute_length);
		entry->attributes = attributes;
	}
	int error = entry->attribute_count && !attributes ? -ENOMEM : 0;
	if (!error && entry->kind == ENTRY_LARGE_FILE)
		error = tell_file(fd);
	if (!error)
		error = entry->kind == ENTRY_FILE ? write_content(&unpack->source, fd, entry->size)
						  : await_content(&unpack->source, fd, entry->size);
	if (!error)
		error = finish(entry, fd);
	free(attributes);
	close(fd);
	/* Nothing is there by halves. */
	if (error)
		unlinkat(parent, name, 0);
	return error;
}

/* The folder, which may be there already: then it becomes what the entry says. */
static int make_folder(const struct entry *entry, int parent, const char *name)
{
	if (mkdirat(parent, name, 0700) && errno != EEXIST)
		return -errno;
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOTDIR || errno == ELOOP ? -EEXIST : -errno;
	int error = finish(entry, fd);
	close(fd);
	return error;
}

/* A further name of a file, or of a link: where that leads is not followed. */
static int make_link(struct unpack *unpack, const struct entry *entry, int parent, const char *name)
{
	char path[PATH_MAX];
	int error = set_path(unpack, path, entry->target);
	int fd = error ? error : beneath_open(unpack->root, path, O_PATH | O_NOFOLLOW);
	if (fd < 0)
		return fd;
	error = linkat(fd, "", parent, name, AT_EMPTY_PATH) ? -errno : 0;
	close(fd);
	return error;
}

static int make_node(const struct entry *entry, int parent, const char *name)
{
	mode_t type = entry->kind == ENTRY_CHAR ? S_IFCHR : entry->kind == ENTRY_BLOCK ? S_IFBLK : S_IFIFO;
	/* Nobody's until it has its owner and mode. */
	int error = mknodat(parent, name, type, type == S_IFIFO ? 0 : entry->device) ? -errno : 0;
	return error ? error : finish_closed(entry, parent, name);
}

/* Makes the entry; -EEXIST when something else has its name. */
static int make(struct unpack *unpack, struct entry *entry, int parent, const char *name)
{
	int error;
	switch (entry->kind) {
	case ENTRY_FILE:
	case ENTRY_LARGE_FILE: return make_file(unpack, entry, parent, name);
	case ENTRY_FOLDER: return make_folder(entry, parent, name);
	case ENTRY_LINK:
		error = make_link(unpack, entry, parent, name);
		break;
	case ENTRY_SYMLINK:
		error = symlinkat(entry->target, parent, name) ? -errno : 0;
		break;
	default: return make_node(entry, parent, name);
	}
	return error ? error : finish_closed(entry, parent, name);
}

static int set_folder_time(struct unpack *unpack, const struct entry *entry)
{
	int fd = beneath_open(unpack->root, unpack->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	/* Something else took its place meanwhile. */
	if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP)
		return 0;
	if (fd < 0)
		return fd;
	int error = futimens(fd, entry->times) ? -errno : 0;
	close(fd);
	return error;
}

static int place(struct unpack *unpack, struct entry *entry)
{
	const char *name;
	int error = set_path(unpack, unpack->path, entry->name);
	if (error)
		return error;
	if (entry->kind == ENTRY_FOLDER_TIME)
		return set_folder_time(unpack, entry);
	entry->uid = unpack->uid == ABSENT ? entry->uid : unpack->uid;
	entry->gid = unpack->gid == ABSENT ? entry->gid : unpack->gid;
	entry->mode = unpack->mode == ABSENT ? entry->mode : unpack->mode & 07777;
	int parent = parent_of(unpack, &name);
	if (parent < 0)
		return parent;
	error = make(unpack, entry, parent, name);
	if (error != -EEXIST)
		return error;
	error = make_way(unpack, parent, name, entry->kind == ENTRY_FOLDER);
	return error ? error : make(unpack, entry, parent, name);
}

static int unpack_all(struct unpack *unpack)
{
	for (;;) {
		struct entry entry;
		int error = read_entry(&unpack->source, &entry);
		if (error)
			return fail(unpack->state, error, "entries of the archive");
		if (entry.kind == ENTRY_END)
			return 0;
		error = place(unpack, &entry);
		if (error)
			return fail(unpack->state, error, unpack->path + unpack->base + 1);
	}
}

int op_unpack(struct state *state, const struct field *f)
{
	size_t base = f[UNPACK_PATH].length;
	if (state->input < 0)
		return fail(state, EBADF, "no entries can come in this mode");
	if (base >= PATH_MAX)
		return -ENAMETOOLONG;
	struct unpack *unpack = calloc(1, sizeof *unpack);
	if (!unpack)
		return -ENOMEM;
	unpack->state = state;
	unpack->root = slot_get(state, f[UNPACK_SLOT].number);
	unpack->keep_kinds = f[UNPACK_KEEP_KINDS].number;
	unpack->uid = (uid_t)f[UNPACK_UID].number;
	unpack->gid = (gid_t)f[UNPACK_GID].number;
	unpack->mode = (mode_t)f[UNPACK_MODE].number;
	unpack->parent = -1;
	memcpy(unpack->path, field_text(&f[UNPACK_PATH]), base);
	while (base && unpack->path[base - 1] == '/')
		base--;
	unpack->path[base] = 0;
	unpack->base = base;
	int error = unpack->root < 0 ? unpack->root : source_open(&unpack->source, state->input);
	/* It may not have been allowed. */
	if (!error && f[UNPACK_CONNECTION].number < SLOT_MAX)
		unpack->source.connection = state->slots[f[UNPACK_CONNECTION].number];
	if (!error)
		error = unpack_all(unpack);
	forget_parent(unpack);
	free(unpack->source.bytes);
	free(unpack);
	return error;
}
