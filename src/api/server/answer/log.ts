import { encodeFrame, HEADER_SIZE, writeFrameHeader } from '../../framing.ts'
import type { LogRecord } from '../../types/index.ts'
import type { Exchange } from '../exchange.ts'
import type { LogAnswer } from '../handler.ts'
import { asFailure, describe } from './error.ts'
import { write } from './write.ts'

/** Content types of output, since API 1.42; older clients look at the container's terminal instead. */
export const RAW_STREAM = 'application/vnd.docker.raw-stream'
export const MULTIPLEXED_STREAM = 'application/vnd.docker.multiplexed-stream'

/** Engine's error in the middle of a stream: clients print it as their own. */
const SYSTEM_ERROR = 3

/** A log: each line in a frame of its own, or raw when the container has a terminal. */
export async function sendLog(exchange: Exchange, status: number, answer: LogAnswer): Promise<void> {
  const { log, timestamps } = answer
  const response = exchange.response()
  response.writeHead(status, { 'Content-Type': log.tty ? RAW_STREAM : MULTIPLEXED_STREAM })
  response.flushHeaders()
  try {
    for await (const batch of log.records) {
      await write(response, encodeBatch(batch, log.tty, timestamps), exchange.signal)
    }
  } catch (error) {
    if (exchange.signal.aborted) throw error
    response.write(systemError(describe(asFailure(error))))
  }
  response.end()
}

/** One buffer for a batch: a million lines must not cost a million writes. */
export function encodeBatch(batch: readonly LogRecord[], tty: boolean, timestamps: boolean): Buffer {
  const header = tty ? 0 : HEADER_SIZE
  let size = 0
  for (const record of batch) size += header + timeLength(record, timestamps) + record.bytes.length
  const target = Buffer.allocUnsafe(size)
  let at = 0
  for (const record of batch) {
    const time = timeLength(record, timestamps)
    if (!tty) writeFrameHeader(target, at, record.stream, time + record.bytes.length)
    at += header
    if (time > 0) target.write(`${record.time} `, at, 'latin1')
    at += time
    target.set(record.bytes, at)
    at += record.bytes.length
  }
  return target
}

function timeLength(record: LogRecord, timestamps: boolean): number {
  return timestamps && record.time !== undefined ? record.time.length + 1 : 0
}

function systemError(message: string): Buffer {
  const frame = encodeFrame('stdout', Buffer.from(message))
  frame[0] = SYSTEM_ERROR
  return frame
}
