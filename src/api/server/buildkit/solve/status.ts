import type { BuildTrace } from '../../../types/index.ts'
import type { Encodable } from '../proto/messages.ts'

type Moment = Encodable<'Timestamp'>

/** What happens in a build, as clients of BuildKit read it. */
export function statusResponse(trace: BuildTrace): Encodable<'StatusResponse'> {
  return {
    vertexes: (trace.vertexes ?? []).map(({ started, completed, ...vertex }) => ({
      ...vertex,
      started: momentOf(started),
      completed: momentOf(completed),
    })),
    statuses: (trace.statuses ?? []).map(({ id, vertex, current, timestamp, started, completed }) => ({
      ID: id,
      vertex,
      name: id,
      current,
      timestamp: momentOf(timestamp),
      started: momentOf(started),
      completed: momentOf(completed),
    })),
    logs: (trace.logs ?? []).map(({ vertex, stream, data, timestamp }) => ({
      vertex,
      stream,
      msg: Buffer.from(data, 'base64'),
      timestamp: momentOf(timestamp),
    })),
    warnings: (trace.warnings ?? []).map(warningOf),
  }
}

type Warning = NonNullable<BuildTrace['warnings']>[number]

function warningOf({ vertex, level, short, place }: Warning): Encodable<'VertexWarning'> {
  const told = { vertex, level, short: Buffer.from(short, 'base64') }
  if (place === undefined) return told
  return {
    ...told,
    info: { filename: place.file, data: Buffer.from(place.text), language: 'Dockerfile' },
    ranges: [{ start: { line: place.line }, end: { line: place.line } }],
  }
}

/** A moment, RFC 3339, as protobuf has it. */
export function momentOf(text: string | undefined): Moment | undefined {
  if (text === undefined) return undefined
  const milliseconds = Date.parse(text)
  const seconds = Math.floor(milliseconds / 1000)
  return { seconds, nanos: (milliseconds - seconds * 1000) * 1e6 }
}
