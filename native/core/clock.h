/* Clocks. Waits are told in CLOCK_BOOTTIME's, which counts suspension too; what a user reads is unix time. */
#ifndef TSCOMPOSE_CLOCK_H
#define TSCOMPOSE_CLOCK_H

#include <stdint.h>

uint64_t boot_nanoseconds(void);
uint64_t unix_nanoseconds(void);
/* CLOCK_MONOTONIC's, which stands still while the machine sleeps. */
int64_t monotonic_milliseconds(void);

#define CLOCK_TEXT 32
/* Unix time as RFC3339Nano, in UTC. */
void clock_text(char text[CLOCK_TEXT]);

#endif
