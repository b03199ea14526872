import { failure } from '../diagnostics/index.ts'
import { type Field, LAYOUT, type OpLayout, UNCHANGED } from './layout.ts'
import {
  type IdRange,
  type MountAttribute,
  type NamespaceKind,
  type Op,
  type Program,
  STAGES,
} from './program.ts'
import { MAGIC, MAX_PROGRAM, MAX_SLOTS, OP_HEAD, PROGRAM_HEAD, VERSION } from './wire.ts'

const ATTRIBUTES: Record<MountAttribute, number> = {
  ro: 0x1,
  nosuid: 0x2,
  nodev: 0x4,
  noexec: 0x8,
  noatime: 0x10,
  strictatime: 0x20,
  nosymfollow: 0x200000,
}

const NAMESPACES: Record<NamespaceKind, number> = {
  time: 0x80,
  mnt: 0x20000,
  cgroup: 0x2000000,
  uts: 0x4000000,
  ipc: 0x8000000,
  user: 0x10000000,
  pid: 0x20000000,
  net: 0x40000000,
}

/** An operation with the stage it stands in, in the order in which the native binary counts them. */
export interface PlacedOp {
  readonly stage: (typeof STAGES)[number]
  readonly op: Op
}

/** All operations of a program in order; their places here are the indexes that replies speak of. */
export function flatten(program: Program): PlacedOp[] {
  return STAGES.flatMap(stage => (program[stage] ?? []).map((op): PlacedOp => ({ stage, op })))
}

/** The binary form of a program. Raises NATIVE_PROGRAM_INVALID for values that no program can hold. */
export function encodeProgram(program: Program): Buffer {
  const ops = flatten(program)
  const parts: Buffer[] = [Buffer.alloc(PROGRAM_HEAD)]
  for (const { stage, op } of ops) {
    const layout: OpLayout = LAYOUT[op.op]
    if (!layout.stages.includes(stage)) throw invalid(op, 'stage', `cannot stand in stage "${stage}"`)
    const payload = encodeFields(op, layout)
    const head = Buffer.alloc(OP_HEAD)
    head.writeUInt16LE(layout.code, 0)
    head.writeUInt16LE(STAGES.indexOf(stage), 2)
    head.writeUInt32LE(payload.length, 4)
    parts.push(head, payload)
  }
  const whole = Buffer.concat(parts)
  if (whole.length > MAX_PROGRAM) {
    throw failure({
      code: 'NATIVE_PROGRAM_INVALID',
      summary: `Program has ${whole.length} bytes, at most ${MAX_PROGRAM} can be run`,
    })
  }
  whole.writeUInt32LE(MAGIC, 0)
  whole.writeUInt32LE(VERSION, 4)
  whole.writeUInt32LE(ops.length, 8)
  whole.writeUInt32LE(whole.length, 12)
  return whole
}

function encodeFields(op: Op, layout: OpLayout): Buffer {
  const values: Readonly<Record<string, unknown>> = { ...op }
  return Buffer.concat(layout.fields.map(field => encodeField(op, field, values[field.name])))
}

function encodeField(op: Op, field: Field, value: unknown): Buffer {
  switch (field.type) {
    case 'slot':
      return u32(slot(op, field, value))
    case 'slot?':
      return u32(value === undefined ? UNCHANGED : slot(op, field, value))
    case 'slots':
      return list(asArray(value).map(each => u32(slot(op, field, each))))
    case 'u32':
      return u32(number(op, field, value ?? field.absent))
    case 'u64':
      return u64(op, field, value)
    case 'bool':
      return u32(value === true ? 1 : 0)
    case 'string':
      return text(op, field, value ?? '')
    case 'strings':
      return list(asArray(value).map(each => text(op, field, each)))
    case 'bytes':
      return bytes(value)
    case 'numbers':
      return list(asArray(value).map(each => u32(number(op, field, each))))
    case 'enum':
      return u32(wordIndex(op, field, value))
    case 'attributes':
      return u32(mask(ATTRIBUTES, asArray(value) as readonly MountAttribute[]))
    case 'namespaces':
      return u32(mask(NAMESPACES, asArray(value) as readonly NamespaceKind[]))
    case 'idRanges':
      return text(op, field, renderIdRanges(asArray(value) as readonly IdRange[]))
  }
}

/** The text of a uid_map: one line a range. */
export function renderIdRanges(ranges: readonly IdRange[]): string {
  return ranges.map(range => `${range.inside} ${range.outside} ${range.count}\n`).join('')
}

function invalid(op: Op, field: string, problem: string): Error {
  return failure({ code: 'NATIVE_PROGRAM_INVALID', summary: `Operation "${op.op}": ${field} ${problem}` })
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function u32(value: number): Buffer {
  const out = Buffer.alloc(4)
  out.writeUInt32LE(value >>> 0)
  return out
}

function u64(op: Op, field: Field, value: unknown): Buffer {
  const big = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value
  if (typeof big !== 'bigint' || big < 0n || big >= 1n << 64n)
    throw invalid(op, field.name, 'must be an unsigned 64-bit integer')
  const out = Buffer.alloc(8)
  out.writeBigUInt64LE(big)
  return out
}

function number(op: Op, field: Field, value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > UNCHANGED) {
    throw invalid(op, field.name, `must be an unsigned 32-bit integer, got ${String(value)}`)
  }
  return value
}

function slot(op: Op, field: Field, value: unknown): number {
  const index = number(op, field, value)
  if (index >= MAX_SLOTS) throw invalid(op, field.name, `must be below ${MAX_SLOTS}, got ${index}`)
  return index
}

function wordIndex(op: Op, field: Field, value: unknown): number {
  const words = field.words ?? []
  const index = value === undefined ? 0 : words.indexOf(String(value))
  if (index < 0) throw invalid(op, field.name, `must be one of ${words.join(', ')}, got "${String(value)}"`)
  return index
}

function text(op: Op, field: Field, value: unknown): Buffer {
  if (typeof value !== 'string') throw invalid(op, field.name, 'must be text')
  if (value.includes('\0')) throw invalid(op, field.name, 'must not contain NUL')
  const body = Buffer.from(`${value}\0`, 'utf8')
  return Buffer.concat([u32(body.length), body])
}

function bytes(value: unknown): Buffer {
  const body = typeof value === 'string' ? Buffer.from(value, 'utf8') : Buffer.from(value as Uint8Array)
  return Buffer.concat([u32(body.length), body])
}

function list(items: readonly Buffer[]): Buffer {
  return Buffer.concat([u32(items.length), ...items])
}

function mask<Word extends string>(bits: Readonly<Record<Word, number>>, words: readonly Word[]): number {
  return words.reduce((sum, word) => sum | bits[word], 0)
}
