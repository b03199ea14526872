import type { Shape, Struct } from '../../model/attributes/shape.ts'
import { formatDuration, parseBytes, parseLongDuration } from '../../notation/index.ts'
import { scalarText, textOfScalar } from '../merge/key-values.ts'
import type { Reporter } from '../reporter.ts'
import { isNull, type MapNode, type Node, typeName } from '../tree/node.ts'
import { decodeHosts, decodeMapping } from './mapping.ts'
import { splitCommand } from './words.ts'

/** A tree as plain data of a shape: the end of the pipeline. What does not fit is reported and left out. */
export function decode(node: Node, shape: Shape, reporter: Reporter): unknown {
  return new Decoder(reporter).value(node, shape)
}

class Decoder {
  readonly #reporter: Reporter
  /** Of the value that is decoded: one array for all, since only mistakes want to know. */
  readonly #path: (string | number)[] = []

  constructor(reporter: Reporter) {
    this.#reporter = reporter
  }

  /** The plain value, or undefined to leave the attribute out. */
  value(node: Node, shape: Shape): unknown {
    if (isNull(node)) return shape.type === 'words' && shape.keepNull ? null : undefined
    switch (shape.type) {
      case 'struct':
        return node.kind === 'map' ? this.#struct(node, shape) : this.#wrong(node, 'a mapping')
      case 'record':
        return this.#record(node, shape)
      case 'list':
        return this.#list(node, shape)
      case 'mapping':
        return decodeMapping(node, shape.nulls, this.#reporter, this.#path)
      case 'hosts':
        return decodeHosts(node, this.#reporter, this.#path)
      case 'words':
        return this.#words(node)
      case 'test':
        if (node.kind === 'scalar') return ['CMD-SHELL', scalarText(node.value)]
        return node.kind === 'list' && node.items.length === 0 ? undefined : this.#words(node)
      case 'oneOrMore':
        return this.#list(node.kind === 'list' ? node : { kind: 'list', items: [node] }, {
          type: 'list',
          of: { type: 'text' },
        })
      case 'ulimit':
        return this.#ulimit(node)
      default:
        return node.kind === 'scalar'
          ? this.#scalar(node, shape)
          : this.#wrong(node, `a value of type ${shape.type}`)
    }
  }

