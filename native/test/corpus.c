/*
 * Runs a fuzz target without a fuzzer: `corpus FOLDER` gives it each file, all that the file is when it is cut short, and
 * the file with each of its bytes changed. Always the same, so that what was found once is found again.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX (1u << 16)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static unsigned long try_all(uint8_t *bytes, size_t size)
{
	static const uint8_t changes[] = { 0x01, 0x80, 0xff };
	unsigned long count = 0;

	for (size_t length = 0; length <= size; length++, count++)
		LLVMFuzzerTestOneInput(bytes, length);
	for (size_t at = 0; at < size; at++)
		for (size_t i = 0; i < sizeof changes; i++, count++) {
			bytes[at] ^= changes[i];
			LLVMFuzzerTestOneInput(bytes, size);
			bytes[at] ^= changes[i];
		}
	return count;
}

static unsigned long try_file(const char *folder, const char *name)
{
	static uint8_t bytes[INPUT_MAX];
	char path[4096];
	unsigned long count = 0;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "rb");
	if (file) {
		count = try_all(bytes, fread(bytes, 1, sizeof bytes, file));
		fclose(file);
	}
	return count;
}

int main(int argc, char **argv)
{
	DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
	unsigned long files = 0, inputs = 0;

	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		if (entry->d_name[0] == '.')
			continue;
		files++;
		inputs += try_file(argv[1], entry->d_name);
	}
	if (folder)
		closedir(folder);
	printf("%s: %lu files, %lu inputs\n", argc == 2 ? argv[1] : "no corpus", files, inputs);
	return files ? 0 : 1;
}
