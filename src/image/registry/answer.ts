import { Failure, failure, messageOf } from '../../diagnostics/index.ts'
import { familiarReference, type Reference } from '../../oci/reference.ts'
import type { Answer } from './wire/transport.ts'

/**
 * The whole body of an answer, within a bound: the sender alone does not decide how much is held in memory. Whoever aborts is told
 * by his own reason.
 */
export async function readBody(
  answer: Answer,
  limit: number,
  reference: Reference,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of answer.body) {
      length += chunk.byteLength
      if (length > limit) throw wrongAnswer(reference, `it has more than ${limit} bytes`)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof Failure) throw error
    signal?.throwIfAborted()
    throw wrongAnswer(reference, `it broke off after ${length} bytes: ${messageOf(error)}`)
  }
  return Buffer.concat(chunks)
}

/** The beginning of an answer's text: what a sender says beside what was asked for is not waited for without end. */
export async function beginningOf({ body }: Answer, limit: number): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    length += chunk.length
    if (length > limit) break
  }
  return Buffer.concat(chunks).subarray(0, limit).toString('utf8')
}

/** The fields of a JSON object; none where the text is anything else. */
export function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

/** The media type of a manifest: the header's, or the one that it names itself by where the header is unspecific. */
export function manifestType(answer: Answer, bytes: Uint8Array): string {
  const header = answer.headers['content-type']?.split(';')[0]?.trim() ?? ''
  if (header.startsWith('application/vnd.')) return header
  try {
    const { mediaType } = (JSON.parse(Buffer.from(bytes).toString('utf8')) ?? {}) as {
      readonly mediaType?: unknown
    }
    return typeof mediaType === 'string' ? mediaType : header
  } catch (error) {
    if (error instanceof SyntaxError) return header
    throw error
  }
}

/** The error for an answer that the specification does not allow. */
export function wrongAnswer(reference: Reference, detail: string): Error {
  return failure({
    kind: 'unavailable',
    code: 'REGISTRY_ANSWER',
    summary: `the registry's answer for "${familiarReference(reference)}" cannot be used`,
    detail,
  })
}
