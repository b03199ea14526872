/*
 * A small fuzzer for the targets here: `fuzz SECONDS SEED LAST CORPUS`. An input that reaches code which none has reached before is
 * kept, and changed further. What runs is in the file LAST, which has the culprit when a sanitizer ends the program.
 * Targets are compiled with -fsanitize-coverage=trace-pc, this file without; the same seed gives the same inputs.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define INPUT_MAX (1u << 14)
#define KEPT_MAX 8192
/* A hash of where the code is; of each place a bit. */
#define PLACES (1u << 16)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
void __sanitizer_cov_trace_pc(void);

struct input {
	uint8_t *bytes;
	size_t size;
};

static uint8_t reached[PLACES], known[PLACES];
static struct input kept[KEPT_MAX];
static size_t kept_count, place_count;
static uint64_t random_state;

void __sanitizer_cov_trace_pc(void)
{
	uintptr_t at = (uintptr_t)__builtin_return_address(0);
	reached[(at ^ at >> 16) % PLACES] = 1;
}

static uint64_t draw(uint64_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % below;
}

/* Forgets where the last input has been. Whether it has been somewhere new. */
static int learn(void)
{
	int is_new = 0;
	for (size_t i = 0; i < PLACES; i += 8) {
		uint64_t eight;
		memcpy(&eight, reached + i, sizeof eight);
		for (size_t k = i; eight && k < i + 8; k++)
			if (reached[k] && !known[k])
				known[k] = 1, is_new = 1, place_count++;
	}
	memset(reached, 0, sizeof reached);
	return is_new;
}

static void keep(const uint8_t *bytes, size_t size)
{
	struct input *input = &kept[kept_count < KEPT_MAX ? kept_count++ : draw(KEPT_MAX)];
	free(input->bytes);
	input->bytes = malloc(size + 1);
	if (!input->bytes)
		abort();
	memcpy(input->bytes, bytes, size);
	input->size = size;
}

static void put_number(uint8_t *at, size_t left)
{
	static const uint32_t edges[] = { 0,	 1,	 2,	     7,		 8,	    255,       256,
					  65535, 65536, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff };
	uint32_t number = draw(3) ? edges[draw(sizeof edges / sizeof edges[0])] : (uint32_t)draw(64);
	memcpy(at, &number, left < 4 ? left : draw(2) ? 4 : 2);
}

/* Moves what is behind a place, and fills the gap, or takes out as much. */
static size_t shift(uint8_t *bytes, size_t size)
{
	size_t at = draw(size + 1), count = 1 + draw(16);
	if (draw(2) && size + count <= INPUT_MAX) {
		memmove(bytes + at + count, bytes + at, size - at);
		for (size_t i = 0; i < count; i++)
			bytes[at + i] = (uint8_t)draw(256);
		return size + count;
	}
	if (count > size - at)
		count = size - at;
	memmove(bytes + at, bytes + at + count, size - at - count);
	return size - count;
}

/* A piece of another input in the place of what is there. */
static size_t put_piece(uint8_t *bytes, size_t size)
{
	const struct input *other = &kept[draw(kept_count)];
	size_t from = draw(other->size + 1), at = draw(size + 1);
	size_t count = other->size - from;
	if (count > INPUT_MAX - at)
		count = INPUT_MAX - at;
	memcpy(bytes + at, other->bytes + from, count);
	return at + count > size || draw(2) ? at + count : size;
}

static size_t change(uint8_t *bytes, size_t size)
{
	for (uint64_t times = 1 + draw(6); times; times--) {
		uint64_t way = size ? draw(6) : 3;
		size_t at = size ? draw(size) : 0;
		if (way == 0)
			bytes[at] ^= (uint8_t)(1u << draw(8));
		else if (way == 1)
			bytes[at] = (uint8_t)draw(256);
		else if (way == 2)
			put_number(bytes + at, size - at);
		else if (way == 3)
			size = shift(bytes, size);
		else if (way == 4)
			size = put_piece(bytes, size);
		else
			size -= draw(size / 4 + 1);
	}
	return size;
}

static void read_corpus(const char *path)
{
	static uint8_t bytes[INPUT_MAX];
	char name[4096];
	DIR *folder = opendir(path);
	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		FILE *file = entry->d_name[0] == '.' ? NULL : fopen(name, "rb");
		if (!file)
			continue;
		keep(bytes, fread(bytes, 1, sizeof bytes, file));
		fclose(file);
	}
	if (folder)
		closedir(folder);
	if (!kept_count)
		keep(bytes, 0);
}

/* A file that is left when we are killed: a size, and the bytes. */
static uint8_t *map_last(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, INPUT_MAX + 8))
		return MAP_FAILED;
	void *bytes = mmap(NULL, INPUT_MAX + 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return bytes;
}

int main(int argc, char **argv)
{
	static uint8_t bytes[INPUT_MAX];
	uint8_t *last = argc == 5 ? map_last(argv[3]) : MAP_FAILED;
	unsigned long count = 0;
	if (last == MAP_FAILED)
		return 2;
	random_state = strtoull(argv[2], NULL, 10) * 0x9e3779b97f4a7c15ULL + 1;
	read_corpus(argv[4]);
	const size_t given = kept_count;
	const time_t end = time(NULL) + atol(argv[1]);
	for (; count < given || time(NULL) < end; count++) {
		const struct input *input = &kept[count < given ? count : draw(kept_count)];
		size_t size = input->size;
		memcpy(bytes, input->bytes, size);
		if (count >= given)
			size = change(bytes, size);
		memcpy(last, &size, sizeof size);
		memcpy(last + 8, bytes, size);
		LLVMFuzzerTestOneInput(bytes, size);
		if (learn() && count >= given)
			keep(bytes, size);
	}
	unlink(argv[3]);
	printf("%s: %lu inputs, %zu kept of which %zu were given, %zu places reached\n", argv[0], count, kept_count,
	       given, place_count);
	return 0;
}