  #below(segment: string | number, node: Node, shape: Shape): unknown {
    this.#path.push(segment)
    const value = this.value(node, shape)
    this.#path.pop()
    return value
  }

  #struct(node: MapNode, shape: Struct): Record<string, unknown> {
    const result: Record<string, unknown> = {}
    for (const { name, shape: inner, yamlOmitsEmpty, keepsEmpty } of shape.fields) {
      const entry = node.entries.get(name)
      const value = entry ? this.#below(name, entry.node, inner) : undefined
      const isEmpty =
        yamlOmitsEmpty && typeof value === 'object' && value !== null && Object.keys(value).length === 0
      if (value !== undefined && !(isEmpty && !keepsEmpty)) result[name] = value
      else if (inner.type === 'words' && inner.keepNull) result[name] = null
      else if (keepsEmpty) result[name] = {}
    }
    // One of our own has a shape of its own.
    const isKnown = (key: string): boolean => shape.fields.some(({ name }) => name === key)
    for (const [key, entry] of node.entries)
      if (key.startsWith('x-') && !isKnown(key)) result[key] = toPlain(entry.node)
    return result
  }

  #record(node: Node, shape: Shape & { type: 'record' }): unknown {
    if (node.kind !== 'map') return this.#wrong(node, 'a mapping')
    const result = bare()
    for (const key of [...node.entries.keys()].sort()) {
      const inner = node.entries.get(key)?.node
      if (inner === undefined) continue
      const value = this.#below(key, inner, shape.of)
      if (value !== undefined) result[key] = value
      else if (shape.keepNull) result[key] = null
      else if (shape.of.type === 'struct') result[key] = this.#below(key, emptyMap(inner), shape.of)
    }
    return Object.keys(result).length > 0 ? result : undefined
  }

  #list(node: Node, shape: Shape & { type: 'list' }): unknown {
    if (node.kind !== 'list') return this.#wrong(node, 'a list')
    const items: unknown[] = []
    for (const [index, item] of node.items.entries()) {
      const value = this.#below(index, item, shape.of)
      if (value !== undefined) items.push(value)
      else if (shape.of.type === 'text' && item.kind === 'scalar') items.push('')
    }
    return items.length > 0 ? items : undefined
  }

  #words(node: Node): unknown {
    if (node.kind === 'list')
      return node.items.map(item => (item.kind === 'scalar' ? textOfScalar(item) : ''))
    if (node.kind === 'map') return this.#wrong(node, 'a string or a list')
    const command = splitCommand(scalarText(node.value))
    if (command === undefined)
      this.#reporter.error('INVALID_COMMAND', 'close the quote, or quote the parenthesis, in the command', {
        path: this.#path,
        node,
      })
    else if (command.dropped !== '')
      this.#reporter.warn('COMMAND_CUT', `no shell runs the command: "${command.dropped}" is dropped`, {
        path: this.#path,
        node,
        hint: 'write [sh, -c, …] for a shell',
      })
    return command?.words
  }

  #ulimit(node: Node): unknown {
    if (node.kind === 'scalar') return this.#scalar(node, { type: 'integer', keepEmpty: true })
    if (node.kind === 'list') return this.#wrong(node, 'a number or a mapping')
    const limit = (key: string): unknown => {
      const inner = node.entries.get(key)?.node
      return inner && this.#below(key, inner, { type: 'integer', keepEmpty: true })
    }
    return { soft: limit('soft') ?? 0, hard: limit('hard') ?? 0 }
  }

  #scalar(node: Node & { kind: 'scalar' }, shape: Shape): unknown {
    const { value } = node
    switch (shape.type) {
      case 'text':
        return textOfScalar(node) || (shape.keepEmpty ? '' : undefined)
      case 'flag':
        if (typeof value !== 'boolean') return this.#wrong(node, 'a boolean')
        return value || shape.keepEmpty ? value : undefined
      case 'integer':
      case 'float':
        return this.#number(node, shape)
      case 'count':
        return typeof value === 'string' && value.toLowerCase() === 'all'
          ? -1
          : this.#number(node, { type: 'integer' })
      case 'mode':
        return this.#mode(node)
      case 'permissions':
        return typeof value === 'string' && /^[0-7]+$/.test(value)
          ? Number.parseInt(value, 8)
          : this.#number(node, { type: 'integer' })
      case 'bytes':
        return this.#bytes(node)
      case 'duration':
        return this.#duration(node, shape.keepEmpty ?? false)
      default:
        return undefined
    }
  }

  #number(node: Node & { kind: 'scalar' }, shape: Shape): unknown {
    const { value } = node
    const number =
      typeof value === 'string' && /^[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?$/.test(value) ? Number(value) : value
    if (typeof number === 'bigint') return this.#tooLarge(node)
    const float = typeof number === 'number' ? toFloat32(number) : Number.NaN
    if (typeof number !== 'number' || !Number.isFinite(float)) return this.#wrong(node, 'a number')
    if (shape.type === 'float') return float === 0 ? undefined : float
    const whole = Math.trunc(number)
    if (!Number.isSafeInteger(whole)) return this.#tooLarge(node)
    return whole === 0 && !(shape.type === 'integer' && shape.keepEmpty) ? undefined : whole
  }

  /** Beyond 53 bits a number would become another one on its way to the engine. */
  #tooLarge(node: Node & { kind: 'scalar' }): undefined {
    const most = Number.MAX_SAFE_INTEGER
    const summary = `write a whole number between -${most} and ${most}, got "${scalarText(node.value)}"`
    this.#reporter.error('INVALID_VALUE', summary, { path: this.#path, node })
    return undefined
  }

  #mode(node: Node & { kind: 'scalar' }): unknown {
    const { value } = node
    if (typeof value === 'number' && Number.isInteger(value)) return `0${value.toString(8)}`
    if (typeof value === 'string' && /^[0-7]+$/.test(value))
      return `0${Number.parseInt(value, 8).toString(8)}`
    return this.#wrong(node, 'a file mode in octal')
  }

  #bytes(node: Node & { kind: 'scalar' }): unknown {
    const bytes = parseBytes(scalarText(node.value))
    if (bytes === undefined) return this.#wrong(node, 'a size such as 64m or 2g')
    return bytes === 0n ? undefined : String(bytes)
  }

  #duration(node: Node & { kind: 'scalar' }, keepEmpty: boolean): unknown {
    const nanoseconds = parseLongDuration(scalarText(node.value))
    if (nanoseconds === undefined) return this.#wrong(node, 'a duration such as 10s or 1m30s')
    return nanoseconds === 0 && !keepEmpty ? undefined : formatDuration(nanoseconds)
  }

  #wrong(node: Node, wanted: string): undefined {
    const got = node.kind === 'scalar' && node.value !== null ? `"${scalarText(node.value)}"` : typeName(node)
    this.#reporter.error('INVALID_TYPE', `write ${wanted}, got ${got}`, { path: this.#path, node })
    return undefined
  }
}

/** The shortest decimal that a 32-bit float keeps: Docker Compose holds CPU counts in 32 bits. */
function toFloat32(value: number): number {
  const rounded = Math.fround(value)
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(rounded.toPrecision(digits))
    if (Math.fround(short) === rounded) return short
  }
  return rounded
}

function emptyMap(at: Node): MapNode {
  return { kind: 'map', entries: new Map(), ...(at.span ? { span: at.span } : {}) }
}

/** An object for keys of the user's own: nothing is inherited, so no key is special. */
function bare(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>
}

/** A tree as plain data. */
export function toPlain(node: Node): unknown {
  if (node.kind === 'scalar') {
    if (node.value instanceof Date) return scalarText(node.value)
    return typeof node.value === 'bigint' ? Number(node.value) : node.value
  }
  if (node.kind === 'list') return node.items.map(toPlain)
  const result = bare()
  for (const [key, entry] of node.entries) result[key] = toPlain(entry.node)
  return result
}
