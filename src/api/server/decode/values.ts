import { type Facts, failure } from '../../../diagnostics/index.ts'
import { parseTimestamp, parseUnixSeconds } from '../../../notation/index.ts'
import type { AuthConfig, TerminalSize, WaitCondition } from '../../types/index.ts'
import { nameFields } from './names.ts'
import { AUTH } from './shapes.ts'

/** A moment in a query: Unix seconds with a fraction, or RFC 3339; absent and `0` are none. In Unix nanoseconds. */
export function decodeTime(name: string, text: string | undefined): bigint | undefined {
  const moment = decodeMoment(name, text)
  return moment === 0n ? undefined : moment
}

/** As `decodeTime`, but `0` is the beginning of 1970, as with Docker's events. */
export function decodeMoment(name: string, text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined
  const exact = parseUnixSeconds(text)
  if (exact !== undefined) return exact
  const seconds = Number(text)
  if (Number.isFinite(seconds)) return BigInt(Math.round(seconds * 1e9))
  const instant = parseTimestamp(text)
  if (instant !== undefined) return instant
  throw invalid(`Read "${name}": got "${text}", want Unix seconds or an RFC 3339 time`, {
    rule: 'time',
    value: text,
  })
}

/** Lines from the end of a log; `all`, absent, what is negative and what is no number are all, as with Docker. */
export function decodeTail(text: string | undefined): number | undefined {
  if (text === undefined || text === 'all') return undefined
  const lines = Number(text)
  return !Number.isInteger(lines) || lines < 0 ? undefined : lines
}

/** What to wait for. */
export function decodeCondition(text: string | undefined): WaitCondition {
  switch (text) {
    case undefined:
      return 'not-running'
    case 'not-running':
    case 'next-exit':
    case 'removed':
      return text
    default:
      throw invalid(`Read "condition": got "${text}", want "not-running", "next-exit" or "removed"`, {
        rule: 'condition',
        value: text,
      })
  }
}

/** A terminal's size. */
export function decodeSize(h: string | undefined, w: string | undefined): TerminalSize {
  return { height: decodeUint32('height', h), width: decodeUint32('width', w) }
}

function decodeUint32(side: string, text = ''): number {
  if (/^\d+$/.test(text) && Number(text) < 2 ** 32) return Number(text)
  const why = /^-?\d+$/.test(text) ? 'value out of range' : 'invalid syntax'
  throw invalid(`invalid resize ${side} "${text}": ${why}`)
}

/** A field that must be there. */
export function required(name: string, value: string | undefined): string {
  if (value === undefined) throw invalid(`Read the query: want "${name}"`, { rule: 'required', name })
  return value
}

/** Credentials in `X-Registry-Auth`; nobody's when there are none. */
export function decodeAuth(header: string | readonly string[] | undefined): AuthConfig | undefined {
  const value = decodeHeader('X-Registry-Auth', header)
  return value === undefined || Object.keys(value).length === 0 ? undefined : nameFields(AUTH, value)
}

/** A header that carries an object as base64 of JSON, in either alphabet; older clients write `null` for none. */
export function decodeHeader(
  name: string,
  header: string | readonly string[] | undefined,
): Readonly<Record<string, unknown>> | undefined {
  if (typeof header !== 'string' || header === '') return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(header, 'base64').toString('utf8'))
    if (value === null) return undefined
    if (typeof value === 'object') return { ...value }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  // Its contents are secret: they don't belong in a message.
  throw invalid(`Read the header "${name}": want base64 of a JSON object`)
}

/** The complaint about a value in a request. */
export function invalid(summary: string, facts?: Facts): Error {
  const given = { code: 'REQUEST_INVALID', kind: 'invalidArgument', summary } as const
  return failure(facts === undefined ? given : { ...given, facts })
}
