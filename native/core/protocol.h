/* Rendered from src/native by `npx tsx tools/native-headers.ts`; a test compares the two. Do not edit. */
#ifndef TSCOMPOSE_PROTOCOL_H
#define TSCOMPOSE_PROTOCOL_H

/* Frames of the monitor's socket and of the control fd: src/native/monitor-protocol.ts has their form. */
#define FRAME_HEAD 8u
#define FRAME_MAX 65536u

enum {
	REQUEST_START = 1,
	REQUEST_SIGNAL = 2,
	REQUEST_RESIZE = 3,
	REQUEST_STDIN = 4,
	REQUEST_STDIN_CLOSE = 5,
	REQUEST_ATTACH = 6,
	REQUEST_SUBSCRIBE = 7,
	REQUEST_SET_RESTART = 8,
	REQUEST_SET_NETWORKS = 9,
	REQUEST_FOLLOW = 10,
	REQUEST_RENEW = 11,
	REQUEST_DNS_LOG = 12,
	REQUEST_SET_PORTS = 13,
	REQUEST_REFUSED_NAMES = 14,
	REQUEST_TAKE_PORTS = 15,
	REQUEST_GIVE_LISTENERS = 16,
	REQUEST_SET_PROGRAM = 17,
	REQUEST_SHORTCUT = 18,
	REQUEST_SLEEP = 19,
	REQUEST_SET_SERVERS = 20,

	SLEEP_WAKE = 0,
	SLEEP_WATCH = 1,
	SLEEP_FREEZE = 2,
	SLEEP_END = 3,

	MESSAGE_ANSWER = 64,
	MESSAGE_OUTPUT = 65,
	MESSAGE_STATUS = 66,
	MESSAGE_LOST = 67,
};

/* Entries of an archive: src/native/entry-wire.ts has their form. */
#define ENTRY_HEAD 16u
#define ENTRY_NUMBERS 44u
#define ENTRY_MAX 1572864u
#define ENTRY_TOLD 24u

enum {
	ENTRY_END = 0,
	ENTRY_FILE = 1,
	ENTRY_LINK = 2,
	ENTRY_SYMLINK = 3,
	ENTRY_CHAR = 4,
	ENTRY_BLOCK = 5,
	ENTRY_FOLDER = 6,
	ENTRY_FIFO = 7,
	ENTRY_FOLDER_TIME = 8,
	ENTRY_LARGE_FILE = 9,
};

#define TAKE_NUMBERS 3u

enum {
	LARGE_WHOLE = 1,
	LARGE_TAKE = 2,

	TAKE_BYTES = 1,
	TAKE_SIZE = 2,
	TAKE_CHUNK = 3,
};

/* What an engine says to its front door: src/native/front-wire.ts has its form. */
#define FRONT_MAGIC 827608646u
#define FRONT_HEAD 8u
#define FRONT_ROUTE_LENGTH 152u
#define FRONT_NAME_MAX 144
#define FRONT_ROUTES_MAX 4096

/* What connections to the spawner begin with: src/native/spawner-wire.ts has its form. */
#define HELLO_MAGIC 1212371796u
#define HELLO_LENGTH 24u

enum {
	HELLO_RUN = 0,
	HELLO_MONITOR = 1,
	HELLO_EXEC = 2,
	HELLO_HOLD = 3,
	HELLO_RULES = 4,
	HELLO_FRONT = 5,
	HELLO_STDIN = 16,
	HELLO_STDOUT = 17,
	HELLO_STDERR = 18,
};

/* Requests of the connection to nf_tables, and when a match is about a flow: src/native/flow-wire.ts has their form. */
#define FLOW_MATCH_LENGTH 44u

enum {
	RULES_CHANGE = 0,
	RULES_LIST = 1,
	RULES_FLOWS = 2,
	RULES_WATCH = 3,
	RULES_ATTACH = 4,
	RULES_PEERS = 5,

	FLOW_TRANSLATED = 1,
	FLOW_OF_CLIENT = 2,
	FLOW_SHIFTED = 4,
	FLOW_FROM_TARGET = 8,
};

#endif
