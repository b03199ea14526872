import { realpathSync } from 'node:fs'
import type { OutsideOp } from '../../native/index.ts'
import type { RuntimeMount } from '../runtime/index.ts'
import { checkRelabelled, type Labels, sharedLabel } from '../security/selinux/index.ts'
import type { Container } from '../state/container.ts'
import type { MountRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'

/** A tree of the host, and the label that all in it gets. */
export interface Relabelling {
  readonly source: string
  readonly label: string
}

/**
 * What of a container's mounts gets a label, as with Docker: binds by `z`, which all containers may use, and `Z`, which this one may alone, and volumes by
 * `z` where they say neither. `resolve` follows links. Fails with `RELABEL_REFUSED` for places of the system.
 */
export function relabellings(
  mounts: readonly MountRecord[],
  label: string,
  resolve: (path: string) => string = realpathSync,
): Relabelling[] {
  return mounts.flatMap(({ type, source, mode }) => {
    if (type !== 'bind' && type !== 'volume') return []
    const words = mode.split(',')
    const isOwn = words.includes('Z')
    if (!isOwn && !words.includes('z') && type === 'bind') return []
    const real = resolve(source)
    if (type === 'bind') checkRelabelled(real)
    return [{ source: real, label: isOwn ? label : sharedLabel(label) }]
  })
}

/** The trees that are mounted as they lie on disk, and belong to nobody: an image of one layer. */
export function sharedTrees(mounts: readonly RuntimeMount[], label: string): Relabelling[] {
  return mounts.flatMap(mount => {
    const [only, ...rest] = mount.kind === 'image' && mount.changes === undefined ? mount.layers : []
    return only === undefined || rest.length > 0 ? [] : [{ source: only, label: sharedLabel(label) }]
  })
}

/** Gives what a container mounts its labels, before it starts; what has them already is left alone. */
export async function relabelMounts(
  engine: Pick<EngineContext, 'native'>,
  { record, paths }: Container,
  mounts: readonly RuntimeMount[],
  { mount: label }: Labels,
): Promise<void> {
  await relabel(engine, [
    { source: paths.etc, label: sharedLabel(label) },
    ...(record.overMounts?.length ? [{ source: paths.overMounts, label }] : []),
    ...relabellings(record.mounts, label),
    ...sharedTrees(mounts, label),
  ])
}

/** Labels trees, by descriptors and through no link. */
export async function relabel(
  { native }: Pick<EngineContext, 'native'>,
  trees: readonly Relabelling[],
): Promise<void> {
  const outside = trees.flatMap(({ source, label }, slot): OutsideOp[] => [
    { op: 'open', slot, path: source, kind: 'path' },
    { op: 'relabel', slot, path: '/', label },
  ])
  if (outside.length > 0) await native.run({ outside })
}
