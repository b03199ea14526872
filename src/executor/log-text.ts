/** Bytes of the head of a frame: {u8 stream, 3 × 0, u32be length}. */
const HEAD = 8

/** The text of a log as the engine sends it: raw for a terminal, otherwise frames of output (Engine API, "attach"). */
export function logText(log: Buffer, isTerminal: boolean): string {
  if (isTerminal) return log.toString('utf8')
  const parts: Buffer[] = []
  for (let at = 0; at + HEAD <= log.length; ) {
    const length = log.readUInt32BE(at + 4)
    parts.push(log.subarray(at + HEAD, at + HEAD + length))
    at += HEAD + length
  }
  return Buffer.concat(parts).toString('utf8')
}
