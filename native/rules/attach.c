/*
 * Programs of BPF as the engine has made them: loaded, with two maps in which sockets have values, and attached to a control group by links, which
 * are this process's. So nothing of it outlives the engine, but for what is shared: monitors hold it, too, and the next engine finds it, with what is in its map.
 */
#include "rules/attach.h"
#include "core/bpf.h"
#include "rules/shared.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAPS 2
/* The one that shared programs have. */
#define SHARED_MAP 1
#define KEY_TYPE 1
#define VALUE_TYPE 2
#define LICENSE "Apache-2.0"

/* What is left to be read of a request. */
struct request {
	const uint8_t *at;
	size_t left;
};

struct plan {
	const char *group;
	const uint8_t *types;
	uint32_t group_length, types_length, value_length, count;
	int maps[MAPS];
	uint32_t shared_map; /* the number of a shared map that is another's; 0: ours */
	bool is_shared_used;
	int folder;
	uint64_t group_number;
};

/* The next bytes; NULL where there are not that many. */
static const uint8_t *take(struct request *in, size_t length)
{
	const uint8_t *at = in->at;
	if (length > in->left)
		return NULL;
	in->at += length;
	in->left -= length;
	return at;
}

static int read_plan(struct request *in, struct plan *plan)
{
	uint32_t head[4];
	const uint8_t *bytes = take(in, sizeof head);
	if (!bytes)
		return -EPROTO;
	memcpy(head, bytes, sizeof head);
	plan->group_length = head[0];
	plan->types_length = head[1];
	plan->value_length = head[2];
	plan->count = head[3];
	plan->group = (const char *)take(in, plan->group_length);
	plan->types = take(in, plan->types_length);
	if (!plan->group || !plan->types || plan->count > ATTACHED_MAX)
		return -EPROTO;
	return plan->count && (!plan->group_length || plan->group[plan->group_length - 1]) ? -EPROTO : 0;
}

static int open_group(struct plan *plan)
{
	struct stat found;
	plan->folder = open(plan->group, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (plan->folder < 0 || fstat(plan->folder, &found))
		return -errno;
	plan->group_number = found.st_ino;
	return 0;
}

static int make_maps(struct plan *plan)
{
	union bpf_attr types = { .btf = (uintptr_t)plan->types, .btf_size = plan->types_length };
	int fd = sys_bpf(BPF_BTF_LOAD, &types), error = fd < 0 ? fd : 0;
	for (int i = 0; i < MAPS && !error; i++) {
		union bpf_attr map = { .map_type = BPF_MAP_TYPE_SK_STORAGE,
				       .key_size = sizeof(int),
				       .value_size = plan->value_length,
				       .map_flags = BPF_F_NO_PREALLOC,
				       .btf_fd = (uint32_t)fd,
				       .btf_key_type_id = KEY_TYPE,
				       .btf_value_type_id = VALUE_TYPE };
		plan->maps[i] = sys_bpf(BPF_MAP_CREATE, &map);
		error = plan->maps[i] < 0 ? plan->maps[i] : 0;
	}
	if (fd >= 0)
		close(fd);
	return error;
}

/* Has a program's numbers of maps be their descriptors. */
static int name_maps(const struct plan *plan, struct bpf_insn *code, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (code[i].code != (BPF_LD | BPF_DW | BPF_IMM) || code[i].src_reg != BPF_PSEUDO_MAP_FD)
			continue;
		if (code[i].imm < 0 || code[i].imm >= MAPS)
			return -EPROTO;
		code[i].imm = plan->maps[code[i].imm];
	}
	return 0;
}

static int load(uint32_t place, const struct bpf_insn *code, size_t count)
{
	union bpf_attr load = { .prog_type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
				.expected_attach_type = place,
				.insns = (uintptr_t)code,
				.insn_cnt = (uint32_t)count,
				.license = (uintptr_t)LICENSE };
	return sys_bpf(BPF_PROG_LOAD, &load);
}

