/* Names of hosts: nothing is kept of one that has other characters than such names have. */
#include "front/name.h"

#include <string.h>

/* What a name has; 0: it has none like it. */
static char letter_of(uint8_t byte)
{
	if (byte >= 'A' && byte <= 'Z')
		return (char)(byte + ('a' - 'A'));
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte == '.' ?
		       (char)byte :
		       0;
}

/* Of `name:8080` what is before the colon; an address of IPv6 in brackets is no name, and stays as it is. */
static size_t without_port(const uint8_t *bytes, size_t length)
{
	size_t at = length;
	while (at && bytes[at - 1] >= '0' && bytes[at - 1] <= '9')
		at--;
	return at && bytes[at - 1] == ':' ? at - 1 : length;
}

void name_take(struct host_name *name, const uint8_t *bytes, size_t length)
{
	static const char loopback[] = "[::1]";
	name->length = 0;
	name->text[0] = 0;
	length = without_port(bytes, length);
	if (length == sizeof loopback - 1 && !memcmp(bytes, loopback, length)) {
		name_take(name, (const uint8_t *)"localhost", strlen("localhost"));
		return;
	}
	if (length && bytes[length - 1] == '.')
		length--;
	if (!length || length > HOST_NAME_LENGTH)
		return;
	for (size_t i = 0; i < length; i++)
		if (!(name->text[i] = letter_of(bytes[i]))) {
			name->text[0] = 0;
			return;
		}
	name->text[length] = 0;
	name->length = length;
}

bool name_is_within(const struct host_name *name, const char *above, size_t length)
{
	if (name->length < length || memcmp(name->text + name->length - length, above, length))
		return false;
	return name->length == length || name->text[name->length - length - 1] == '.';
}

bool name_is_of_machine(const struct host_name *name)
{
	return name_is_within(name, "localhost", strlen("localhost")) || !strcmp(name->text, "127.0.0.1");
}
