/**
 * Ours: one connection for many calls at once, where HTTP takes a connection for each and a head of a dozen lines for both its halves. A
 * client that is about to make many asks for it by an upgrade of the route `sharedLine`. From then on either side writes lines of JSON:
 *
 *     [n, method, path, body?]   a call; the number is the client's choice, and body a value of JSON
 *     [n]                        whoever made the call has gone: as if its connection had been closed
 *     [n, status, body?]         the answer, in any order
 *     [n, 0]                     nothing was done: a call of this kind (streams, archives) wants a connection of its own
 */
export const SHARED_LINE_PROTOCOL = 'tscompose-line'

/** Bytes of a call: what is longer is a mistake, or somebody else's protocol. Answers are as long as what they tell of. */
export const CALL_LIMIT: number = 4 * 1024 * 1024

const NEWLINE = 0x0a

/** Takes the bytes of a connection and gives the value on each line. Raises SyntaxError, and RangeError for lines above the limit. */
export function lineReader(
  onValue: (value: unknown) => void,
  limit: number = Number.POSITIVE_INFINITY,
): (bytes: Buffer) => void {
  let begun: Buffer[] = []
  let size = 0
  return bytes => {
    const end = bytes.lastIndexOf(NEWLINE)
    if (end < 0) {
      begun.push(bytes)
      size += bytes.length
      if (size > limit) throw new RangeError(`a line of more than ${limit} bytes`)
      return
    }
    const last = bytes.subarray(0, end)
    const whole = begun.length === 0 ? last : Buffer.concat([...begun, last])
    const rest = bytes.subarray(end + 1)
    begun = rest.length === 0 ? [] : [rest]
    size = rest.length
    for (const line of whole.toString('utf8').split('\n')) onValue(JSON.parse(line))
  }
}
