import { type MonitorStatus, STATUS_LINES, STATUS_VERSION, type StatusKind } from '../status-lines.ts'
import { REPLY_HEAD, REPLY_MAGIC } from '../wire.ts'

/** What a monitor answers when it cannot do what it was asked for. */
export interface Refusal {
  /** Positive. */
  readonly errno: number
  readonly opIndex?: number
  readonly stage?: number
  readonly detail?: string
}

/** The bytes of a reply (native/core). */
export function renderReply({
  errno = 0,
  opIndex = 0,
  stage = 0,
  detail = '',
  pid = 0,
}: Partial<Refusal> & { readonly pid?: number }): Buffer {
  const text = Buffer.from(detail)
  const head = Buffer.alloc(REPLY_HEAD)
  head.writeUInt32LE(REPLY_MAGIC, 0)
  head.writeUInt32LE(REPLY_HEAD + text.length, 4)
  head.writeInt32LE(errno, 8)
  head.writeUInt32LE(opIndex, 12)
  head.writeUInt32LE(stage, 16)
  head.writeInt32LE(pid, 20)
  head.writeInt32LE(-1, 24)
  head.writeUInt32LE(text.length, 28)
  return Buffer.concat([head, text])
}

/** The text of a status file, as `parseStatus` reads it. */
export function renderStatus(status: MonitorStatus): string {
  const fields = Object.keys(STATUS_LINES) as (keyof MonitorStatus)[]
  const lines = fields.map(
    field => `${STATUS_LINES[field].key}=${textOf(status[field], STATUS_LINES[field].kind)}`,
  )
  return `version=${STATUS_VERSION}\n${lines.join('\n')}\n`
}

function textOf(value: MonitorStatus[keyof MonitorStatus], kind: StatusKind): string {
  if (kind === 'flag') return value === true ? '1' : '0'
  if (value === undefined) return kind === 'code' ? '-1' : '0'
  return String(value)
}
