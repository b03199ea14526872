import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { BuildTrace } from '../../../types/index.ts'
import type { Encodable } from '../proto/messages.ts'

const VERSION = 1
/** Characters of output that are remembered of one build: the last ones. */
const MOST = 4 * 1024 * 1024
/** Bytes that a record may have when it is unpacked: nobody writes a larger one. */
const MOST_UNPACKED = 64 * 1024 * 1024

/** What is told about the result of a build: documents by their digests, as text. */
export type Documents = Readonly<Record<string, string>>

/** A build that has ended, as it is remembered. */
export interface PastBuild {
  readonly record: Encodable<'BuildHistoryRecord'>
  readonly traces: readonly BuildTrace[]
  readonly documents: Documents
}

/** As bytes to be kept. */
export async function packBuild({ traces, ...build }: PastBuild): Promise<Uint8Array> {
  const text = JSON.stringify({ version: VERSION, ...build, traces: lastOf(traces) })
  return promisify(gzip)(text, { level: 1 })
}

/** Undefined for what is no such record, or one of another version. */
export async function unpackBuild(bytes: Uint8Array): Promise<PastBuild | undefined> {
  try {
    const unpacked = await promisify(gunzip)(bytes, { maxOutputLength: MOST_UNPACKED })
    const value: unknown = JSON.parse(unpacked.toString('utf8'))
    return isBuild(value) ? value : undefined
  } catch {
    // A record that was cut off is none: nothing but the memory of a build is lost.
    return undefined
  }
}

function isBuild(value: unknown): value is PastBuild {
  if (typeof value !== 'object' || value === null) return false
  const { version, record, traces, documents } = value as Partial<PastBuild & { version: number }>
  return (
    version === VERSION &&
    typeof record?.Ref === 'string' &&
    typeof record.CreatedAt?.seconds === 'number' &&
    Array.isArray(traces) &&
    typeof documents === 'object'
  )
}

/** Steps all, of their output the last. */
function lastOf(traces: readonly BuildTrace[]): readonly BuildTrace[] {
  let left = MOST
  return traces
    .toReversed()
    .map(({ logs, ...others }) => {
      if (logs === undefined) return others
      left -= logs.reduce((total, { data }) => total + data.length, 0)
      return left < 0 ? others : { ...others, logs }
    })
    .filter(trace => Object.keys(trace).length > 0)
    .toReversed()
}
