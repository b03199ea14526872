#include "monitor/status-text.h"

#include <stdio.h>

struct text {
	char *bytes;
	size_t size, length;
};

/* A value may hold anything that an image says: the text keeps to one line each. */
static void clean(char *value)
{
	for (; *value; value++)
		if ((unsigned char)*value < ' ' || *value == 0x7f)
			*value = '?';
}

static void put(struct text *text, const char *key, const char *value)
{
	char *at = text->bytes + text->length;
	size_t left = text->size - text->length;
	int count = snprintf(at, left, "%s=%s", key, value);
	size_t length = count > 0 ? (size_t)count : 0;
	clean(at);
	if (length + 1 < left)
		at[length++] = '\n';
	text->length += length < left ? length : left - 1;
}

static void put_number(struct text *text, const char *key, long long number)
{
	char value[24];
	snprintf(value, sizeof value, "%lld", number);
	put(text, key, value);
}

static void put_big(struct text *text, const char *key, unsigned long long number)
{
	char value[24];
	snprintf(value, sizeof value, "%llu", number);
	put(text, key, value);
}

/* How a line of each kind is written. */
#define NUMBER(key) put_number(&out, #key, status->key);
#define BIG(key) put_big(&out, #key, status->key);
#define FLAG(key) put_number(&out, #key, status->key);
#define TEXT(key) put(&out, #key, status->key);
#define WORD(key)                                                          \
	{                                                                  \
		static const char *const words[] = { STATUS_WORDS_##key }; \
		put(&out, #key, words[status->key]);                       \
	}
#define LINE(key, kind) kind(key)

size_t status_render(const struct status *status, char *text, size_t size)
{
	struct text out = { text, size, 0 };
	put_number(&out, "version", STATUS_VERSION);
	STATUS_LINES(LINE)
	return out.length;
}
