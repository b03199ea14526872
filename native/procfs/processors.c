/*
 * Processors of a container: as many as its set has, or as its quota is worth, whichever is less, numbered from 0. Time that the
 * container used is spread over them evenly, since only v1 says where it was used.
 */
#include "procfs/processors.h"
#include "core/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1000000000ULL
/* Of /proc/stat: USER_HZ is 100 wherever we run. */
#define TICK (SECOND / 100)
/* The kernel's: averages over 1, 5 and 15 minutes, taken each five seconds. */
#define LOAD_STEP (5 * SECOND)
#define LOAD_STEPS_MAX 1000
#define LOAD_ONE 2048u
static const uint64_t load_decay[3] = { 1884, 2014, 2037 };

/* Nanoseconds that the container used of processors, and that it is up. */
struct use {
	uint64_t user, system, up;
	uint64_t count; /* of processors */
};

/* How many numbers `0-2,4` names. */
static uint64_t count_set(const char *text)
{
	uint64_t count = 0;
	while (*text >= '0' && *text <= '9') {
		char *end;
		unsigned long first = strtoul(text, &end, 10), last = first;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		count += last >= first ? last - first + 1 : 0;
		text = *end == ',' ? end + 1 : end;
	}
	return count;
}

static uint64_t host_count(const struct sources *sources)
{
	uint64_t count = 0;
	source_text(sources, HOST_STAT);
	for (const char *at = strstr(sources->scratch, "\ncpu"); at; at = strstr(at + 1, "\ncpu"))
		count++;
	return count ? count : 1;
}

/* Whole processors that a quota is worth; UNKNOWN without one. v2 has both numbers in one file. */
static uint64_t worth(const struct sources *sources, enum source both, enum source quota, enum source period)
{
	uint64_t time = source_number(sources, both), each = UNKNOWN;
	if (time == UNKNOWN) {
		time = source_number(sources, quota);
		each = source_number(sources, period);
	} else if (source_text(sources, both)) {
		const char *blank = strchr(sources->scratch, ' ');
		each = blank ? strtoull(blank + 1, NULL, 10) : UNKNOWN;
	}
	return time == UNKNOWN || each == UNKNOWN || !each ? UNKNOWN : (time + each - 1) / each;
}

static uint64_t count_processors(const struct sources *sources)
{
	uint64_t count = source_text(sources, CPU_SET) ? count_set(sources->scratch) : 0;
	if (!count)
		count = host_count(sources);
	count = least(count, worth(sources, CPU_MAX, CPU_QUOTA, CPU_PERIOD));
	count = least(count, worth(sources, BUDGET_CPU_MAX, BUDGET_CPU_QUOTA, BUDGET_CPU_PERIOD));
	return count ? count : 1;
}

/* The container's clock. */
static uint64_t boot_time(const struct procfs_shared *shared)
{
	return boot_nanoseconds() + (uint64_t)shared->clock;
}

/* v1 counts ticks, v2 microseconds. */
static void used_of(const struct sources *sources, uint64_t *user, uint64_t *system)
{
	static const char *const keys[] = { "user", "system", "user_usec", "system_usec" };
	uint64_t values[4];
	source_table(sources, CPU_STAT, keys, 4, values);
	bool ticks = values[0] != UNKNOWN;
	*user = ticks ? values[0] * TICK : known(values[2]) * 1000;
	*system = ticks ? known(values[1]) * TICK : known(values[3]) * 1000;
}

void processors_begin(const struct sources *sources)
{
	struct procfs_shared *shared = sources->shared;
	if (!shared->began)
		used_of(sources, &shared->user_before, &shared->system_before);
	shared->began = true;
}

static struct use use_of(const struct sources *sources)
{
	const struct procfs_shared *shared = sources->shared;
	struct use use = { .count = count_processors(sources), .up = boot_time(shared) };
	used_of(sources, &use.user, &use.system);
	use.user = minus(use.user, shared->user_before);
	use.system = minus(use.system, shared->system_before);
	return use;
}

static uint64_t idle_of(const struct use *use)
{
	return minus(use->up * use->count, use->user + use->system);
}

