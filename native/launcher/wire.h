/*
 * What the launcher and the command host say to each other (src/cli/host/wire.ts has the same numbers). A frame is its kind and
 * the length of its payload, both 32 bits in this machine's order, and the payload; texts end in NUL.
 */
#ifndef TSCOMPOSE_LAUNCHER_WIRE_H
#define TSCOMPOSE_LAUNCHER_WIRE_H

#include <stdint.h>

#define WIRE_VERSION "3"
/* Most bytes that a frame from the host carries. */
#define WIRE_PAYLOAD 65536
#define WIRE_HEAD 8
/* Most bytes of what is said where the engine is lost, or of how to go on. */
#define WIRE_LAST_WORDS 1024
/* Bytes of one stream that the host sends before it has heard that earlier ones are written. */
#define WIRE_WINDOW 262144
/* Most bytes of a request: as much as the kernel takes for arguments and environment. */
#define WIRE_REQUEST (4 * 1024 * 1024)

enum wire_kind {
	/* Launcher to the engine, once: version, build, what the process may and sees, words. */
	WIRE_HELLO = 1,
	/* The answer: the path of a worker's socket. */
	WIRE_GO = 2,
	/* Either of them, until output was sent: the command is to be run by a process of its own. */
	WIRE_COLD = 3,
	/* The engine, when a worker has ended without a status: bytes that it had not got rid of, and the status. */
	WIRE_TAIL = 4,
	WIRE_ENDED = 5,

	/* Launcher to a worker. */
	WIRE_REQUEST_FRAME = 16,
	WIRE_INPUT = 17, /* nothing: its end */
	WIRE_INPUT_FAILED = 18, /* errno */
	WIRE_WRITTEN = 19, /* stream, bytes */
	WIRE_LOST = 20, /* stream, errno */
	WIRE_SIGNAL = 21, /* number */
	WIRE_SIZE = 22, /* rows and columns of standard output, then of standard error */

	/* A worker to the launcher. */
	WIRE_BEGUN = 32, /* what to do where the engine is lost from here on (enum wire_if_lost), and what to say or how to go on then */
	WIRE_OUTPUT = 33,
	WIRE_ERROR_OUTPUT = 34,
	WIRE_WANT = 35, /* bytes of input */
	WIRE_RAW = 36, /* 1: single keys */
	WIRE_CATCH = 37, /* signal, whether it is wanted */
	WIRE_RAISE = 38, /* signal */
	WIRE_STATUS = 39, /* the exit status */
	WIRE_HEARD = 40, /* that a stream is lost: a status that was sent before counts no more */
	/* Output and error output that are counted: who goes on with the command is told how much came. */
	WIRE_COUNTED = 41,
	WIRE_COUNTED_ERROR = 42,
	WIRE_SIGNAL_HEARD = 43, /* that a signal has come */
};

enum wire_if_lost {
	WIRE_TELL = 0, /* says the words it was given */
	WIRE_LOOKS = 1, /* begins the command anew, unless anything was written or read */
	WIRE_AGAIN = 2, /* the same, whatever was written to standard error */
	WIRE_GO_ON = 3, /* becomes Node with the words it was given, both counts and that of input, in a variable */
};

#endif
