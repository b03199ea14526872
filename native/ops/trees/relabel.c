/* Labels of SELinux on what lies in a tree, by descriptors: a link is labelled itself, and leads nowhere. */
#include "core/state.h"
#include "core/sys.h"
#include "ops/beneath.h"
#include "ops/operations.h"
#include "ops/trees/files.h"
#include "ops/trees/walk.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#define LABEL "security.selinux"

/* What has the label already is left alone: to set one costs a write, and an overlay a copy. The kernel tells it with a NUL at its end. */
static bool has_label(const char *path, const struct field *label)
{
	char now[1024];
	ssize_t size = getxattr(path, LABEL, now, sizeof now);
	size_t length = size > 0 && !now[size - 1] ? (size_t)size - 1 : size > 0 ? (size_t)size : 0;
	return length == label->length && !memcmp(now, label->data, length);
}

/* A file system that keeps no labels has one for all that is in it. */
static int label_place(int place, const struct field *label)
{
	char path[32];
	path_of_fd(place, path);
	if (has_label(path, label) || !setxattr(path, LABEL, label->data, label->length, 0))
		return 0;
	return errno == EOPNOTSUPP ? 0 : -errno;
}

/* Labels a place, whose fd is given up; a folder is entered. */
static int label_entry(struct walk *walk, int place, const struct field *label)
{
	struct stat info;
	int error = fstat(place, &info) ? -errno : label_place(place, label);
	int folder = -1;
	if (!error && S_ISDIR(info.st_mode) && (folder = openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		error = -errno;
	close(place);
	if (!error && folder >= 0)
		return walk_enter(walk, folder);
	if (!error && walk->places.count)
		walk_done(walk);
	return error;
}

/* What has gone meanwhile needs none. */
static int next_entry(struct walk *walk, const char *name, const struct field *label)
{
	int place = openat(places_top(&walk->places)->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (place >= 0)
		return label_entry(walk, place, label);
	walk_done(walk);
	return errno == ENOENT ? 0 : -errno;
}

int op_relabel(struct state *state, const struct field *f)
{
	struct walk walk = { 0 };
	const struct field *label = &f[RELABEL_LABEL];
	uint64_t slot = f[RELABEL_SLOT].number;
	int root = slot == ABSENT ? state->root : slot_get(state, slot);
	int place = root < 0 ? -EBADF : beneath_open(root, field_text(&f[RELABEL_PATH]), O_PATH);
	int error = place < 0 ? place : label_entry(&walk, place, label);
	while (!error && walk.places.count) {
		const char *name;
		error = walk_next(&walk, &name);
		if (!error && name)
			error = next_entry(&walk, name, label);
		else if (!error && !(error = walk_leave(&walk)))
			walk_done(&walk);
	}
	bool ignored = error && field_has(&f[RELABEL_IGNORE], -error);
	if (error && !ignored)
		fail(state, error, walk.path.text);
	walk_free(&walk);
	return ignored ? 0 : error;
}
