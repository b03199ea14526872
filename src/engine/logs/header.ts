/** Bytes that a header has at most. */
export const HEADER_MOST = 128

/** What of a log stands, or stood, in the files before one. */
export interface LogBefore {
  readonly lines: number
  readonly bytes: number
  /** When the file was begun, as the log writes times. */
  readonly time: string
}

/**
 * What a file of a log says of itself in its first entry, `<time> header F <number> <lines> <bytes>` (native/monitor/log-files.c).
 * The first file has none, and neither has one that is empty.
 */
export function readHeader(bytes: Buffer): { readonly number: number; readonly before?: LogBefore } {
  const found = /^(\S{30}) header F (\d+) (\d+) (\d+)\n/.exec(bytes.toString('latin1'))
  if (found === null) return { number: 1 }
  const [, time = '', number, lines, written] = found
  return { number: Number(number), before: { lines: Number(lines), bytes: Number(written), time } }
}
