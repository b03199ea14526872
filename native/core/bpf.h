/* bpf(2), which the C library has no wrapper for. */
#ifndef TSCOMPOSE_BPF_H
#define TSCOMPOSE_BPF_H

#include "core/sys.h"

#include <linux/bpf.h>

static inline int sys_bpf(int command, union bpf_attr *attr)
{
	return (int)sys_result(syscall(SYS_bpf, command, attr, sizeof *attr));
}

#endif
