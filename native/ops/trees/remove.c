/*
 * Removes trees of any depth: by fds, never through a link. Neither the stack nor the fds grow with the tree: what lies too
 * deep is first moved up to the top of what is removed.
 */
#include "ops/trees/remove.h"
#include "core/state.h"
#include "core/sys.h"
#include "ops/beneath.h"
#include "ops/operations.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

/* Folders that are open at once. */
#define DEPTH_MAX 64u
/* Whoever fills a folder while it is removed wins after so many tries. */
#define TRIES 8

struct removal {
	int top; /* the folder that is removed; -1 until it is open */
	unsigned moved; /* names there that we made */
};

static int remove_folder(struct removal *removal, int parent, const char *name, unsigned depth);

/* Takes a folder that lies too deep up to the top, under a name that is free there. */
static int move_up(struct removal *removal, int parent, const char *name)
{
	char free_name[32];
	for (;;) {
		snprintf(free_name, sizeof free_name, ".removed-%u", removal->moved++);
		if (!renameat2(parent, name, removal->top, free_name, RENAME_NOREPLACE))
			return 0;
		if (errno != EEXIST)
			return errno == ENOENT ? 0 : -errno;
	}
}

static int remove_entry(struct removal *removal, int parent, const char *name, unsigned depth)
{
	if (!unlinkat(parent, name, 0) || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	return depth < DEPTH_MAX ? remove_folder(removal, parent, name, depth) : move_up(removal, parent, name);
}

/* Removes what is in a folder now; its fd goes with the stream. */
static int remove_content(struct removal *removal, int folder, unsigned depth)
{
	DIR *stream = fdopendir(folder);
	struct dirent *entry;
	int error = 0;
	if (!stream) {
		error = -errno;
		close(folder);
		return error;
	}
	if (!depth)
		removal->top = folder;
	while (!error && (errno = 0, entry = readdir(stream)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			error = remove_entry(removal, folder, entry->d_name, depth + 1);
	if (!error && errno)
		error = -errno;
	closedir(stream);
	return error;
}

static int remove_folder(struct removal *removal, int parent, const char *name, unsigned depth)
{
	/* Once more when there is something again: what was moved up, and what a file system did not list. */
	for (unsigned tries = 0, moved = removal->moved;; tries++) {
		int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (folder < 0)
			return errno == ENOENT ? 0 : -errno;
		int error = remove_content(removal, folder, depth);
		if (error || !unlinkat(parent, name, AT_REMOVEDIR) || errno == ENOENT)
			return error;
		if ((errno != ENOTEMPTY && errno != EEXIST) || (tries >= TRIES && moved == removal->moved))
			return -errno;
		moved = removal->moved;
	}
}

int remove_tree(int parent, const char *name)
{
	struct removal removal = { .top = -1 };
	return remove_entry(&removal, parent, name, 0);
}

int op_remove_tree(struct state *state, const struct field *f)
{
	const char *path = field_text(&f[REMOVE_TREE_PATH]), *name;
	int root = slot_get(state, f[REMOVE_TREE_SLOT].number);
	if (root < 0)
		return root;
	int there = beneath_open(root, path, O_PATH | O_NOFOLLOW);
	if (there < 0)
		return there == -ENOENT ? 0 : there;
	close(there);
	int parent = beneath_parent(root, path, &name);
	if (parent < 0)
		return parent;
	int error = remove_tree(parent, name);
	close(parent);
	return error;
}
