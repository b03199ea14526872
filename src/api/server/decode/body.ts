import type { Readable } from 'node:stream'
import { type Facts, failure } from '../../../diagnostics/index.ts'
import { nameFields } from './names.ts'
import type { Shape } from './shape.ts'

/** A JSON body beyond this is a mistake or an attack. */
const BODY_LIMIT = 4 * 1024 * 1024

/**
 * Reads a JSON body that comes within so many milliseconds; the fields of its shape come under the shape's own names.
 * Nothing at all, or null, is an empty object. What is too large is left to be read to its end. One that is not said to
 * be JSON is refused, in Docker's words: so no page that a browser shows can send one without being asked (its forms
 * send other types). Throws `REQUEST_INVALID`, `BODY_TOO_LARGE`, `BODY_TOO_SLOW`, `BODY_CUT_OFF`, `BODY_INVALID`.
 */
export async function decodeBody(
  stream: Readable,
  type: string | undefined,
  within: number,
  shape: Shape,
): Promise<object> {
  const text = (await gather(stream, within)).toString('utf8')
  if (text.trim() === '') return {}
  checkType(type)
  return takeBody(parse(text), shape)
}

/** As `decodeBody`, of a value that has been read; nothing at all is an empty object. Throws `BODY_INVALID`. */
export function takeBody(value: unknown, shape: Shape): object {
  // The older docker CLI says null where it has nothing to say.
  if (value === undefined || value === null) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return dropNulls(nameFields(shape, value))
  throw invalid('want an object', { rule: 'kind', got: Array.isArray(value) ? 'array' : typeof value })
}

function checkType(type: string | undefined): void {
  const name = type?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (name === 'application/json') return
  throw notJson(
    name === ''
      ? 'malformed Content-Type header (): mime: no media type'
      : `unsupported Content-Type header (${type}): must be 'application/json'`,
  )
}

function notJson(summary: string): Error {
  return failure({ code: 'REQUEST_INVALID', kind: 'invalidArgument', summary })
}

/** By its events, since an iterator that is left would take the connection away from who has to read on. */
function gather(stream: Readable, within: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const take = (chunk: Buffer): void => {
      size += chunk.length
      chunks.push(chunk)
      if (size > BODY_LIMIT) fail(tooLarge())
    }
    const end = (): void => {
      leave()
      resolve(Buffer.concat(chunks))
    }
    const fail = (error: Error): void => {
      leave()
      reject(error)
    }
    const cut = (): void => fail(cutOff())
    const leave = (): void => {
      clearTimeout(timer)
      // What is still to come is for whoever reads on.
      stream.pause()
      stream.off('data', take).off('end', end).off('error', fail).off('close', cut)
    }
    const timer = setTimeout(() => fail(tooSlow(within)), within)
    stream.on('data', take).on('end', end).on('error', fail).on('close', cut)
    if (stream.destroyed) cut()
  })
}

function tooLarge(): Error {
  const summary = `Read the body: got more than ${BODY_LIMIT} bytes`
  return failure({ code: 'BODY_TOO_LARGE', kind: 'invalidArgument', summary })
}

function cutOff(): Error {
  const summary = 'Read the body: the connection ended before it did'
  return failure({ code: 'BODY_CUT_OFF', kind: 'invalidArgument', summary })
}

function tooSlow(within: number): Error {
  const summary = `Read the body: it did not come within ${within / 1000} s`
  return failure({ code: 'BODY_TOO_SLOW', kind: 'invalidArgument', summary })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw invalid(error.message, { rule: ruleOf(error.message, text) })
  }
}

/** Whether a text that is no JSON ends too early or goes on too long, by V8's words for it. */
function ruleOf(message: string, text: string): string {
  const at = Number(/at position (\d+)/.exec(message)?.[1] ?? text.length)
  return at >= text.length ? 'cut' : message.includes('after JSON') ? 'behind' : 'form'
}

/**
 * Maps whose `null` values mean something: an endpoint with nothing set, a port published nowhere in particular, a
 * volume or an exposed port (Go's empty struct).
 */
const NULL_MEANS: Readonly<Record<string, unknown>> = {
  EndpointsConfig: {},
  PortBindings: [],
  Volumes: {},
  ExposedPorts: {},
}

/** Go clients send `null` for all that is not set; here it means absent. */
function dropNulls(value: object, instead?: unknown): object {
  if (Array.isArray(value)) return value.map(item => (isObject(item) ? dropNulls(item) : item))
  const entries = Object.entries(value).flatMap(([key, entry]) => {
    const kept = entry ?? instead
    if (kept === undefined) return []
    return [[key, isObject(kept) ? dropNulls(kept, meansOf(key)) : kept]]
  })
  // Unlike an assignment this takes `__proto__` for a key like others.
  return Object.fromEntries(entries)
}

function meansOf(key: string): unknown {
  return Object.hasOwn(NULL_MEANS, key) ? NULL_MEANS[key] : undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function invalid(detail: string, facts: Facts): Error {
  return failure({
    facts,
    code: 'BODY_INVALID',
    kind: 'invalidArgument',
    summary: `Read the body as JSON: ${detail}`,
  })
}
