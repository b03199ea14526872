/* Fuzz target: the first byte parts the input into a names file and a question that is answered from it. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "relay/config.h"
#include "relay/dns-answer.h"
#include "relay/dns-names.h"
#include "relay/dns-file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* One folder a process, made at the first input. */
static char path[] = "/tmp/dns-fuzz-XXXXXX";
static int folder = -1;

static void remove_folder(void)
{
	unlinkat(folder, "names", 0);
	rmdir(path);
}

static int names_folder(void)
{
	if (folder < 0 && mkdtemp(path)) {
		folder = open(path, O_PATH | O_DIRECTORY);
		atexit(remove_folder);
	}
	return folder;
}

static void write_names(const uint8_t *bytes, size_t length)
{
	int fd = openat(folder, "next", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (write(fd, "names 1\n", 8) != 8 || write(fd, bytes, length) != (ssize_t)length)
		abort();
	close(fd);
	renameat(folder, "next", folder, "names");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct names_file names = { .folder = names_folder() };
	struct relay_config config = { 0 };
	struct dns dns = { .config = &config, .names = &names, .names_count = 1 };
	struct query query;
	struct reply reply;
	size_t cut;

	if (size < 1)
		return 0;
	cut = (size_t)bytes[0] < size - 1 ? bytes[0] : size - 1;
	write_names(bytes + 1, cut);
	query.length = size - 1 - cut < sizeof query.bytes ? size - 1 - cut : sizeof query.bytes;
	memcpy(query.bytes, bytes + 1 + cut, query.length);
	if (query_parse(&query) == 0) {
		uint8_t anew[DNS_QUERY_MAX];

		if (query_encode(&query, anew) > query.length)
			abort();
		names_look(&dns);
		dns_answer(&dns, &query, query.udp_size, &reply);
	}
	names_clear(&names);
	return 0;
}