void processors_online(const struct sources *sources, struct page *text)
{
	uint64_t count = count_processors(sources);
	if (count == 1)
		say(text, "0\n");
	else
		say(text, "0-%llu\n", (unsigned long long)(count - 1));
}

/* The host's descriptions of so many, with numbers from 0. What comes behind them all (of arm64's) stays out. */
void processors_info(const struct sources *sources, struct page *text)
{
	uint64_t count = count_processors(sources), number = 0;
	source_text(sources, HOST_PROCESSORS);
	for (const char *line = sources->scratch; *line;) {
		size_t length = strcspn(line, "\n");
		const char *colon = memchr(line, ':', length);
		bool begins = colon && !strncmp(line, "processor", 9) && (line[9] == '\t' || line[9] == ' ');
		if (begins && number == count)
			return;
		if (begins)
			say(text, "%.*s: %llu\n", (int)(colon - line), line, (unsigned long long)number++);
		else
			say(text, "%.*s\n", (int)length, line);
		line += length + (line[length] == '\n');
	}
}

static void say_times(struct page *text, const char *name, const struct use *use, uint64_t share)
{
	say(text, "%s %llu 0 %llu %llu 0 0 0 0 0 0\n", name, (unsigned long long)(use->user / share / TICK),
	    (unsigned long long)(use->system / share / TICK), (unsigned long long)(idle_of(use) / share / TICK));
}

void processors_stat(const struct sources *sources, struct page *text)
{
	struct use use = use_of(sources);
	uint64_t processes = known(source_number(sources, PROCESSES));
	char name[32];
	say_times(text, "cpu ", &use, 1);
	for (uint64_t i = 0; i < use.count; i++) {
		snprintf(name, sizeof name, "cpu%llu", (unsigned long long)i);
		say_times(text, name, &use, use.count);
	}
	source_text(sources, HOST_STAT);
	const char *boot = strstr(sources->scratch, "\nbtime ");
	/* The moment at which the container's clock began. */
	uint64_t booted = boot ? strtoull(boot + 7, NULL, 10) - (uint64_t)(sources->shared->clock / (int64_t)SECOND) : 0;
	say(text, "intr 0\nctxt 0\nbtime %llu\nprocesses %llu\nprocs_running 1\nprocs_blocked 0\nsoftirq 0\n",
	    (unsigned long long)booted, (unsigned long long)processes);
}

void processors_uptime(const struct sources *sources, struct page *text)
{
	struct use use = use_of(sources);
	uint64_t up = use.up / (SECOND / 100), idle = idle_of(&use) / (SECOND / 100);
	say(text, "%llu.%02llu %llu.%02llu\n", (unsigned long long)(up / 100), (unsigned long long)(up % 100),
	    (unsigned long long)(idle / 100), (unsigned long long)(idle % 100));
}

/* Nobody samples: what was used since somebody last looked was used evenly. */
static void take_load(struct procfs_load *load, uint64_t now, uint64_t used)
{
	uint64_t steps = minus(now, load->at) / LOAD_STEP;
	if (!steps)
		return;
	uint64_t active = minus(used, load->used) * LOAD_ONE / minus(now, load->at);
	load->at = now;
	load->used = used;
	for (uint64_t step = 0; step < least(steps, LOAD_STEPS_MAX); step++)
		for (int i = 0; i < 3; i++)
			load->average[i] = (load->average[i] * load_decay[i] + active * (LOAD_ONE - load_decay[i])) / LOAD_ONE;
}

void processors_load(const struct sources *sources, struct page *text)
{
	struct use use = use_of(sources);
	struct procfs_load *load = &sources->shared->load;
	uint64_t processes = known(source_number(sources, PROCESSES));
	take_load(load, use.up, use.user + use.system);
	for (int i = 0; i < 3; i++) {
		uint64_t hundredths = (load->average[i] * 100 + LOAD_ONE / 2) / LOAD_ONE;
		say(text, "%llu.%02llu ", (unsigned long long)(hundredths / 100), (unsigned long long)(hundredths % 100));
	}
	say(text, "1/%llu %llu\n", (unsigned long long)processes, (unsigned long long)processes);
}
