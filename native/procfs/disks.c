/* /proc/diskstats of a container: the host's disks that it used, with what it read and wrote. Times are not counted by group. */
#include "procfs/disks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Disks that are told of at most. */
#define DISKS_MAX 128
#define SECTOR 512

struct disk {
	unsigned major, minor;
	uint64_t reads, read_bytes, writes, written_bytes;
};

struct disks {
	struct disk all[DISKS_MAX];
	size_t count;
};

static struct disk *disk_of(struct disks *disks, unsigned major, unsigned minor, bool make)
{
	for (size_t i = 0; i < disks->count; i++)
		if (disks->all[i].major == major && disks->all[i].minor == minor)
			return &disks->all[i];
	if (!make || disks->count == DISKS_MAX)
		return NULL;
	disks->all[disks->count] = (struct disk){ .major = major, .minor = minor };
	return &disks->all[disks->count++];
}

/* v2: `8:0 rbytes=1 wbytes=2 rios=3 wios=4 …`. */
static void take_pairs(struct disk *disk, const char *text)
{
	struct {
		const char *key;
		uint64_t *value;
	} const pairs[] = { { " rbytes=", &disk->read_bytes }, { " wbytes=", &disk->written_bytes },
			    { " rios=", &disk->reads }, { " wios=", &disk->writes } };
	size_t length = strcspn(text, "\n");
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		const char *at = strstr(text, pairs[i].key);
		if (at && at < text + length)
			*pairs[i].value = strtoull(at + strlen(pairs[i].key), NULL, 10);
	}
}

/* v1: `8:0 Read 4096`, in two files. */
static void take_word(struct disk *disk, const char *text, bool bytes)
{
	if (!strncmp(text, " Read ", 6))
		*(bytes ? &disk->read_bytes : &disk->reads) = strtoull(text + 6, NULL, 10);
	if (!strncmp(text, " Write ", 7))
		*(bytes ? &disk->written_bytes : &disk->writes) = strtoull(text + 7, NULL, 10);
}

static void take_lines(const struct sources *sources, enum source source, struct disks *disks)
{
	source_text(sources, source);
	for (const char *line = sources->scratch; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		unsigned major, minor;
		int length;
		struct disk *disk;
		if (sscanf(line, "%u:%u%n", &major, &minor, &length) != 2 || !(disk = disk_of(disks, major, minor, true)))
			continue;
		if (source == IO_STAT)
			take_pairs(disk, line + length);
		else
			take_word(disk, line + length, source == IO_BYTES);
	}
}

void disks_stat(const struct sources *sources, struct page *text)
{
	struct disks disks = { .count = 0 };
	take_lines(sources, IO_STAT, &disks);
	take_lines(sources, IO_BYTES, &disks);
	take_lines(sources, IO_OPERATIONS, &disks);
	source_text(sources, HOST_DISKS);
	for (const char *line = sources->scratch; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		unsigned major, minor;
		char name[33];
		if (sscanf(line, "%u %u %32s", &major, &minor, name) != 3)
			continue;
		const struct disk *disk = disk_of(&disks, major, minor, false);
		if (disk)
			say(text, "%4u %7u %s %llu 0 %llu 0 %llu 0 %llu 0 0 0 0 0 0 0 0 0 0\n", major, minor, name,
			    (unsigned long long)disk->reads, (unsigned long long)(disk->read_bytes / SECTOR),
			    (unsigned long long)disk->writes, (unsigned long long)(disk->written_bytes / SECTOR));
	}
}
