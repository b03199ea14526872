import { join } from 'node:path'
import type { InsideOp, MountAttribute, OutsideOp, Program, Slot } from '../../native/index.ts'
import { compileMounted, type Host, type RuntimeSpec } from '../runtime/index.ts'

/** What a container was given to see at one place. */
export interface WantedMount {
  /** As it was asked for: a link there leads elsewhere. */
  readonly target: string
  readonly of:
    | { readonly kind: 'overlay' | 'fuse' | 'any' }
    /** Another container's, or a host's folder or file; `exact`: no link beneath a volume can lead elsewhere. */
    | { readonly kind: 'bind'; readonly source: string; readonly exact: boolean }
    /** A file system of its own; `size` of a tmpfs in bytes. */
    | { readonly kind: 'fresh'; readonly type: string; readonly size: number | undefined }
    /** The null device, or an empty tmpfs, over what nobody is to see. */
    | { readonly kind: 'mask' }
    /** What lies there, read-only. */
    | { readonly kind: 'readonly' }
  readonly attributes: readonly MountAttribute[]
  /** It may be missing: the kernel had nothing to cover, or nothing to mount. */
  readonly optional: boolean
  /** What puts it there, behind what its slot needs. */
  readonly op: InsideOp
}

/** The program that mounts a container's, and what it mounts: made once a run. */
export interface ContainerMounts {
  readonly program: Mounted
  readonly mounts: readonly WantedMount[]
}

const known = new WeakMap<RuntimeSpec, ContainerMounts>()

/** What a container's own program mounts. */
export function mountedOf(spec: RuntimeSpec, host: Host): ContainerMounts {
  const before = known.get(spec)
  if (before !== undefined) return before
  const program = compileMounted(spec, host)
  const made = { program, mounts: wantedMounts(program) }
  known.set(spec, made)
  return made
}

const given = new WeakMap<RuntimeSpec, readonly WantedMount[]>()

/** Of those what a look asks for each time: binds and file systems of its own, without what only hides or locks the kernel's files, which is most of it. */
export function givenMounts(spec: RuntimeSpec, host: Host): readonly WantedMount[] {
  const before = given.get(spec)
  if (before !== undefined) return before
  const made = wantedMounts(compileMounted(spec, host), GIVING)
  given.set(spec, made)
  return made
}

const GIVING: readonly InsideOp['op'][] = ['mount', 'moveMount', 'setAttributes']

type Mounted = Required<Pick<Program, 'setup' | 'outside' | 'inside'>>

/** The mounts that a container's program makes, in their order: what lies below comes behind what it is mounted on. `kinds`: by operations of these alone. */
export function wantedMounts(program: Mounted, kinds?: readonly InsideOp['op'][]): WantedMount[] {
  const made = new Map<Slot, TreeOp>()
  for (const op of program.outside) if (isTree(op)) made.set(op.slot, op)
  const wanted: WantedMount[] = []
  for (const op of program.inside) {
    if (kinds !== undefined && !kinds.includes(op.op)) continue
    if (op.op === 'setAttributes') protect(wanted, op.path, op.attributes)
    else if (op.op === 'fuseFiles')
      for (const target of op.paths)
        wanted.push({ target, of: { kind: 'fuse' }, attributes: [], optional: true, op })
    else {
      const mount = wantedBy(op, program, made)
      if (mount !== undefined) wanted.push(mount)
    }
  }
  return wanted
}

type TreeOp = Extract<OutsideOp, { op: 'openTree' | 'fsMount' | 'overlay' }>

function isTree(op: OutsideOp): op is TreeOp {
  return op.op === 'openTree' || op.op === 'fsMount' || op.op === 'overlay'
}

function protect(wanted: WantedMount[], path: string, attributes: readonly MountAttribute[]): void {
  const index = wanted.findLastIndex(({ target }) => target === path)
  const found = wanted[index]
  if (found !== undefined) wanted[index] = { ...found, attributes: [...found.attributes, ...attributes] }
}

const SAFE = ['ro', 'nosuid', 'nodev', 'noexec'] as const
const READONLY = ['ro'] as const

function wantedBy(
  op: InsideOp,
  { outside }: Mounted,
  made: ReadonlyMap<Slot, TreeOp>,
): WantedMount | undefined {
  switch (op.op) {
    case 'root':
      return { target: '/', of: { kind: 'overlay' }, attributes: [], optional: false, op }
    case 'mount': {
      const { type, target, options, attributes = [], ignore } = op
      const of = { kind: 'fresh', type, size: sizeIn(options) } as const
      return { target, of, attributes, optional: ignore !== undefined, op }
    }
    case 'moveMount': {
      const tree = made.get(op.slot)
      if (tree === undefined) return undefined
      // The kernel may not offer a hierarchy any more; seeing it is no need.
      const optional = tree.op === 'openTree' && tree.group !== undefined
      return { target: op.target, ...treeOf(tree, outside), optional, op }
    }
    case 'bindReadonly':
      return { target: op.path, of: { kind: 'readonly' }, attributes: SAFE, optional: true, op }
    case 'mask':
      return { target: op.path, of: { kind: 'mask' }, attributes: READONLY, optional: true, op }
    default:
      return undefined
  }
}

function treeOf(op: TreeOp, outside: readonly OutsideOp[]): Pick<WantedMount, 'of' | 'attributes'> {
  if (op.op === 'overlay') return { of: { kind: 'overlay' }, attributes: [] }
  const { attributes = [] } = op
  if (op.op === 'fsMount')
    return { of: { kind: 'fresh', type: op.type, size: sizeIn(op.options) }, attributes }
  if (op.group !== undefined)
    return { of: { kind: 'fresh', type: op.group.type, size: undefined }, attributes }
  if (op.namespaceSlot !== undefined) return { of: { kind: 'any' }, attributes }
  const from = outside.find(each => 'slot' in each && each.slot === op.fromSlot && op.fromSlot !== undefined)
  if (from === undefined) return { of: { kind: 'bind', source: op.path, exact: true }, attributes }
  if (from.op !== 'open') return { of: { kind: 'any' }, attributes }
  return { of: { kind: 'bind', source: join(from.path, op.path), exact: false }, attributes }
}

const UNITS = 'kmgtpe'

/** Bytes of `size=64m`; of none, or of a part of the memory, nothing. */
function sizeIn(options: readonly string[] = []): number | undefined {
  const [, number, unit = ''] =
    /^size=(\d+)([kmgtpe]?)$/i.exec(options.findLast(each => each.startsWith('size=')) ?? '') ?? []
  return number === undefined
    ? undefined
    : Number(number) * 1024 ** (UNITS.indexOf(unit.toLowerCase() || ' ') + 1)
}

/**
 * The part of a container's program that puts these mounts where they belong, once it has entered: what their slots need, and what needs
 * those in turn.
 */
export function programOf(program: Mounted, ops: readonly InsideOp[]): Mounted {
  const needed = new Set(ops.flatMap(slotsOf))
  const outside = program.outside.toReversed().filter(op => {
    if (!('slot' in op) || op.slot === undefined || !needed.has(op.slot)) return false
    for (const slot of slotsOf(op)) needed.add(slot)
    return true
  })
  const setup = program.setup.filter(op => 'slot' in op && needed.has(op.slot))
  return { setup, outside: outside.toReversed(), inside: ops }
}

/** All slots that an operation names. */
function slotsOf(op: InsideOp | OutsideOp): Slot[] {
  return Object.entries(op).flatMap(([key, value]) =>
    /^(slot|.*Slots?)$/.test(key) ? (value as Slot | readonly Slot[]) : [],
  )
}
