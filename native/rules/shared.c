/*
 * Finds a program that others have attached by its code: the kernel numbers links, says what each leads to, and gives a program a digest that leaves out which maps it
 * has. So nobody has to keep a record that could be untrue.
 */
#include "rules/shared.h"
#include "core/bpf.h"

#include <string.h>
#include <unistd.h>

static int describe(int fd, void *info, uint32_t size)
{
	union bpf_attr ask = { .info = { .bpf_fd = (uint32_t)fd, .info_len = size, .info = (uintptr_t)info } };
	return sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &ask);
}

static int open_numbered(int command, uint32_t id)
{
	union bpf_attr ask = { .start_id = id };
	return sys_bpf(command, &ask);
}

/* The digest of a program and its one map. */
static int look_into(int program, uint8_t tag[BPF_TAG_SIZE], uint32_t *map)
{
	struct bpf_prog_info info = { .nr_map_ids = 1, .map_ids = (uintptr_t)map };
	int error = describe(program, &info, sizeof info);
	memcpy(tag, info.tag, BPF_TAG_SIZE);
	return error ? error : info.nr_map_ids == 1 ? 0 : -ENOENT;
}

/* Whether this link is the one; its map then. */
static int compare(int link, const struct shared_place *place, const uint8_t tag[BPF_TAG_SIZE], uint32_t *map)
{
	struct bpf_link_info info = { 0 };
	uint8_t its[BPF_TAG_SIZE];
	if (describe(link, &info, sizeof info) || info.type != BPF_LINK_TYPE_CGROUP)
		return -ENOENT;
	if (info.cgroup.attach_type != place->attach_type || info.cgroup.cgroup_id != place->group)
		return -ENOENT;
	int program = open_numbered(BPF_PROG_GET_FD_BY_ID, info.prog_id);
	if (program < 0)
		return program;
	int error = look_into(program, its, map);
	close(program);
	return error ? error : memcmp(its, tag, sizeof its) ? -ENOENT : 0;
}

int shared_find(const struct shared_place *place, int program, struct shared_link *out)
{
	uint8_t tag[BPF_TAG_SIZE];
	uint32_t own;
	int error = look_into(program, tag, &own);
	for (union bpf_attr each = { 0 }; !error && !(error = sys_bpf(BPF_LINK_GET_NEXT_ID, &each)); each.start_id = each.next_id) {
		out->link = open_numbered(BPF_LINK_GET_FD_BY_ID, each.next_id);
		if (out->link < 0)
			continue;
		if (!compare(out->link, place, tag, &out->map_id) && (out->map = open_numbered(BPF_MAP_GET_FD_BY_ID, out->map_id)) >= 0)
			return 0;
		close(out->link);
	}
	return error;
}

int shared_id(int link, uint32_t *id)
{
	struct bpf_link_info info = { 0 };
	int error = describe(link, &info, sizeof info);
	*id = info.id;
	return error;
}
