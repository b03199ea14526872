/** The exit statuses of the command line (`run` and `exec` return the command's own instead). */
export const EXIT = {
  ok: 0,
  failure: 1,
  /** `wait` could not wait to the end. */
  waitFailed: 42,
  /** SIGINT or SIGTERM ended the command, or a prompt was refused. */
  interrupted: 130,
  /** 128 + SIGUSR1. */
  userSignal: 138,
  /** Who read our output has gone: 128 + SIGPIPE. */
  brokenPipe: 141,
} as const