/* A link to the same program where somebody holds it, whose map is ours from then on; one with another map is another one. */
static int join(struct plan *plan, uint32_t place, int program)
{
	const struct shared_place at = { place, plan->group_number };
	struct shared_link found;
	int error = shared_find(&at, program, &found);
	if (error)
		return error;
	if (plan->is_shared_used && found.map_id != plan->shared_map) {
		close(found.map);
		close(found.link);
		return -ENOENT;
	}
	close(plan->maps[SHARED_MAP]);
	plan->maps[SHARED_MAP] = found.map;
	plan->shared_map = found.map_id;
	return found.link;
}

/* A link of the program; the kernel keeps the program, and its maps, as long as there is that. */
static int attach(struct plan *plan, uint32_t place, bool shared, const struct bpf_insn *code, size_t count)
{
	int program = load(place, code, count);
	if (program < 0)
		return program;
	int fd = shared ? join(plan, place, program) : -ENOENT;
	union bpf_attr link = { .link_create = { .prog_fd = (uint32_t)program,
						 .target_fd = (uint32_t)plan->folder,
						 .attach_type = place } };
	if (fd < 0)
		fd = sys_bpf(BPF_LINK_CREATE, &link);
	plan->is_shared_used = plan->is_shared_used || shared;
	close(program);
	return fd;
}

static int attach_next(struct request *in, struct plan *plan, struct attached *attached)
{
	uint32_t head[3];
	const uint8_t *bytes = take(in, sizeof head);
	if (!bytes)
		return -EPROTO;
	memcpy(head, bytes, sizeof head);
	bytes = take(in, head[2]);
	if (!bytes || !head[2] || head[2] % sizeof(struct bpf_insn))
		return -EPROTO;
	struct bpf_insn *code = malloc(head[2]);
	if (!code)
		return -ENOMEM;
	memcpy(code, bytes, head[2]);
	size_t count = head[2] / sizeof *code;
	int link = name_maps(plan, code, count);
	if (!link)
		link = attach(plan, head[0], head[1], code, count);
	free(code);
	if (link < 0)
		return link;
	attached->shared[attached->count] = head[1];
	attached->links[attached->count++] = link;
	return 0;
}

/* The number of the first map, and of each link that others may hold. */
static int tell_numbers(struct state *state, int map, const struct attached *attached)
{
	uint32_t numbers[1 + ATTACHED_MAX], count = 1;
	struct bpf_map_info info = { 0 };
	union bpf_attr ask = { .info = { .bpf_fd = (uint32_t)map, .info_len = sizeof info, .info = (uintptr_t)&info } };
	int error = sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &ask);
	numbers[0] = info.id;
	for (size_t i = 0; i < attached->count && !error; i++)
		if (attached->shared[i])
			error = shared_id(attached->links[i], &numbers[count++]);
	return error ? error : add_result(state, numbers, count * sizeof *numbers);
}

static void detach(struct attached *attached)
{
	while (attached->count)
		close(attached->links[--attached->count]);
}

int attach_programs(struct state *state, struct attached *attached, const uint8_t *bytes, size_t length)
{
	struct request in = { bytes, length };
	struct plan plan = { .maps = { -1, -1 }, .folder = -1 };
	int error = read_plan(&in, &plan);
	/* Those of before until the others are there: what is shared is found then. */
	struct attached before = *attached;
	attached->count = 0;
	if (!error && plan.count)
		error = open_group(&plan);
	if (!error && plan.count)
		error = make_maps(&plan);
	for (uint32_t i = 0; i < plan.count && !error; i++)
		error = attach_next(&in, &plan, attached);
	if (!error && plan.count)
		error = tell_numbers(state, plan.maps[0], attached);
	detach(&before);
	if (error)
		detach(attached);
	for (int i = 0; i < MAPS; i++)
		if (plan.maps[i] >= 0)
			close(plan.maps[i]);
	if (plan.folder >= 0)
		close(plan.folder);
	return error;
}
