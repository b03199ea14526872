/* Fuzz target: whatever stream of archive entries comes, none is read beside it, and no text of one is without its end. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ops/trees/entries.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Reads all that an entry claims to have. */
static size_t touch(const struct entry *entry)
{
	size_t sum = strlen(entry->name) + strlen(entry->target);
	for (uint32_t i = 0; i < entry->attribute_length; i++)
		sum += entry->attributes[i];
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static int file = -1, sink = -1;
	struct source source;
	struct entry entry;
	if (file < 0) {
		file = memfd_create("entries", MFD_CLOEXEC);
		sink = open("/dev/null", O_WRONLY | O_CLOEXEC);
	}
	if (ftruncate(file, 0) || pwrite(file, bytes, size, 0) != (ssize_t)size || lseek(file, 0, SEEK_SET) ||
	    source_open(&source, file))
		abort();
	while (!read_entry(&source, &entry) && entry.kind != ENTRY_END) {
		volatile size_t sum = touch(&entry);
		(void)sum;
		if (write_content(&source, sink, entry.size))
			break;
	}
	free(source.bytes);
	return 0;
}
