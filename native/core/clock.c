#include "core/clock.h"

#include <stdio.h>
#include <time.h>

static uint64_t nanoseconds(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t boot_nanoseconds(void)
{
	return nanoseconds(CLOCK_BOOTTIME);
}

uint64_t unix_nanoseconds(void)
{
	return nanoseconds(CLOCK_REALTIME);
}

int64_t monotonic_milliseconds(void)
{
	return (int64_t)(nanoseconds(CLOCK_MONOTONIC) / 1000000u);
}

void clock_text(char text[CLOCK_TEXT])
{
	struct timespec now;
	struct tm parts;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &parts);
	size_t length = strftime(text, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(text + length, CLOCK_TEXT - length, ".%09ldZ", now.tv_nsec);
}
