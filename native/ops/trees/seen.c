/* Files of several names, found by device and inode in a table that grows: never compared with each other. */
#include "ops/trees/seen.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What is remembered at most: beyond it further names become files of their own. */
#define BYTES_MAX (256u * 1024 * 1024)

struct seen {
	dev_t device;
	ino_t inode;
	char *path; /* NULL: free */
};

static size_t place_of(const struct seen *slots, size_t capacity, dev_t device, ino_t inode)
{
	uint64_t mixed = ((uint64_t)inode ^ ((uint64_t)device << 32)) * 0x9e3779b97f4a7c15u;
	size_t at = (size_t)(mixed >> 20) & (capacity - 1);
	while (slots[at].path && (slots[at].inode != inode || slots[at].device != device))
		at = (at + 1) & (capacity - 1);
	return at;
}

const char *seen_find(const struct seen_files *files, const struct stat *info)
{
	return files->capacity ? files->slots[place_of(files->slots, files->capacity, info->st_dev, info->st_ino)].path
			       : NULL;
}

/* Kept at most half full, so that a search ends soon. */
static bool has_room(struct seen_files *files)
{
	if (files->count * 2 < files->capacity)
		return true;
	size_t capacity = files->capacity ? files->capacity * 2 : 256;
	if (capacity > BYTES_MAX / sizeof(struct seen))
		return false;
	struct seen *slots = calloc(capacity, sizeof *slots);
	if (!slots)
		return false;
	for (size_t i = 0; i < files->capacity; i++)
		if (files->slots[i].path)
			slots[place_of(slots, capacity, files->slots[i].device, files->slots[i].inode)] = files->slots[i];
	free(files->slots);
	files->slots = slots;
	files->capacity = capacity;
	return true;
}

void seen_remember(struct seen_files *files, const struct stat *info, const char *path)
{
	size_t size = strlen(path) + 1;
	if (size > BYTES_MAX - files->bytes || !has_room(files))
		return;
	struct seen *slot = &files->slots[place_of(files->slots, files->capacity, info->st_dev, info->st_ino)];
	char *copy = slot->path ? NULL : strdup(path);
	if (!copy)
		return;
	*slot = (struct seen){ info->st_dev, info->st_ino, copy };
	files->count++;
	files->bytes += size;
}

void seen_free(struct seen_files *files)
{
	for (size_t i = 0; i < files->capacity; i++)
		free(files->slots[i].path);
	free(files->slots);
}
