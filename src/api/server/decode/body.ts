import type { Readable } from 'node:stream'
import { failure } from '../../../diagnostics/index.ts'

/** A JSON body beyond this is a mistake or an attack. */
const BODY_LIMIT = 4 * 1024 * 1024

/** Reads a JSON body. Nothing at all is an empty object. Throws `BODY_TOO_LARGE`, `BODY_INVALID`. */
export async function decodeBody(stream: Readable): Promise<object> {
  const text = (await gather(stream)).toString('utf8')
  if (text.trim() === '') return {}
  const value = parse(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return dropNulls(value)
  throw invalid('want an object')
}

async function gather(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > BODY_LIMIT) {
      const summary = `Read the body: got more than ${BODY_LIMIT} bytes`
      throw failure({ code: 'BODY_TOO_LARGE', kind: 'invalidArgument', summary })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw invalid(error.message)
  }
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
  const clean: Record<string, unknown> = {}
  for (const [key, entry] of Object.entries(value)) {
    const kept = entry ?? instead
    if (kept !== undefined) clean[key] = isObject(kept) ? dropNulls(kept, NULL_MEANS[key]) : kept
  }
  return clean
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function invalid(detail: string): Error {
  return failure({
    code: 'BODY_INVALID',
    kind: 'invalidArgument',
    summary: `Read the body as JSON: ${detail}`,
  })
}
