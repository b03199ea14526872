import { encodeFrame, HEADER_SIZE, writeFrameHeader } from '../../framing.ts'
import { LOG_GONE, renderGone } from '../../log-gone.ts'
import type { LogRecord } from '../../types/index.ts'
import type { Exchange } from '../exchange.ts'
import type { LogAnswer } from '../handler.ts'
import { asFailure, describe } from './error.ts'
import { readsOn } from './known-clients.ts'
import { write } from './write.ts'

/** Content type of output: by it clients tell frames since API 1.42; older ones look at the container's terminal instead. */
export function streamType(raw: boolean): string {
  return `application/vnd.docker.${raw ? 'raw' : 'multiplexed'}-stream`
}

/** Engine's error in the middle of a stream: clients print it as their own. */
const SYSTEM_ERROR = 3

/** A log: in frames, or raw when the container has a terminal. */
export async function sendLog(exchange: Exchange, status: number, answer: LogAnswer): Promise<void> {
  const { log, timestamps, details } = answer
  const detail = details ? Buffer.from(`${log.details ?? ''} `) : undefined
  const response = exchange.response()
  response.writeHead(status, {
    'Content-Type': streamType(log.tty || answer.untyped === true),
    ...(log.gone === undefined ? {} : { [LOG_GONE]: renderGone(log.gone) }),
  })
  response.flushHeaders()
  const areJoined = readsOn(exchange.headers['user-agent'])
  try {
    for await (const records of log.records) {
      const batch = detail === undefined ? records : records.map(record => detailed(record, detail))
      await write(response, encodeBatch(batch, log.tty, timestamps, areJoined), exchange.signal)
    }
  } catch (error) {
    if (exchange.signal.aborted) throw error
    response.write(systemError(describe(asFailure(error))))
  }
  response.end()
}

/** The rest of a line that came in pieces has no time. */
function detailed(record: LogRecord, detail: Buffer): LogRecord {
  return record.time === undefined ? record : { ...record, bytes: Buffer.concat([detail, record.bytes]) }
}

/** Payload after which a frame is closed: what the Docker CLI reads without growing its buffer. */
const FRAME_LIMIT = 32 * 1024

/**
 * One buffer for a batch: a million lines must not cost a million writes. With `areJoined` also one frame for lines in a row of
 * one stream, so that they don't cost a million reads either. A frame ends where a line does; Docker makes one of each.
 */
export function encodeBatch(
  batch: readonly LogRecord[],
  tty: boolean,
  timestamps: boolean,
  areJoined: boolean,
): Buffer {
  let most = 0
  for (const record of batch) most += HEADER_SIZE + timeLength(record, timestamps) + record.bytes.length
  const target = Buffer.allocUnsafe(most)
  let at = 0
  let header = -1
  let stream: LogRecord['stream'] | undefined
  for (const record of batch) {
    const time = timeLength(record, timestamps)
    const payload = at - header - HEADER_SIZE
    if (
      !tty &&
      (!areJoined || record.stream !== stream || payload + time + record.bytes.length > FRAME_LIMIT)
    ) {
      stream = record.stream
      header = at
      at += HEADER_SIZE
    }
    if (time > 0) target.write(`${record.time} `, at, 'latin1')
    target.set(record.bytes, at + time)
    at += time + record.bytes.length
    if (stream !== undefined) writeFrameHeader(target, header, stream, at - header - HEADER_SIZE)
  }
  return target.subarray(0, at)
}

function timeLength(record: LogRecord, timestamps: boolean): number {
  return timestamps && record.time !== undefined ? record.time.length + 1 : 0
}

/** A frame that clients take for an error of the stream: the Docker CLI prints it and exits with 1. */
export function systemError(message: string): Buffer {
  const frame = encodeFrame('stdout', Buffer.from(message))
  frame[0] = SYSTEM_ERROR
  return frame
}
