import { field } from '../modem/engine-failure.ts'
import { readFields, type WireValue } from './wire-format.ts'

/** What BuildKit says in a build's progress (`aux` is a StatusResponse of its control.proto), and the image in the end. */
const TRACE = 'moby.buildkit.trace'
const IMAGE = 'moby.image.id'

/**
 * A value of a build's progress as events that can be read: of BuildKit's messages each line becomes `{ stream }`, as it would of
 * the classic builder; all else stays as it is.
 */
export function readableProgress(value: object): readonly object[] {
  const id = field(value, 'id')
  const aux = field(value, 'aux')
  if (id === TRACE && typeof aux === 'string') return linesOf(aux).map(line => ({ stream: `${line}\n` }))
  const image = field(aux, 'ID')
  if (id === IMAGE && typeof image === 'string') return [{ stream: `Built image: ${image}\n` }]
  return [value]
}

function linesOf(aux: string): readonly string[] {
  const parts: Record<number, string[]> = { 1: [], 2: [], 3: [], 4: [] }
  try {
    for (const [number, value] of readFields(Buffer.from(aux, 'base64'))) {
      const fields = Buffer.isBuffer(value) ? Object.fromEntries(readFields(value)) : {}
      parts[number]?.push(...(LINES[number]?.(fields) ?? []))
    }
  } catch (error) {
    // Another BuildKit's message: nobody's build fails for it.
    if (!(error instanceof RangeError)) throw error
  }
  // Steps, output, progress, warnings: dockerode's order.
  return [1, 3, 2, 4].flatMap(number => parts[number] ?? [])
}

type Fields = Readonly<Record<number, WireValue>>

/** The lines of the parts of a status, by their field: 1 vertexes, 2 statuses, 3 logs, 4 warnings. */
const LINES: Readonly<Record<number, (fields: Fields) => readonly string[]>> = {
  1: fields => {
    const [digest, name, failed] = [text(fields[1]), text(fields[3]), text(fields[7])]
    const isBegun = fields[5] !== undefined && fields[6] === undefined
    return [
      ...(name !== '' && isBegun ? [`[${digest.slice(0, 12)}] ${name}`] : []),
      ...(failed === '' ? [] : [`ERROR: ${failed}`]),
      ...(fields[6] !== undefined && fields[4] === 1n ? [`CACHED: ${name}`] : []),
    ]
  },
  2: fields => {
    const [name, current, total] = [text(fields[3]), number(fields[4]), number(fields[5])]
    if (name === '' || total <= 0) return []
    return [`${name}: ${Math.floor((current / total) * 100)}% (${current}/${total})`]
  },
  3: fields => (text(fields[4]).trim() === '' ? [] : [text(fields[4]).trimEnd()]),
  4: fields => [`WARNING: ${text(fields[3])}`],
}

function text(value: WireValue | undefined): string {
  return Buffer.isBuffer(value) ? value.toString('utf8') : ''
}

function number(value: WireValue | undefined): number {
  return typeof value === 'bigint' ? Number(value) : 0
}
