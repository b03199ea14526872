#include "ops/trees/walk.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

/* Folders that are open at once. */
#define OPEN_MAX 64u
/* Bytes of names on one way down, and of a path. */
#define NAMES_MAX (512u * 1024 * 1024)
#define PATH_LIMIT (16u * 1024 * 1024)

/* Doubles an array until it has room for one more. */
static int grow(void **items, size_t *capacity, size_t count, size_t size)
{
	if (count < *capacity)
		return 0;
	size_t wanted = *capacity ? *capacity * 2 : 32;
	void *grown = reallocarray(*items, wanted, size);
	if (!grown)
		return -ENOMEM;
	*items = grown;
	*capacity = wanted;
	return 0;
}

int places_push(struct places *places, int fd, bool pinned)
{
	struct stat info;
	int error = fstat(fd, &info) ? -errno : grow((void **)&places->items, &places->capacity, places->count, sizeof *places->items);
	if (error) {
		close(fd);
		return error;
	}
	if (places->count && pinned)
		places_top(places)->pinned = true;
	if (places->count >= OPEN_MAX) {
		struct place *far = &places->items[places->count - OPEN_MAX];
		if (!far->pinned && far->fd >= 0) {
			close(far->fd);
			far->fd = -1;
		}
	}
	places->items[places->count++] = (struct place){ .fd = fd, .device = info.st_dev, .inode = info.st_ino };
	return 0;
}

static int reopen(struct place *place, int below)
{
	struct stat info;
	int fd = openat(below, "..", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &info) || info.st_dev != place->device || info.st_ino != place->inode) {
		close(fd);
		return -ESTALE;
	}
	place->fd = fd;
	return 0;
}

int places_pop(struct places *places)
{
	struct place *top = places_top(places);
	int error = places->count > 1 && top[-1].fd < 0 ? reopen(&top[-1], top->fd) : 0;
	close(top->fd);
	places->count--;
	return error;
}

void places_free(struct places *places)
{
	while (places->count) {
		int fd = places_top(places)->fd;
		if (fd >= 0)
			close(fd);
		places->count--;
	}
	free(places->items);
}

int path_set(struct path *path, const char *text)
{
	path->length = 0;
	size_t length = strlen(text);
	if (length >= PATH_LIMIT)
		return -ENAMETOOLONG;
	if (length + 1 > path->capacity) {
		char *grown = realloc(path->text, length + 4096);
		if (!grown)
			return -ENOMEM;
		path->text = grown;
		path->capacity = length + 4096;
	}
	memcpy(path->text, text, length + 1);
	path->length = length;
	return 0;
}

int path_append(struct path *path, const char *name)
{
	size_t length = strlen(name), wanted = path->length + length + 2;
	if (wanted > PATH_LIMIT)
		return -ENAMETOOLONG;
	if (wanted > path->capacity) {
		char *grown = realloc(path->text, wanted * 2);
		if (!grown)
			return -ENOMEM;
		path->text = grown;
		path->capacity = wanted * 2;
	}
	if (path->length)
		path->text[path->length++] = '/';
	memcpy(path->text + path->length, name, length + 1);
	path->length += length;
	return 0;
}

static void path_cut(struct path *path)
{
	char *slash = path->length ? strrchr(path->text, '/') : NULL;
	path->length = slash ? (size_t)(slash - path->text) : 0;
	if (path->text)
		path->text[path->length] = 0;
}

static int add_name(struct names *names, size_t *capacity, const char *name, size_t *held)
{
	size_t size = strlen(name) + 1;
	if (size > NAMES_MAX - *held)
		return -ENOMEM;
	if (names->length + size > *capacity) {
		size_t wanted = *capacity * 2 + size + 1024;
		char *grown = realloc(names->bytes, wanted);
		if (!grown)
			return -ENOMEM;
		names->bytes = grown;
		*capacity = wanted;
	}
	memcpy(names->bytes + names->length, name, size);
	names->length += size;
	names->count++;
	*held += size;
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int sort_names(struct names *names)
{
	names->sorted = calloc(names->count ? names->count : 1, sizeof *names->sorted);
	if (!names->sorted)
		return -ENOMEM;
	const char *at = names->bytes;
	for (size_t i = 0; i < names->count; i++, at += strlen(at) + 1)
		names->sorted[i] = at;
	qsort(names->sorted, names->count, sizeof *names->sorted, by_bytes);
	return 0;
}

/* All names of a folder at once: nothing is open while what is below is walked. */
static int read_names(struct names *names, int folder, size_t *held)
{
	struct dirent *entry;
	size_t capacity = 0;
	int error = 0, again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = again < 0 ? NULL : fdopendir(again);
	if (!stream) {
		error = -errno;
		if (again >= 0)
			close(again);
		return error;
	}
	while (!error && (errno = 0, entry = readdir(stream)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			error = add_name(names, &capacity, entry->d_name, held);
	if (!error && errno)
		error = -errno;
	closedir(stream);
	return error ? error : sort_names(names);
}

static void free_names(struct walk *walk, struct names *names)
{
	walk->held -= names->length;
	free(names->bytes);
	free(names->sorted);
}

int walk_enter(struct walk *walk, int fd)
{
	struct names names = { 0 };
	int error = grow((void **)&walk->names, &walk->capacity, walk->places.count, sizeof *walk->names);
	if (!error)
		error = read_names(&names, fd, &walk->held);
	if (error) {
		close(fd);
		free_names(walk, &names);
		return error;
	}
	error = places_push(&walk->places, fd, false);
	if (error)
		free_names(walk, &names);
	else
		walk->names[walk->places.count - 1] = names;
	return error;
}

int walk_next(struct walk *walk, const char **name)
{
	struct names *names = &walk->names[walk->places.count - 1];
	*name = names->next < names->count ? names->sorted[names->next++] : NULL;
	return *name ? path_append(&walk->path, *name) : 0;
}

int walk_leave(struct walk *walk)
{
	free_names(walk, &walk->names[walk->places.count - 1]);
	return places_pop(&walk->places);
}

void walk_done(struct walk *walk)
{
	path_cut(&walk->path);
}

void walk_free(struct walk *walk)
{
	for (size_t i = 0; i < walk->places.count; i++)
		free_names(walk, &walk->names[i]);
	places_free(&walk->places);
	free(walk->names);
	free(walk->path.text);
}
