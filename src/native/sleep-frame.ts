import { encodeFrame } from './frames.ts'
import { REQUEST, SLEEP } from './monitor-protocol.ts'
import type { SleepRequest } from './native.ts'

/** The frame by which a monitor is asked about sleep. */
export function sleepFrame(request: SleepRequest): Buffer {
  const numbers = Buffer.alloc(8)
  numbers.writeUInt32LE(SLEEP[request.ask], 0)
  numbers.writeUInt32LE(request.ask === 'end' ? request.signal : 0, 4)
  return encodeFrame(REQUEST.sleep, Buffer.concat([numbers, ...bytesOf(request)]))
}

function bytesOf(request: SleepRequest): Uint8Array[] {
  switch (request.ask) {
    case 'wake':
      return []
    case 'watch':
    case 'freeze':
      return [request.filter]
    case 'end': {
      const { grace, hold, release } = request
      const numbers = Buffer.alloc(8)
      numbers.writeUInt32LE(grace, 0)
      numbers.writeUInt32LE(hold.length, 4)
      return [numbers, hold, release]
    }
  }
}
