/* Files of several names, by what they are: what was remembered of the first. */
#ifndef TSCOMPOSE_SEEN_H
#define TSCOMPOSE_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct seen;

struct seen_files {
	struct seen *slots;
	size_t capacity;
	size_t count;
	size_t bytes;
};

const char *seen_find(const struct seen_files *files, const struct stat *info);
/* Without memory a file is forgotten: its other names become files of their own. */
void seen_remember(struct seen_files *files, const struct stat *info, const char *path);
void seen_free(struct seen_files *files);

#endif
