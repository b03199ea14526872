/* Walks trees of any depth: neither the stack nor the fds grow with the tree. */
#ifndef TSCOMPOSE_WALK_H
#define TSCOMPOSE_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A folder on the way down; deep ones close those far above, which are opened again by `..` and known by their inode. */
struct place {
	int fd; /* -1: closed meanwhile */
	dev_t device;
	ino_t inode;
	bool mark; /* the walker's own */
	bool pinned; /* `..` of what is below does not lead here */
};

struct places {
	struct place *items;
	size_t count;
	size_t capacity;
};

/* Goes into a folder whose fd is given up; `pinned`: the one above cannot be come back to by `..`. */
int places_push(struct places *places, int fd, bool pinned);
/* Goes back to the folder above. -ESTALE: the tree was moved meanwhile. */
int places_pop(struct places *places);
void places_free(struct places *places);

static inline struct place *places_top(const struct places *places)
{
	return &places->items[places->count - 1];
}

/* The names in a folder on the way, sorted by their bytes. */
struct listing {
	char *bytes;
	const char **sorted;
	size_t length;
	size_t count;
	size_t next;
};

/* A path that grows without bound but memory's. */
struct path {
	char *text;
	size_t length;
	size_t capacity;
};

struct walk {
	struct places places;
	struct listing *listings;
	size_t capacity;
	size_t held; /* bytes of all names */
	struct path path; /* from the top, of the present entry */
};

/* Goes into a folder, whose fd (open for reading) is given up. */
int walk_enter(struct walk *walk, int fd);
/* The next name in the present folder, put at the end of the path; NULL when there is none. */
int walk_next(struct walk *walk, const char **name);
/* Takes the name off the path again: the entry is done with. */
void walk_done(struct walk *walk);
/* Leaves the present folder; the path stays as it was when it was entered. */
int walk_leave(struct walk *walk);
void walk_free(struct walk *walk);

int path_set(struct path *path, const char *text);
int path_append(struct path *path, const char *name);

#endif
