import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'

/** Writes and waits while the client is slow. Rejects with an `AbortError` when it has gone. */
export async function write(
  target: Writable,
  chunk: string | Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) throw signal.reason
  if (!target.write(chunk)) await once(target, 'drain', { signal })
}

/** A whole answer of a known length. */
export function sendBytes(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) })
  // As text it goes with the head in one write, and no buffer of it is left for the garbage collector.
  response.end(body)
}

/** A whole answer of one JSON value. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  sendBytes(response, status, 'application/json', `${encodeJson(value)}\n`)
}

/** Stands for a bigint until the text is whole: JSON has numbers of any size, and JavaScript no way to write them. */
const MARK = '\u0000bigint '

/** A number of so many digits may have been rounded as it was written, beyond what Go's integers hold. */
const LONG = /[:[,]-?\d{16}/

/** Texts of what is frozen: who froze it says that it is told again and again, and nothing in it ever changes. */
const texts = new WeakMap<object, string>()

/**
 * JSON in which bigints are numbers, and numbers beyond 2^53 the integers of 64 bits that they stand for. Members of an object
 * that are frozen are encoded once.
 */
export function encodeJson(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return encodeWhole(value)
  if (!Object.values(value).some(isKept)) return encodeWhole(value)
  const parts: string[] = []
  let others: [string, unknown][] = []
  const encodeOthers = (): void => {
    const text = others.length === 0 ? '{}' : encodeWhole(Object.fromEntries(others))
    if (text !== '{}') parts.push(text.slice(1, -1))
    others = []
  }
  for (const [name, member] of Object.entries(value)) {
    if (!isKept(member)) {
      others.push([name, member])
      continue
    }
    encodeOthers()
    parts.push(`${JSON.stringify(name)}:${keptText(member)}`)
  }
  // One text of several members costs hardly more than of one.
  encodeOthers()
  return `{${parts.join(',')}}`
}

function isKept(member: unknown): member is object {
  return typeof member === 'object' && member !== null && Object.isFrozen(member)
}

/** The JSON text of what is frozen, made once; of the things in a list what is frozen in them is encoded once as well. */
export function keptText(member: object): string {
  const text =
    texts.get(member) ??
    (Array.isArray(member) ? `[${member.map(encodeJson).join(',')}]` : encodeWhole(member))
  texts.set(member, text)
  return text
}

function encodeWhole(value: unknown): string {
  try {
    const text = JSON.stringify(value)
    return LONG.test(text) ? encodeExactly(value) : text
  } catch (error) {
    // Few values have one, and those that have none must not pay for it.
    if (!(error instanceof TypeError)) throw error
    return encodeExactly(value)
  }
}

function encodeExactly(value: unknown): string {
  const marked = JSON.stringify(value, (_, entry) => {
    const isRounded = Number.isInteger(entry) && !Number.isSafeInteger(entry)
    return typeof entry === 'bigint' || isRounded ? `${MARK}${isRounded ? exactly(entry) : entry}` : entry
  })
  return marked.replace(/"\\u0000bigint (-?\d+)"/g, '$1')
}

/** 2^63 and 2^64 are what the largest integers of 64 bits were rounded to. */
function exactly(value: number): bigint {
  return value === 2 ** 63 || value === 2 ** 64 ? BigInt(value) - 1n : BigInt(value)
}
