/*
 * /proc/meminfo and /proc/swaps of a container: the host's lines in the host's order, with the group's numbers wherever the group
 * has any. A container that is held to no memory sees the host's.
 */
#include "procfs/memory.h"

#include <stdlib.h>
#include <string.h>

/* What memory.stat calls things in the two layouts; v1's with those of the groups below. */
enum { CACHE, ANON, ACTIVE_ANON, INACTIVE_ANON, ACTIVE_FILE, INACTIVE_FILE, UNEVICTABLE, SHMEM, MAPPED, DIRTY, WRITEBACK, SWAPCACHED,
       RECLAIMABLE, UNRECLAIMABLE, STACK, TABLES, HUGE, STATS };
static const char *const names_v1[STATS] = { "total_cache", "total_rss", "total_active_anon", "total_inactive_anon",
	"total_active_file", "total_inactive_file", "total_unevictable", "total_shmem", "total_mapped_file", "total_dirty",
	"total_writeback", "total_swapcached", "-", "-", "-", "-", "total_rss_huge" };
static const char *const names_v2[STATS] = { "file", "anon", "active_anon", "inactive_anon", "active_file", "inactive_file",
	"unevictable", "shmem", "file_mapped", "file_dirty", "file_writeback", "swapcached", "slab_reclaimable",
	"slab_unreclaimable", "kernel_stack", "pagetables", "anon_thp" };

/* Bytes. */
struct memory {
	uint64_t total, free, available, swap, swap_free;
	uint64_t stat[STATS];
};

/* The number of a line `key: N kB` of the host's, in bytes. */
static uint64_t host_bytes(const struct sources *sources, const char *key)
{
	source_text(sources, HOST_MEMORY);
	const char *at = strstr(sources->scratch, key);
	return at ? strtoull(at + strlen(key), NULL, 10) << 10 : 0;
}

/* v1 limits memory and swap together, v2 swap alone. */
static void swap_of(const struct sources *sources, struct memory *memory, uint64_t usage)
{
	uint64_t host = host_bytes(sources, "SwapTotal:");
	uint64_t limit = source_number(sources, SWAP_LIMIT), used = known(source_number(sources, SWAP_USAGE));
	if (sources->shared->together) {
		limit = limit == UNKNOWN ? host : minus(limit, memory->total);
		used = minus(used, usage);
	}
	memory->swap = least(host, limit);
	memory->swap_free = minus(memory->swap, used);
}

/* False when no group is held to less than the machine has. */
static bool memory_of(const struct sources *sources, struct memory *memory)
{
	uint64_t host = host_bytes(sources, "MemTotal:"), usage = known(source_number(sources, MEMORY_USAGE));
	uint64_t own = source_number(sources, MEMORY_LIMIT), budget = source_number(sources, BUDGET_MEMORY_LIMIT);
	memory->total = least(host, least(own, budget));
	if (!host || memory->total == host)
		return false;
	memory->free = least(minus(own, usage), minus(budget, known(source_number(sources, BUDGET_MEMORY_USAGE))));
	memory->free = least(memory->free, minus(memory->total, usage));
	swap_of(sources, memory, usage);
	source_table(sources, MEMORY_STAT, sources->shared->together ? names_v1 : names_v2, STATS, memory->stat);
	for (int i = 0; i < STATS; i++)
		memory->stat[i] = known(memory->stat[i]);
	const uint64_t *stat = memory->stat;
	memory->available = memory->free + stat[ACTIVE_FILE] + stat[INACTIVE_FILE] + stat[RECLAIMABLE];
	memory->available = least(memory->available, memory->total);
	return true;
}

/* What the container has of a line of the host's; UNKNOWN: it is the host's. */
static uint64_t of_line(const struct memory *memory, const char *line, size_t length)
{
	const uint64_t *s = memory->stat;
	const struct {
		const char *key;
		uint64_t bytes;
	} known_lines[] = {
		{ "MemTotal", memory->total }, { "MemFree", memory->free }, { "MemAvailable", memory->available },
		{ "Buffers", 0 }, { "Cached", s[CACHE] }, { "SwapCached", s[SWAPCACHED] },
		{ "Active", s[ACTIVE_ANON] + s[ACTIVE_FILE] }, { "Inactive", s[INACTIVE_ANON] + s[INACTIVE_FILE] },
		{ "Active(anon)", s[ACTIVE_ANON] }, { "Inactive(anon)", s[INACTIVE_ANON] },
		{ "Active(file)", s[ACTIVE_FILE] }, { "Inactive(file)", s[INACTIVE_FILE] },
		{ "Unevictable", s[UNEVICTABLE] }, { "Mlocked", s[UNEVICTABLE] }, { "SwapTotal", memory->swap },
		{ "SwapFree", memory->swap_free }, { "Zswap", 0 }, { "Zswapped", 0 }, { "Dirty", s[DIRTY] },
		{ "Writeback", s[WRITEBACK] }, { "AnonPages", s[ANON] }, { "Mapped", s[MAPPED] }, { "Shmem", s[SHMEM] },
		{ "KReclaimable", s[RECLAIMABLE] }, { "Slab", s[RECLAIMABLE] + s[UNRECLAIMABLE] },
		{ "SReclaimable", s[RECLAIMABLE] }, { "SUnreclaim", s[UNRECLAIMABLE] }, { "KernelStack", s[STACK] },
		{ "PageTables", s[TABLES] }, { "SecPageTables", 0 }, { "WritebackTmp", 0 },
		{ "CommitLimit", memory->total + memory->swap }, { "Committed_AS", s[ANON] + s[SHMEM] },
		{ "VmallocUsed", 0 }, { "Percpu", 0 }, { "AnonHugePages", s[HUGE] }, { "ShmemHugePages", 0 },
		{ "ShmemPmdMapped", 0 }, { "FileHugePages", 0 }, { "FilePmdMapped", 0 },
	};
	for (size_t i = 0; i < sizeof known_lines / sizeof known_lines[0]; i++)
		if (strlen(known_lines[i].key) == length && !strncmp(line, known_lines[i].key, length))
			return known_lines[i].bytes;
	return UNKNOWN;
}

void memory_info(const struct sources *sources, struct page *text)
{
	struct memory memory = { 0 };
	bool limited = memory_of(sources, &memory);
	source_text(sources, HOST_MEMORY);
	for (const char *line = sources->scratch; *line;) {
		size_t length = strcspn(line, "\n"), key = strcspn(line, ":");
		uint64_t bytes = limited && key < length ? of_line(&memory, line, key) : UNKNOWN;
		/* How the machine's memory is mapped tells its size. */
		if (limited && !strncmp(line, "DirectMap", 9))
			;
		else if (bytes == UNKNOWN)
			say(text, "%.*s\n", (int)length, line);
		else
			say(text, "%.*s:%*llu kB\n", (int)key, line, (int)(key < 23 ? 23 - key : 1),
			    (unsigned long long)(bytes >> 10));
		line += length + (line[length] == '\n');
	}
}

void memory_swaps(const struct sources *sources, struct page *text)
{
	struct memory memory = { 0 };
	if (!memory_of(sources, &memory)) {
		source_text(sources, HOST_SWAPS);
		say(text, "%s", sources->scratch);
		return;
	}
	say(text, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	if (memory.swap)
		say(text, "%-40svirtual\t%llu\t\t%llu\t\t0\n", "none", (unsigned long long)(memory.swap >> 10),
		    (unsigned long long)((memory.swap - memory.swap_free) >> 10));
}
