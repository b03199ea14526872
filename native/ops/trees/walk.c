#include "ops/trees/walk.h"
#include "core/sys.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

static int add_name(struct listing *listing, size_t *capacity, const char *name, size_t *held)
{
	size_t size = strlen(name) + 1;
	if (size > NAMES_MAX - *held)
		return -ENOMEM;
	if (listing->length + size > *capacity) {
		size_t wanted = *capacity * 2 + size + 1024;
		char *grown = realloc(listing->bytes, wanted);
		if (!grown)
			return -ENOMEM;
		listing->bytes = grown;
		*capacity = wanted;
	}
	memcpy(listing->bytes + listing->length, name, size);
	listing->length += size;
	listing->count++;
	*held += size;
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int sort_names(struct listing *listing)
{
	listing->sorted = calloc(listing->count ? listing->count : 1, sizeof *listing->sorted);
	if (!listing->sorted)
		return -ENOMEM;
	const char *at = listing->bytes;
	for (size_t i = 0; i < listing->count; i++, at += strlen(at) + 1)
		listing->sorted[i] = at;
	qsort(listing->sorted, listing->count, sizeof *listing->sorted, by_bytes);
	return 0;
}

/* All names of a folder at once: nothing is open while what is below is walked. */
static int read_names(struct listing *listing, int folder, size_t *held)
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
			error = add_name(listing, &capacity, entry->d_name, held);
	if (!error && errno)
		error = -errno;
	closedir(stream);
	return error ? error : sort_names(listing);
}

static void free_names(struct walk *walk, struct listing *listing)
{
	walk->held -= listing->length;
	free(listing->bytes);
	free(listing->sorted);
}

int walk_enter(struct walk *walk, int fd)
{
	struct listing listing = { 0 };
	int error = grow((void **)&walk->listings, &walk->capacity, walk->places.count, sizeof *walk->listings);
	if (!error)
		error = read_names(&listing, fd, &walk->held);
	if (error) {
		close(fd);
		free_names(walk, &listing);
		return error;
	}
	error = places_push(&walk->places, fd, false);
	if (error)
		free_names(walk, &listing);
	else
		walk->listings[walk->places.count - 1] = listing;
	return error;
}

int walk_next(struct walk *walk, const char **name)
{
	struct listing *listing = &walk->listings[walk->places.count - 1];
	*name = listing->next < listing->count ? listing->sorted[listing->next++] : NULL;
	return *name ? path_append(&walk->path, *name) : 0;
}

int walk_leave(struct walk *walk)
{
	free_names(walk, &walk->listings[walk->places.count - 1]);
	return places_pop(&walk->places);
}

void walk_done(struct walk *walk)
{
	path_cut(&walk->path);
}

void walk_free(struct walk *walk)
{
	for (size_t i = 0; i < walk->places.count; i++)
		free_names(walk, &walk->listings[i]);
	places_free(&walk->places);
	free(walk->listings);
	free(walk->path.text);
}
