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

	MESSAGE_ANSWER = 64,
	MESSAGE_OUTPUT = 65,
	MESSAGE_STATUS = 66,
	MESSAGE_LOST = 67,
};

#endif
