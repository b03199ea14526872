/* Written by tools/native-headers.ts from src/cli/host/engine-start-header.ts: how an engine is begun, and for what. Each list ends in NULL. */
#ifndef TSCOMPOSE_LAUNCHER_ENGINE_START_H
#define TSCOMPOSE_LAUNCHER_ENGINE_START_H

#include <stddef.h>

/* Flags of Node's. */
static const char *const NODE_FLAGS[] = {
	"--max-semi-space-size=8",
	NULL,
};

/* Variables that it is given. */
static const char *const SET_VARIABLES[] = {
	"MALLOC_ARENA_MAX=2",
	"MALLOC_MMAP_THRESHOLD_=131072",
	"MALLOC_TRIM_THRESHOLD_=8388608",
	NULL,
};

/* Variables of whoever begins it that it keeps. */
static const char *const KEPT_VARIABLES[] = {
	"PATH",
	"HOME",
	"LANG",
	"TZ",
	"TSCOMPOSE_NATIVE",
	"TSCOMPOSE_IMAGES_MAX",
	"TSCOMPOSE_KEEP_PACKED",
	"TSCOMPOSE_USERNS",
	"TSCOMPOSE_OWN_CLOCKS",
	"TSCOMPOSE_LOCAL_NAMES",
	"TSCOMPOSE_TRACE",
	"HTTP_PROXY",
	"http_proxy",
	"HTTPS_PROXY",
	"https_proxy",
	"NO_PROXY",
	"no_proxy",
	"SSL_CERT_FILE",
	"NODE_EXTRA_CA_CERTS",
	"TSCOMPOSE_ROOT",
	"TSCOMPOSE_RUN",
	NULL,
};

/* Options before a command that take a value. */
static const char *const VALUED_OPTIONS[] = {
	"-f",
	"--file",
	"-p",
	"--project-name",
	"--instance",
	"--profile",
	"--env-file",
	"--project-directory",
	"--workdir",
	"--ansi",
	"--progress",
	"--parallel",
	NULL,
};

/* Commands, some with an option that has to be there. */
static const char *const BEGUN_FOR[] = {
	"up -d",
	"up --detach",
	"up --wait",
	"down",
	"create",
	"scale",
	"start",
	"stop",
	"restart",
	"rm",
	"run",
	"build",
	"pull",
	NULL,
};

/* Options with which they need no engine. */
static const char *const NEEDS_NONE[] = {
	"-h",
	"--help",
	"--print",
	NULL,
};

#endif
