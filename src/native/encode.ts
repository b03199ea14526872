import { failure } from '../diagnostics/index.ts'
import { bytesOfName } from '../linux/name-text.ts'
import { ByteWriter } from './byte-writer.ts'
import { LAYOUT } from './layout.ts'
import { type Field, type OpLayout, UNCHANGED } from './layout-fields.ts'
import {
  type IdRange,
  type MountAttribute,
  type NamespaceKind,
  type Op,
  type Program,
  STAGES,
} from './program.ts'
import { MAGIC, MAX_PROGRAM, MAX_SLOTS, VERSION } from './wire.ts'

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

/**
 * The binary form of a program: {magic, version, op count, total length}, then the operations, each {u16 kind, u16 stage,
 * u32 length} and its fields. Raises NATIVE_PROGRAM_INVALID for values that no program can hold.
 */
export function encodeProgram(program: Program): Buffer {
  const out = new ByteWriter()
  out.u32(MAGIC)
  out.u32(VERSION)
  out.u32(STAGES.reduce((count, stage) => count + (program[stage]?.length ?? 0), 0))
  const length = out.gap()
  for (const stage of STAGES)
    for (const op of program[stage] ?? [])
      if (Object.isFrozen(op)) encodeKept(out, stage, op)
      else encodeOp(out, stage, op)
  if (out.length > MAX_PROGRAM) {
    throw failure({
      code: 'NATIVE_PROGRAM_INVALID',
      summary: `Program has ${out.length} bytes, at most ${MAX_PROGRAM} can be run`,
    })
  }
  out.fill(length, out.length)
  return out.finish()
}

/** Bytes of operations that stand in many programs, which whoever makes them says by freezing them. */
const kept = new WeakMap<Op, { readonly stage: PlacedOp['stage']; readonly bytes: Buffer }>()

function encodeKept(out: ByteWriter, stage: PlacedOp['stage'], op: Op): void {
  const known = kept.get(op)
  if (known?.stage === stage) {
    out.copy(known.bytes)
    return
  }
  const begin = out.length
  encodeOp(out, stage, op)
  kept.set(op, { stage, bytes: out.from(begin) })
}

function encodeOp(out: ByteWriter, stage: PlacedOp['stage'], op: Op): void {
  const layout: OpLayout = LAYOUT[op.op]
  if (!layout.stages.includes(stage)) throw invalid(op, 'stage', `cannot stand in stage "${stage}"`)
  out.u16(layout.code)
  out.u16(STAGES.indexOf(stage))
  const size = out.gap()
  const begin = out.length
  // Each field by the name that the table has for it, whatever the operation.
  const values = op as unknown as Readonly<Record<string, unknown>>
  for (const field of layout.fields) WRITE[field.type](out, values[field.name], op, field)
  out.fill(size, out.length - begin)
}

const NONE = Buffer.alloc(0)

type WriteField = (out: ByteWriter, value: unknown, op: Op, field: Field) => void

/** How a field of each type is written. */
const WRITE: Readonly<Record<Field['type'], WriteField>> = {
  slot: (out, value, op, field) => out.u32(slot(op, field, value)),
  'slot?': (out, value, op, field) => out.u32(value === undefined ? UNCHANGED : slot(op, field, value)),
  slots: (out, value, op, field) => list(out, value, each => out.u32(slot(op, field, each))),
  u32: (out, value, op, field) => out.u32(number(op, field, value ?? field.absent)),
  u64: (out, value, op, field) => out.u64(u64(op, field, value ?? field.absent)),
  bool: (out, value) => out.u32(value === true ? 1 : 0),
  string: (out, value, op, field) => text(out, op, field, value ?? ''),
  strings: (out, value, op, field) => list(out, value, each => text(out, op, field, each)),
  bytes: (out, value) =>
    out.bytes(typeof value === 'string' ? bytesOfName(value) : ((value ?? NONE) as Uint8Array)),
  numbers: (out, value, op, field) => list(out, value, each => out.u32(number(op, field, each))),
  enum: (out, value, op, field) => out.u32(wordIndex(op, field, value)),
  attributes: (out, value) => out.u32(mask(ATTRIBUTES, asArray(value) as readonly MountAttribute[])),
  namespaces: (out, value) => out.u32(mask(NAMESPACES, asArray(value) as readonly NamespaceKind[])),
  idRanges: (out, value, op, field) =>
    text(out, op, field, renderIdRanges(asArray(value) as readonly IdRange[])),
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

function u64(op: Op, field: Field, value: unknown): bigint {
  const big = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value
  if (typeof big !== 'bigint' || big < 0n || big >= 1n << 64n)
    throw invalid(op, field.name, 'must be an unsigned 64-bit integer')
  return big
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

/** With the NUL at its end. */
function text(out: ByteWriter, op: Op, field: Field, value: unknown): void {
  if (typeof value !== 'string') throw invalid(op, field.name, 'must be text')
  if (!out.text(value)) throw invalid(op, field.name, 'must not contain NUL')
}

/** The number of items, then each of them. */
function list(out: ByteWriter, value: unknown, write: (item: unknown) => void): void {
  const items = asArray(value)
  out.u32(items.length)
  items.forEach(write)
}

function mask<Word extends string>(bits: Readonly<Record<Word, number>>, words: readonly Word[]): number {
  return words.reduce((sum, word) => sum | bits[word], 0)
}
