/* Frames of the monitor's socket and of the control fd; src/native/monitor-protocol.ts is the other end. */
#ifndef TSCOMPOSE_PROTOCOL_H
#define TSCOMPOSE_PROTOCOL_H

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

	MESSAGE_ANSWER = 64,
	MESSAGE_OUTPUT = 65,
	MESSAGE_STATUS = 66,
	MESSAGE_LOST = 67,
};

/*
 * Entries of an archive for the operation `unpack`, which follow the program on its fd; src/native/unpack-stream.ts is the
 * other end. Head: u32 kind, u32 length of the payload, u64 bytes of content, which follow the payload. Payload: u32 mode,
 * uid, gid, major, minor, nanoseconds, i64 seconds, u32 length of the name, of the link's target, count of attributes; the
 * name and the target, each with a NUL; attributes: u32 length of the name, u32 of the value, name with a NUL, value.
 */
#define ENTRY_HEAD 16u
#define ENTRY_NUMBERS 44u
#define ENTRY_MAX (1536u * 1024)

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
};

#endif
