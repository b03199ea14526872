/* Fuzz target: whatever a client's first bytes are, a name in them has the letters of one, and is the same however many of them have come. The first byte says how many come first. */
#include <stdlib.h>
#include <string.h>

#include "front/http.h"
#include "front/tls.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

typedef int (*reader)(const uint8_t *bytes, size_t length, struct host_name *name);

/* In memory that ends where they do. */
static int read_first(reader read, const uint8_t *bytes, size_t length, struct host_name *name)
{
	uint8_t *copy = malloc(length ? length : 1);
	if (!copy)
		abort();
	memcpy(copy, bytes, length);
	int known = read(copy, length, name);
	free(copy);
	return known;
}

static void check_name(const struct host_name *name)
{
	if (name->length > HOST_NAME_LENGTH || strlen(name->text) != name->length ||
	    strspn(name->text, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != name->length)
		abort();
	if (name_is_within(name, "localhost", strlen("localhost")) && !name_is_of_machine(name))
		abort();
}

static void check(reader read, const uint8_t *bytes, size_t first, size_t size)
{
	struct host_name begun, whole;
	int early = read_first(read, bytes, first, &begun), late = read_first(read, bytes, size, &whole);
	check_name(&begun);
	check_name(&whole);
	if (early && (early != late || begun.length != whole.length || strcmp(begun.text, whole.text)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	if (!size)
		return 0;
	size_t first = (size - 1) * bytes[0] / 255;
	check(http_host, bytes + 1, first, size - 1);
	check(tls_name, bytes + 1, first, size - 1);
	return 0;
}
